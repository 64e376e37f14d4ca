"""Who is on a ticket, read together with what else there may be of it, so that nothing is asked that is not there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from otklik.core.fast_reads import AnyValue, fast_read
from otklik.desks.models import ReplyChoice
from otklik.mail.models import AddressTrouble, OutboundMail
from otklik.people.models import Person, Phone
from otklik.tickets.approvals import approval_rows
from otklik.tickets.drafts import draft_rows
from otklik.tickets.models import Participant, Seen, Ticket
from otklik.workspace.delivery_status import mail_rows, troubles_of
from otklik.workspace.pages.reply_recipients import phones_of
from otklik.workspace.pending import reply_rows
from otklik.workspace.reply_choice import LastReply

_SHOWN = (
    "muted", "named_in", "person__name", "person__email", "person__is_active", "person__activated_at",
    "person__heard_at", "person__notices", "added_by__name", "added_by__email",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Beside:
    """Whether the ticket has approvals, mails about messages, pending replies, drafts of the reader, or other agents
    who have it open.

    True also if it is unknown, so that the caller loads them.
    """

    approvals: bool = True
    mails: bool = True
    replies: bool = True
    drafts: bool = True
    others: bool = True


@dataclass(frozen=True, slots=True)
class OnIt:
    """`people`: current participants; `phones`: by person id; `refusing`: those of their addresses that get no mail;
    `returned`: those from which the last mail came back; `last_reply`: the reader's choices."""

    people: list[Participant]
    phones: dict[int, list[str]]
    refusing: dict[str, AddressTrouble]
    returned: frozenset[str]
    beside: Beside
    last_reply: LastReply


def on_ticket(ticket: Ticket, reader: Person, at: datetime) -> OnIt:
    """Return the participants and what else the page has to load.

    One statement; one more if an address refuses mail, or if the requester no longer participates.
    """
    rows: list[Any] = _participants(ticket=ticket.pk, desk=ticket.desk_id, reader=reader.pk, at=at)
    phones = {row.person_id: row.phones for row in rows if row.phones}
    if ticket.requester_id and all(row.person_id != ticket.requester_id for row in rows):
        phones |= phones_of([ticket.requester_id])
    refused = [row.person.email for row in rows if row.refused]
    returned = frozenset(row.person.email for row in rows if row.returned)
    return OnIt(rows, phones, troubles_of(refused) if refused else {}, returned, _beside(rows), _last_reply(rows))


def _beside(rows: Sequence[Any]) -> Beside:
    if not rows:
        return Beside()
    first = rows[0]
    return Beside(first.has_approvals, first.has_mails, first.has_replies, first.has_drafts, first.has_others)


def _last_reply(rows: Sequence[Any]) -> LastReply:
    return LastReply(rows[0].chosen_status, rows[0].chosen_after) if rows and rows[0].chosen_after else LastReply()


@fast_read("ticket", "desk", "reader", "at")
def _participants(*, ticket: int, desk: int, reader: int, at: datetime) -> QuerySet[Participant]:
    """Current participants with who added them; the facts of `Beside` are repeated on each row."""
    links = Participant.objects.filter(ticket=ticket, removed_at=None).select_related("person", "added_by")
    phones = Phone.objects.filter(person=OuterRef("person")).order_by("id")
    troubles = AddressTrouble.objects.filter(address=OuterRef("person__email"))
    refused, returned = troubles.exclude(stopped_at=None), troubles.filter(stopped_at=None, hard__gt=0)
    returned = returned.exclude(Exists(_taken_since()))
    of, chosen = Ticket(pk=ticket), ReplyChoice.objects.filter(person=reader, desk=desk)
    others = Seen.objects.filter(ticket=ticket, present_until__gt=AnyValue(at)).exclude(person=reader)
    return (
        links.annotate(phones=ArraySubquery(phones.values("number")), refused=Exists(refused))
        .annotate(returned=Exists(returned))
        .annotate(chosen_status=Subquery(chosen.values("status")), chosen_after=Subquery(chosen.values("after")))
        .annotate(has_approvals=Exists(approval_rows(of)), has_mails=Exists(mail_rows(of)))
        .annotate(has_replies=Exists(reply_rows(of)), has_drafts=Exists(draft_rows(Person(pk=reader), of)))
        .annotate(has_others=Exists(others))
        .only(*_SHOWN)
        .order_by("added_at", "id")
    )


def _taken_since() -> QuerySet[OutboundMail]:
    """Mails that the address of the outer AddressTrouble took after its last failure."""
    taken = OutboundMail.objects.filter(recipient=OuterRef("address"), created_at__gt=OuterRef("last_at"))
    return taken.filter(state=OutboundMail.State.SENT)
