"""Queries over a desk's outbox. Every function starts from the desk."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from otklik.core.fast_reads import AnyOf, fast_read
from otklik.desks.models import Desk
from otklik.mail.models import AddressTrouble, OutboundMail
from otklik.mail.queries import OwnTrouble, own_trouble
from otklik.tickets.models import PendingReply
from otklik.workspace.ledger import mailboxes_of

PER_PAGE = 50
_UNSENT = [state for state in OutboundMail.State.values if state != OutboundMail.State.SENT]


@dataclass(frozen=True, slots=True)
class OutSlice:
    """A page of sent mails, newest first; `newer`, `older`: whether there are more on either side."""

    rows: list[OutboundMail]
    newer: bool
    older: bool


def outgoing_of(desk: Desk) -> QuerySet[OutboundMail]:
    """Return every outgoing mail of the desk, without its text."""
    return OutboundMail.objects.filter(desk_id=desk.pk).defer("text", "html", "references")


def unsent_numbers(desk: Desk) -> dict[str, int]:
    """Count the desk's mails by state, without sent ones. One indexed query."""
    rows = OutboundMail.objects.filter(desk_id=desk.pk, state__in=_UNSENT).exclude(state=OutboundMail.State.SENT)
    return {counts["state"]: counts["n"] for counts in rows.values("state").annotate(n=Count("id")).order_by()}


def own_trouble_of(desk: Desk) -> OwnTrouble:
    """Return the problems that mail servers report about this desk's mail."""
    return own_trouble(mailboxes_of(desk))


def held_replies(desk: Desk) -> list[PendingReply]:
    """Return up to 100 pending replies of the desk, scheduled or stopped, the next first."""
    waiting = [PendingReply.State.WAITING, PendingReply.State.STOPPED]
    rows = PendingReply.objects.filter(ticket__desk=desk, state__in=waiting).select_related("ticket", "author")
    return list(rows.order_by("due_at", "id")[:100])


def narrowed_out(mails: QuerySet[OutboundMail], wanted: Mapping[str, Any]) -> QuerySet[OutboundMail]:
    """Return the mails that match all fields of a cleaned `forms.outbox.OutboxFilter`."""
    if state := wanted.get("state"):
        mails = mails.filter(state=state)
    if text := wanted.get("text"):
        condition = Q(recipient__icontains=text) | Q(subject__icontains=text) | Q(ticket_key__iexact=text)
        mails = mails.filter(condition)
    return mails


def slice_out(mails: QuerySet[OutboundMail], *, older: int = 0, newer: int = 0) -> OutSlice:
    """Return up to PER_PAGE mails: the newest, those before the mail `older`, or those after `newer` (mail ids)."""
    if newer:
        rows = list(mails.filter(id__gt=newer).order_by("id")[: PER_PAGE + 1])
        return OutSlice(rows[:PER_PAGE][::-1], len(rows) > PER_PAGE, True)
    rows = list((mails.filter(id__lt=older) if older else mails).order_by("-id")[: PER_PAGE + 1])
    return OutSlice(rows[:PER_PAGE], bool(older), len(rows) > PER_PAGE)


def troubles_among(addresses: Iterable[str]) -> dict[str, AddressTrouble]:
    """Return the troubles of those addresses that refused our mail and get none now, by address. One query."""
    return {trouble.address: trouble for trouble in _troubles(addresses=list(addresses))}


@fast_read("addresses")
def _troubles(*, addresses: list[str]) -> QuerySet[AddressTrouble]:
    return AddressTrouble.objects.filter(AnyOf("address", addresses)).exclude(stopped_at=None)
