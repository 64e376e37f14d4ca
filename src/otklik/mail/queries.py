"""The ledger and the outbox in numbers."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Sum

from otklik.mail.models import InboundMail, OutboundMail


@dataclass(frozen=True, slots=True)
class MailNumbers:
    """offered == filed + held + failed + waiting, always: each message has one row and one state."""

    offered: int
    copies: int
    filed: int
    held: int
    failed: int
    waiting: int
    oldest_waiting: datetime | None
    queued: int
    sent: int
    kept: int
    undeliverable: int
    oldest_unsent: datetime | None


def mail_numbers() -> MailNumbers:
    """One consistent look at both tables; two queries."""
    states = {
        row["state"]: row["n"]
        for row in InboundMail.objects.values("state").annotate(n=Count("id")).order_by()
    }
    total = InboundMail.objects.aggregate(copies=Sum("copies"))["copies"] or 0
    sent = {
        row["state"]: row["n"]
        for row in OutboundMail.objects.values("state").annotate(n=Count("id")).order_by()
    }
    return MailNumbers(
        offered=sum(states.values()),
        copies=total - sum(states.values()),
        filed=states.get(InboundMail.State.FILED, 0),
        held=states.get(InboundMail.State.HELD, 0),
        failed=states.get(InboundMail.State.FAILED, 0),
        waiting=states.get(InboundMail.State.WAITING, 0),
        oldest_waiting=oldest_waiting(),
        queued=sent.get(OutboundMail.State.QUEUED, 0),
        sent=sent.get(OutboundMail.State.SENT, 0),
        kept=sent.get(OutboundMail.State.KEPT, 0),
        undeliverable=sent.get(OutboundMail.State.FAILED, 0),
        oldest_unsent=oldest_unsent(),
    )


def oldest_waiting() -> datetime | None:
    """When the oldest mail came that nobody has processed yet."""
    waiting = InboundMail.objects.filter(state=InboundMail.State.WAITING)
    at: datetime | None = waiting.aggregate(at=Min("received_at"))["at"]
    return at


def oldest_unsent() -> datetime | None:
    """When the oldest mail was written that is not sent yet."""
    queued = OutboundMail.objects.filter(state=OutboundMail.State.QUEUED)
    at: datetime | None = queued.aggregate(at=Min("created_at"))["at"]
    return at
