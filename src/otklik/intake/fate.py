"""Record what became of a mail in the ledger."""

from collections.abc import Sequence
from datetime import datetime

from otklik.core.bulk_update import update_rows
from otklik.mail.models import InboundMail
from otklik.mail.parse import ParsedMail
from otklik.mail.secret_scan import blanked
from otklik.tickets.models import Ticket

_READ = ("from_address", "from_name", "subject", "message_id")
_FATE = ("state", "fate", "reason", "settled_at", "level", "rule", "silent", "ticket_id", "ticket_key")


def note(mail: InboundMail, parsed: ParsedMail) -> None:
    """Take over what the ledger shows of a mail. Saves nothing yet."""
    mail.from_address = (parsed.from_address or parsed.from_claim)[:320]
    mail.from_name, mail.subject = blanked(parsed.from_name)[:300], blanked(parsed.subject)[:300]
    mail.message_id = parsed.message_id[:998]


def settle(mail: InboundMail, *, state: str, fate: str, reason: str, ticket: Ticket | None, at: datetime) -> None:
    """Give the mail its fate. Belongs into the transaction of what was done with it."""
    give_fate(mail, state=state, fate=fate, reason=reason, ticket=ticket, at=at)
    settle_all([mail])


def give_fate(mail: InboundMail, *, state: str, fate: str, reason: str, ticket: Ticket | None, at: datetime) -> None:
    """The same for one of many; `settle_all` saves it."""
    mail.state, mail.fate, mail.reason, mail.settled_at = state, fate, reason, at
    if ticket is not None:
        mail.ticket_id, mail.ticket_key = ticket.pk, ticket.key


def settle_all(mails: Sequence[InboundMail]) -> None:
    """Save the fates of mails, by one statement for all."""
    update_rows(mails, *_READ, *_FATE)
