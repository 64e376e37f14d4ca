"""Queries over a desk's mail ledger. Every function starts from the desk's own mailboxes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from otklik.desks.models import Desk
from otklik.journal.models import Event
from otklik.mail.models import InboundMail, Mailbox, OutboundMail, SenderRule
from otklik.mail.queries import MailNumbers, for_a_person, mail_numbers
from otklik.tickets.events import about_message
from otklik.tickets.models import Message

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Slice:
    """A page of received mails, newest first; `newer`, `older`: whether there are more on either side."""

    rows: list[InboundMail]
    newer: bool
    older: bool


def mailboxes_of(desk: Desk) -> QuerySet[Mailbox]:
    """Return the mailboxes of the desk's channels."""
    return Mailbox.objects.filter(channel__desk=desk).order_by("id")


def mails_of(desk: Desk) -> QuerySet[InboundMail]:
    """Return every mail ever received for the desk, without the raw bytes."""
    return InboundMail.objects.filter(mailbox__in=list(mailboxes_of(desk))).defer("raw", "error")


def numbers_of(desk: Desk) -> MailNumbers:
    """Return the counts of the desk's ledger and outbox."""
    return mail_numbers(mailboxes_of(desk))


def narrowed(mails: QuerySet[InboundMail], wanted: Mapping[str, Any]) -> QuerySet[InboundMail]:
    """Return the mails that match all fields of a cleaned `forms.ledger.LedgerFilter`."""
    if wanted.get("person"):
        mails = mails.filter(for_a_person())
    if fate := wanted.get("fate"):
        mails = mails.filter(state=fate) if fate in InboundMail.State.values else mails.filter(fate=fate)
    if level := wanted.get("level"):
        mails = mails.filter(level=level)
    if sender := wanted.get("sender"):
        mails = mails.filter(Q(from_address__icontains=sender) | Q(from_name__icontains=sender))
    if text := wanted.get("text"):
        mails = mails.filter(subject__icontains=text)
    if since := wanted.get("since"):
        mails = mails.filter(received_at__gte=since)
    if until := wanted.get("until"):
        mails = mails.filter(received_at__lt=until)
    return mails


def slice_of(mails: QuerySet[InboundMail], *, older: int = 0, newer: int = 0) -> Slice:
    """Return up to PER_PAGE mails: the newest, those before the mail `older`, or those after `newer` (mail ids)."""
    edge = mails.model.objects.filter(pk=older or newer).values_list("received_at", "id").first()
    if edge is None:
        rows = list(mails.order_by("-received_at", "-id")[: PER_PAGE + 1])
        return Slice(rows[:PER_PAGE], False, len(rows) > PER_PAGE)
    at, pk = edge
    if older:
        beyond = mails.filter(Q(received_at__lt=at) | Q(received_at=at, id__lt=pk))
        rows = list(beyond.order_by("-received_at", "-id")[: PER_PAGE + 1])
        return Slice(rows[:PER_PAGE], True, len(rows) > PER_PAGE)
    beyond = mails.filter(Q(received_at__gt=at) | Q(received_at=at, id__gt=pk))
    rows = list(beyond.order_by("received_at", "id")[: PER_PAGE + 1])
    return Slice(rows[:PER_PAGE][::-1], len(rows) > PER_PAGE, True)


def message_of(mail: InboundMail) -> Message | None:
    """Return the message that was made from a received mail, None if there is none."""
    return Message.objects.filter(inbound=mail).select_related("ticket").first()


def sent_because_of(message: Message | None) -> list[OutboundMail]:
    """Return up to 100 mails that were sent because this message arrived or was released, oldest first."""
    if message is None:
        return []
    events = Event.objects.filter(about_message(message.pk), subject_id=message.ticket_id)
    causes = Q(pk__in=[])
    for pk in events.values_list("pk", flat=True):
        causes |= Q(cause__startswith=f"event:{pk} ")
    mails = OutboundMail.objects.filter(ticket_id=message.ticket_id).filter(causes)
    return list(mails.defer("text", "html").order_by("id")[:100])


def acts_on(mail: InboundMail) -> list[Event]:
    """Return the events of people's actions on the mail, oldest first."""
    return list(Event.objects.filter(subject_kind="mail", subject_id=mail.pk).order_by("id"))


def rules_of(desk: Desk) -> list[SenderRule]:
    """Return the desk's sender rules by pattern; a rule for several mailboxes is listed once."""
    rules = SenderRule.objects.filter(mailbox__in=list(mailboxes_of(desk))).order_by("pattern", "id")
    return list({rule.pattern: rule for rule in rules}.values())
