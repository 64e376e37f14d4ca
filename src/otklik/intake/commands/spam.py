"""Mark a mail as spam, and undo that."""

from datetime import datetime

from otklik.desks.models import Status
from otklik.intake.commands.base import Case, UnableToAct, case_of, tell_mail
from otklik.intake.events import MarkedSpam, UnmarkedSpam
from otklik.intake.mail_outcome import settle
from otklik.intake.refusals import IntakeRefusal
from otklik.journal.models import Event
from otklik.mail.models import InboundMail
from otklik.mail.reasons import because
from otklik.people.actor import Actor
from otklik.tickets import note_texts
from otklik.tickets.commands.inbound_placement import require_alone, shelve, unshelve

State, Fate = InboundMail.State, InboundMail.Fate


def mark_spam(*, actor: Actor, at: datetime, mail: InboundMail) -> None:
    """Mark the mail as spam, and close a ticket that it opened, quietly, with an internal note.

    Deletes nothing and notifies nobody. Raises UnableToAct if it is part of a conversation; UnableToChange if others
    have written on its ticket.
    """
    with case_of(actor, mail) as case:
        mail, message = case.mail, case.message
        if mail.fate == Fate.SPAM:
            raise UnableToAct(IntakeRefusal.SPAM_ALREADY)
        status = 0
        if message is not None:
            if not message.opening:
                raise UnableToAct(IntakeRefusal.PART_OF_REQUEST, key=message.ticket.key)
            require_alone(message)
            status = message.ticket.status_id
            shelve(actor=actor, at=at, ticket=message.ticket, note=note_texts.spam())
        told = MarkedSpam(state=mail.state, fate=mail.fate, reason=mail.reason, status=status)
        reason = because("marked_spam", actor.name)
        settle(mail, state=State.FILED, fate=Fate.SPAM, reason=reason, ticket=None, at=at)
        tell_mail(case, told, actor, at)


def unmark_spam(*, actor: Actor, at: datetime, mail: InboundMail) -> None:
    """Restore the state before `mark_spam`. Raises UnableToAct if the mail is not marked."""
    with case_of(actor, mail) as case:
        if case.mail.fate != Fate.SPAM:
            raise UnableToAct(IntakeRefusal.NOT_SPAM)
        before = _before(case)
        if case.message is not None:
            status = Status.objects.filter(desk=case.desk, pk=before.status).first()
            unshelve(actor=actor, at=at, ticket=case.message.ticket, status=status)
        settle(case.mail, state=before.state, fate=before.fate, reason=before.reason, ticket=None, at=at)
        tell_mail(case, UnmarkedSpam(state=before.state, fate=before.fate), actor, at)


def _before(case: Case) -> MarkedSpam:
    marked = Event.objects.filter(MarkedSpam.where(), subject_kind="mail", subject_id=case.mail.pk)
    event = marked.order_by("-id").first()
    if event is not None and isinstance(event.typed, MarkedSpam):
        return event.typed
    return MarkedSpam(state=State.HELD, fate=Fate.OWN, reason="", status=0)
