"""Mark a mail of the ledger as needing no action."""

from datetime import datetime

from otklik.intake.commands.base import UnableToAct, case_of, tell_mail
from otklik.intake.events import MailDone
from otklik.intake.mail_outcome import settle
from otklik.intake.refusals import IntakeRefusal
from otklik.mail.models import InboundMail
from otklik.mail.reasons import because
from otklik.people.actor import Actor

State, Fate = InboundMail.State, InboundMail.Fate
NOTE_LENGTH = 500


def see_to(*, actor: Actor, at: datetime, mail: InboundMail, note: str = "") -> None:
    """Dismiss a held or failed mail: it no longer waits for a person, but stays in the ledger.

    `note`: a reason for colleagues. A message held inside a ticket can still be admitted; a ticket with an unreadable
    mail stays as it is. Raises UnableToAct if the mail is filed already.
    """
    with case_of(actor, mail) as case:
        mail = case.mail
        if mail.state not in {State.HELD, State.FAILED}:
            raise UnableToAct(IntakeRefusal.FILED_ALREADY)
        line = " ".join(note.split())[:NOTE_LENGTH]
        told = MailDone(note=line, state=mail.state, fate=mail.fate, reason=mail.reason)
        reason = " ".join(filter(None, [mail.reason, because("done", actor.name), line]))
        settle(mail, state=State.FILED, fate=Fate.DONE, reason=reason, ticket=None, at=at)
        tell_mail(case, told, actor, at)
