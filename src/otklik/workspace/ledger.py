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
    """Rows, the newest first, and whether there are newer and older ones beyond them."""

    rows: list[InboundMail]
    newer: bool
    older: bool


def mailboxes_of(desk: Desk) -> QuerySet[Mailbox]:
    """The mailboxes whose mail is this desk's."""
    return Mailbox.objects.filter(channel__desk=desk).order_by("id")


def mails_of(desk: Desk) -> QuerySet[InboundMail]:
    """Every mail ever offered to the desk, without its bytes."""
    return InboundMail.objects.filter(mailbox__in=list(mailboxes_of(desk))).defer("raw", "error")


def numbers_of(desk: Desk) -> MailNumbers:
    """The desk's ledger and outbox in numbers."""
    return mail_numbers(mailboxes_of(desk))


def narrowed(mails: QuerySet[InboundMail], wanted: Mapping[str, Any]) -> QuerySet[InboundMail]:
    """The mails that meet all of `forms.ledger.LedgerFilter`'s cleaned words."""
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
    """Fifty rows: the newest, those older than the mail `older`, or those newer than `newer` (ids of shown rows)."""
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
    """The message that was made from a received mail, None if there is none."""
    return Message.objects.filter(inbound=mail).select_related("ticket").first()


def sent_because_of(message: Message | None) -> list[OutboundMail]:
    """The mails that were written when this message came or was let in."""
    if message is None:
        return []
    events = Event.objects.filter(about_message(message.pk), subject_id=message.ticket_id)
    causes = Q(pk__in=[])
    for pk in events.values_list("pk", flat=True):
        causes |= Q(cause__startswith=f"event:{pk} ")
    mails = OutboundMail.objects.filter(ticket_id=message.ticket_id).filter(causes)
    return list(mails.defer("text", "html").order_by("id")[:100])


def acts_on(mail: InboundMail) -> list[Event]:
    """What people did with the mail, in order."""
    return list(Event.objects.filter(subject_kind="mail", subject_id=mail.pk).order_by("id"))


def rules_of(desk: Desk) -> list[SenderRule]:
    """The desk's decisions about senders, each once however many mailboxes it has."""
    rules = SenderRule.objects.filter(mailbox__in=list(mailboxes_of(desk))).order_by("pattern", "id")
    return list({rule.pattern: rule for rule in rules}.values())
