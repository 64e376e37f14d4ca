"""Say that a mail is spam, and take that back."""

from datetime import datetime

from django.utils.translation import gettext as _

from otklik.desks.models import Status
from otklik.intake.commands.base import Case, UnableToAct, case_of, tell_mail
from otklik.intake.fate import settle
from otklik.journal.models import Event
from otklik.mail.models import InboundMail
from otklik.mail.reasons import because
from otklik.people.actor import Actor
from otklik.tickets.commands.mailed import require_alone, shelve, unshelve

State, Fate = InboundMail.State, InboundMail.Fate
_MARKED = "mail.spam"


def mark_spam(*, actor: Actor, at: datetime, mail: InboundMail) -> None:
    """The mail is spam: filed as such, and a request that it opened is closed quietly with an internal note.

    Nothing is deleted and nobody is told. Raises UnableToAct when it is part of a conversation; UnableToChange when
    others have written on its request.
    """
    with case_of(actor, mail) as case:
        row, message = case.mail, case.message
        if row.fate == Fate.SPAM:
            raise UnableToAct(_("The mail is marked as spam already."))
        before = {"state": row.state, "fate": row.fate, "reason": row.reason, "status": 0}
        if message is not None:
            if not message.opening:
                words = _("The mail is part of %(key)s: make a request of it first.")
                raise UnableToAct(words % {"key": message.ticket.key})
            require_alone(message)
            before["status"] = message.ticket.status_id
            shelve(actor=actor, at=at, ticket=message.ticket, note=_("Spam"))
        reason = because("marked_spam", actor.name)
        settle(row, state=State.FILED, fate=Fate.SPAM, reason=reason, ticket=None, at=at)
        tell_mail(case, _MARKED, actor, at, **before)


def unmark_spam(*, actor: Actor, at: datetime, mail: InboundMail) -> None:
    """Everything as before the mail was marked as spam. Raises UnableToAct when it is not."""
    with case_of(actor, mail) as case:
        if case.mail.fate != Fate.SPAM:
            raise UnableToAct(_("The mail is not marked as spam."))
        before = _before(case)
        if case.message is not None:
            status = Status.objects.filter(desk=case.desk, pk=int(str(before.get("status", 0)))).first()
            unshelve(actor=actor, at=at, ticket=case.message.ticket, status=status)
        state, fate = str(before.get("state", State.HELD)), str(before.get("fate", Fate.OWN))
        settle(case.mail, state=state, fate=fate, reason=str(before.get("reason", "")), ticket=None, at=at)
        tell_mail(case, "mail.not_spam", actor, at, state=state, fate=fate)


def _before(case: Case) -> dict[str, object]:
    marked = Event.objects.filter(subject_kind="mail", subject_id=case.mail.pk, kind=_MARKED).order_by("-id").first()
    return dict(marked.data) if marked else {}
