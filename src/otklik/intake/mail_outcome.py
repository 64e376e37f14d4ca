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


def copy_headers(mail: InboundMail, parsed: ParsedMail) -> None:
    """Copy the headers that the ledger shows, without saving."""
    mail.from_address = (parsed.from_address or parsed.from_claim)[:320]
    mail.from_name, mail.subject = blanked(parsed.from_name)[:300], blanked(parsed.subject)[:300]
    mail.message_id = parsed.message_id[:998]


def settle(mail: InboundMail, *, state: str, fate: str, reason: str, ticket: Ticket | None, at: datetime) -> None:
    """Set and save the mail's outcome. Call it in the transaction that did the work."""
    set_outcome(mail, state=state, fate=fate, reason=reason, ticket=ticket, at=at)
    save_outcomes([mail])


def set_outcome(mail: InboundMail, *, state: str, fate: str, reason: str, ticket: Ticket | None, at: datetime) -> None:
    """Set the outcome without saving it; `save_outcomes` saves many at once."""
    mail.state, mail.fate, mail.reason, mail.settled_at = state, fate, reason, at
    if ticket is not None:
        mail.ticket_id, mail.ticket_key = ticket.pk, ticket.key


def save_outcomes(mails: Sequence[InboundMail]) -> None:
    """Save the outcomes of mails in one statement."""
    update_rows(mails, *_READ, *_FATE)
