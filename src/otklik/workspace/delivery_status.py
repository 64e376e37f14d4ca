"""Delivery status of each public message by recipient, for the ticket page, in two queries."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from otklik.core.fast_reads import fast_read
from otklik.mail.models import AddressTrouble, OutboundMail
from otklik.tickets.models import Ticket
from otklik.ui.addresses import address_of
from otklik.workspace.outbox import troubles_among
from otklik.workspace.pages.conversation import Entry, MessageEntry

State = OutboundMail.State
_MOST = 500
_SHOWN = (
    "id", "about", "recipient", "state", "answer", "created_at", "sent_at", "retry_at", "attempts", "delayed_by",
    "desk_id",
)  # fmt: skip
_OURS = {OutboundMail.Delay.RELAY, OutboundMail.Delay.POLICY, OutboundMail.Delay.SOME}


@dataclass(frozen=True, slots=True)
class Delivery:
    """One mail about a message, as a line: «anna@clinic.test — доставлено серверу 14:25».

    `words`: the state; `bad`: whether it needs attention; `url`: the mail in the outbox, "" if it was sent by another
    desk.
    """

    recipient: str
    words: str
    at: datetime | None
    icon: str
    bad: bool
    url: str


def mails_of(ticket: Ticket) -> list[OutboundMail]:
    """Return up to _MOST mails about messages of the ticket, oldest first, with the columns of _SHOWN. One query."""
    return _mails(ticket=ticket.pk)


@fast_read("ticket")
def _mails(*, ticket: int) -> QuerySet[OutboundMail]:
    return mail_rows(Ticket(pk=ticket)).only(*_SHOWN)


def mail_rows(ticket: Ticket) -> QuerySet[OutboundMail]:
    """Return the queryset of `mails_of`."""
    mails = OutboundMail.objects.filter(ticket_id=ticket.pk).exclude(about=None).exclude(kind="customer_replied")
    return mails.order_by("id")[:_MOST]


def with_deliveries(ticket: Ticket, entries: list[Entry], mails: Iterable[OutboundMail]) -> list[Entry]:
    """Return the entries with `sent` of each message filled from `mails`."""
    deliveries: dict[int, list[Delivery]] = {}
    for mail in mails:
        deliveries.setdefault(mail.about or 0, []).append(_delivery(ticket, mail))
    return [
        replace(entry, sent=deliveries.get(entry.id, [])) if isinstance(entry, MessageEntry) else entry
        for entry in entries
    ]


def troubles_of(addresses: Iterable[str]) -> dict[str, AddressTrouble]:
    """Return the troubles of those addresses that currently get no mail, by address."""
    return troubles_among(address for address in addresses if address)


def _delivery(ticket: Ticket, mail: OutboundMail) -> Delivery:
    state, at = _words(mail)
    icon = {State.SENT: "check", State.QUEUED: "clock", State.KEPT: "archive"}.get(State(mail.state), "alert-triangle")
    bad = mail.state in {State.FAILED, State.STOPPED, State.RESTORED} or (
        mail.state == State.QUEUED and mail.attempts > 0
    )
    # Mail sent before the ticket was moved is in the outbox of its former desk.
    sent_here = mail.desk_id == ticket.desk_id
    url = address_of("workspace:outbox_mail", ticket.desk.key, mail.pk) if sent_here else ""
    return Delivery(mail.recipient, state, at, icon, bad, url)


def _words(mail: OutboundMail) -> tuple[str, datetime | None]:
    match mail.state:
        case State.SENT:
            return _("delivered to the server"), mail.sent_at
        case State.QUEUED if mail.delayed_by in _OURS:
            return _("not sent yet: the mail server refuses the desk's mail; next try:"), mail.retry_at
        case State.QUEUED if mail.attempts:
            return _("not sent yet, next try:"), mail.retry_at
        case State.QUEUED:
            return _("waits to be sent"), None
        case State.FAILED:
            return _("error: %(words)s") % {"words": mail.answer[:160]}, None
        case State.STOPPED:
            return _("not sent: the address takes no mail"), None
        case State.CANCELLED:
            return _("cancelled"), None
        case State.RESTORED:
            return _("held: from a restored backup"), None
    return _("kept: no mail server is set up"), None
