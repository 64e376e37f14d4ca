"""Process a received mail again."""

from datetime import datetime

from otklik.core.notify_channel import wake
from otklik.intake.commands.base import UnableToAct, case_of, tell_mail, understood
from otklik.intake.events import MailRunAgain
from otklik.intake.refusals import IntakeRefusal
from otklik.mail.inbox import TOPIC
from otklik.mail.models import InboundMail
from otklik.people.actor import Actor
from otklik.tickets.commands.inbound_placement import release_message

State, Fate = InboundMail.State, InboundMail.Fate


def run_again(*, actor: Actor, at: datetime, mail: InboundMail) -> None:
    """Put a held or failed mail back into the queue, as if it had just arrived.

    What it had become (a held message, a ticket with the original) is removed first, so that it never becomes two
    messages. A mail that is still unreadable stays where it is. Raises UnableToAct, UnableToChange.
    """
    with case_of(actor, mail) as case:
        mail = case.mail
        if mail.state not in {State.HELD, State.FAILED}:
            raise UnableToAct(IntakeRefusal.NOT_TO_RUN_AGAIN)
        understood(mail)
        if case.message is not None:
            release_message(actor=actor, at=at, message=case.message)
        tell_mail(case, MailRunAgain(state=mail.state, fate=mail.fate, key=mail.ticket_key), actor, at)
        InboundMail.objects.filter(pk=mail.pk).update(
            state=State.WAITING,
            fate=Fate.NONE,
            reason="",
            rule="",
            level="",
            silent="",
            attempts=0,
            retry_at=None,
            error="",
            settled_at=None,
            ticket_id=None,
            ticket_key="",
        )
        wake(TOPIC)
