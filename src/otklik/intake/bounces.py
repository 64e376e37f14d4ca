"""A delivery report (RFC 3464) names a mail of ours that did not arrive."""

from datetime import datetime

from otklik.desks.models import Desk
from otklik.mail.models import OutboundMail
from otklik.mail.parse import Bounce
from otklik.people.addresses import BadAddress, canonical
from otklik.tickets.models import Ticket


def mark_bounced(bounce: Bounce, desk: Desk, at: datetime) -> Ticket | None:
    """Write the report at the mail it speaks of; returns that mail's ticket.

    Only a report that quotes a Message-ID of ours (which is secret) and names that mail's recipient is believed.
    """
    mail = OutboundMail.objects.filter(message_id=f"<{bounce.original_message_id.strip('<> ')}>").first()
    if mail is None:
        return None
    failed = [row for row in bounce.recipients if _same(row.address, mail.recipient)]
    if not failed:
        return None
    words = " ".join(filter(None, [failed[0].status, failed[0].diagnostic])) or bounce.diagnostic
    mail.state, mail.answer = OutboundMail.State.FAILED, f"returned: {words}"[:2000].replace("\0", "")
    mail.save(update_fields=["state", "answer"])
    return Ticket.objects.filter(pk=mail.ticket_id or 0, desk=desk).first()


def _same(one: str, other: str) -> bool:
    try:
        return canonical(one) == other
    except BadAddress:
        return False
