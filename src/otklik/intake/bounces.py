"""Match delivery reports (RFC 3464) to the mail of ours that was not delivered."""

from datetime import datetime

from otklik.core.locks import lock_first
from otklik.desks.models import Desk
from otklik.mail.models import DeliveryAttempt, OutboundMail
from otklik.mail.parse import Bounce
from otklik.mail.smtp_refusals import Blame, blame_of_report
from otklik.mail.suppressed_addresses import note_refused, note_soft
from otklik.mail.verp import returned_mail
from otklik.people.addresses import BadAddress, canonical
from otklik.tickets.keys import of_desk
from otklik.tickets.models import Ticket


def mark_bounced(bounce: Bounce, desk: Desk, at: datetime, envelope_to: str = "", *, report: int = 0) -> Ticket | None:
    """Record a bounce on the outbound mail and its recipient's address; return that mail's ticket.

    `report`: id of the inbound mail. Accepted only if it was sent to that mail's return address or quotes its
    Message-ID (both are secret), and names that mail's recipient; otherwise nothing changes (RL-27). A temporary
    failure is only counted.
    """
    returned = returned_mail(envelope_to)
    mails = OutboundMail.objects
    quoted = f"<{bounce.original_message_id.strip('<> ')}>"
    mail = lock_first(mails.filter(pk=returned) if returned else mails.filter(message_id=quoted))
    if mail is None:
        return None
    failed = [
        failed_recipient for failed_recipient in bounce.recipients if _same(failed_recipient.address, mail.recipient)
    ]
    # Its own return address says which mail it is; some servers rewrite the recipient's.
    if not failed and (returned is None or bounce.recipients):
        return None
    status = (failed[0].status if failed else "") or bounce.status
    answer = " ".join(filter(None, [status, failed[0].diagnostic if failed else ""])) or bounce.diagnostic
    if status.startswith("4"):
        note_soft(mail.recipient, answer, at)
    elif mail.state != OutboundMail.State.FAILED:
        mail.state, mail.answer = OutboundMail.State.FAILED, answer[:2000].replace("\0", "")
        mail.save(update_fields=["state", "answer"])
        counts = blame_of_report(answer) == Blame.RECIPIENT
        note_refused(mail, answer, at, DeliveryAttempt.Outcome.RETURNED, counts=counts, report=report)
    return Ticket.objects.filter(of_desk(desk), pk=mail.ticket_id or 0).first()


def _same(address: str, other: str) -> bool:
    try:
        return canonical(address) == other
    except BadAddress:
        return False
