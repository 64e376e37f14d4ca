"""The ticket page: the matter, the conversation, the two forms, and the panel beside them."""

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.date_inputs import day_typed
from otklik.core.fast_reads import AnyOf, fast_read
from otklik.core.idempotency import new_nonce
from otklik.desks.access import agents_of
from otklik.desks.models import Desk
from otklik.desks.texts import name_of
from otklik.mail.dkim_check import senders_are_checked
from otklik.mail.models import AddressTrouble
from otklik.people.models import Person
from otklik.tickets.access import messages_for_staff
from otklik.tickets.answers.display import AnswerLine, answer_lines
from otklik.tickets.approvals import approvals_of
from otklik.tickets.attachments import load_attachments, with_files_known
from otklik.tickets.impersonation import with_staff
from otklik.tickets.models import Approval, Message, Participant, Rating, Ticket
from otklik.tickets.ratings import rating_of
from otklik.tickets.timeline import whole_timeline
from otklik.ui.addresses import address_of
from otklik.ui.conversation_paging import FULL_LOAD_LIMIT, NEWEST, IsPinned, Window, is_read, load_messages
from otklik.workspace.desk_context import Standing
from otklik.workspace.pages.conversation import Entry, channel_words, entries_of, fresh_messages, never_folded
from otklik.workspace.pages.links import Linked, linked_lines
from otklik.workspace.pages.reply_recipients import Reach, approvers_who_asked, reach_of
from otklik.workspace.pages.ticket_people import Beside, on_ticket
from otklik.workspace.queries import related_tickets
from otklik.workspace.reply_choice import LastReply

OTHERS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Link:
    """Another ticket as a line."""

    key: str
    url: str
    subject: str
    status: str
    category: str


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry of a select."""

    id: str
    name: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Move:
    """A transition that is possible now."""

    id: int
    name: str
    target: str
    target_id: int
    category: str


@dataclass(frozen=True, slots=True)
class Steps:
    """A ticket's status, its possible transitions, and the resolution of a closed one."""

    status: str
    category: str
    moves: list[Move]
    resolution_id: int
    resolutions: list[Choice]

    def towards(self, status: int | None) -> int | None:
        """Return the id of the transition that leads to this status, None if there is none."""
        return next((move.id for move in self.moves if move.target_id == status), None)


@dataclass(frozen=True, slots=True)
class Work:
    """Assignee, priority, due date and labels of a ticket."""

    assignee_id: str
    mine: bool
    assignees: list[Choice]
    priority_id: int
    priorities: list[Choice]
    due: date | None
    due_typed: str
    overdue: bool
    labels: str


@dataclass(frozen=True, slots=True)
class OnTicket:
    """A participant. `remove_url`: "" for the requester; `added`: who added them, and how."""

    name: str
    address: str
    muted: bool
    requester: bool
    remove_url: str
    added: str
    person_id: int


@dataclass(frozen=True, slots=True)
class RequesterCard:
    """The requester with addresses, phones and other open tickets."""

    name: str
    address: str
    phones: list[str]
    others: list[Link]
    more_url: str


@dataclass(frozen=True, slots=True)
class TicketPage:
    """Everything the template prints. `version`, `seen`, `nonce` are hidden fields of the forms."""

    key: str
    url: str
    subject: str
    desk_key: str
    desk_name: str
    status: str
    status_id: int
    category: str
    unverified: bool
    undelivered: bool
    channel: str
    type_name: str
    type_icon: str
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    answers: list[AnswerLine]
    requester: RequesterCard | None
    entries: list[Entry]
    message_count: int
    held_count: int
    last_message_id: int
    steps: Steps
    work: Work
    created_by: str
    participants: list[OnTicket]
    reach: Reach
    refusing: dict[str, AddressTrouble]
    links: list[Linked]
    portal_url: str
    news_url: str
    version: int
    seen: int
    last_event: tuple[int, datetime | None]
    nonce: str
    rating: Rating | None
    approvals: list[Approval]
    approval_pending: bool
    movable: bool
    beside: Beside
    last_reply: LastReply


def ticket_page(
    *, stands: Standing, ticket: Ticket, fresh_after: int | None = None, window: Window = NEWEST
) -> TicketPage:
    """Return the page of a ticket loaded by `tickets.access.ticket_at`. The number of queries is constant.

    `fresh_after`: id of the last event on the agent's former page; what came later is marked. `window`: which messages
    are rendered.
    """
    person, events = stands.person, whole_timeline(ticket)
    agents = _agents(desk=ticket.desk_id)
    is_pinned = never_folded(fresh_messages(events, fresh_after, person))
    read = _conversation(ticket, is_pinned, window)
    load_attachments([message for message in read if is_read(message)])
    entries = entries_of(ticket, read, events, fresh_after, person, window=window)
    around = on_ticket(ticket, person, timezone.now())
    people, phones, troubled = around.people, around.phones, around.refusing
    others, linked = _others_and_linked(stands, ticket)
    kind, approvals = ticket.request_type, approvals_of(ticket) if around.beside.approvals else []
    return TicketPage(
        key=ticket.key,
        url=address_of("workspace:ticket", ticket.key),
        subject=ticket.subject,
        desk_key=ticket.desk.key,
        desk_name=ticket.desk.name,
        status=name_of(ticket.status),
        status_id=ticket.status_id,
        category=ticket.status.category,
        unverified=ticket.sender_unverified and senders_are_checked(),
        undelivered=ticket.undelivered_at is not None,
        channel=channel_words(ticket.channel),
        type_name=name_of(kind) if kind else "",
        type_icon=kind.icon if kind else "",
        created_at=ticket.created_at,
        updated_at=ticket.updated_at,
        closed_at=ticket.closed_at,
        requester=_requester(ticket, others, phones),
        answers=answer_lines(ticket, for_staff=True),
        entries=entries,
        message_count=len(read),
        held_count=sum(message.held for message in read),
        last_message_id=read[-1].pk if read else 0,
        steps=_steps(stands, ticket),
        work=_work(stands, ticket, agents),
        created_by=ticket.created_by.staff_name
        if ticket.created_by is not None and ticket.created_by_id != ticket.requester_id
        else "",
        participants=[_on_ticket(ticket, link) for link in people],
        reach=reach_of(
            ticket,
            person,
            people,
            phones=phones,
            refusing=troubled,
            returned=around.returned,
            approvers=approvers_who_asked(approvals, read),
        ),
        refusing=troubled,
        links=linked,
        portal_url=f"/servicedesk/customer/portal/{ticket.desk_id}/{ticket.key}",
        news_url=address_of("workspace:news", ticket.key),
        version=ticket.version,
        seen=events[-1].id if events else 0,
        last_event=(events[-1].id, events[-1].at) if events else (0, None),
        nonce=new_nonce(),
        approvals=approvals,
        movable=len(stands.desks) > 1,
        beside=around.beside,
        last_reply=around.last_reply,
        approval_pending=any(approval.state == Approval.State.PENDING for approval in approvals),
        rating=rating_of(ticket) if ticket.closed_at is not None else None,
    )


def link_of(ticket: Ticket) -> Link:
    """Return the line of a ticket that was loaded with its status."""
    url = address_of("workspace:ticket", ticket.key)
    return Link(ticket.key, url, ticket.subject, name_of(ticket.status), ticket.status.category)


@fast_read("desk")
def _agents(*, desk: int) -> QuerySet[Person]:
    return agents_of(Desk(pk=desk)).only("name", "email")


def _conversation(ticket: Ticket, is_pinned: IsPinned, window: Window) -> list[Message]:
    """Return all messages; those of a very long conversation with texts only where they may be shown."""
    of = {"ticket": ticket.pk, "desk": ticket.desk_id}
    return load_messages(
        _newest(**of),
        lambda: _outline(ticket=ticket.pk),
        lambda ids: _some(**of, ids=ids),
        lambda _every: is_pinned,
        window,
    )


@fast_read("ticket", "desk")
def _newest(*, ticket: int, desk: int) -> QuerySet[Message]:
    return _messages(Ticket(pk=ticket, desk_id=desk)).order_by("-created_at", "-id")[: FULL_LOAD_LIMIT + 1]


@fast_read("ticket", "desk", "ids")
def _some(*, ticket: int, desk: int, ids: list[int]) -> QuerySet[Message]:
    return _messages(Ticket(pk=ticket, desk_id=desk)).filter(AnyOf("id", ids))


@fast_read("ticket")
def _outline(*, ticket: int) -> QuerySet[Message]:
    """Return the columns of messages that are not shown."""
    return messages_for_staff(Ticket(pk=ticket)).only("id", "ticket", "opening", "held", "side", "created_at")


def _messages(of: Ticket) -> QuerySet[Message]:
    """Messages with author, From address, receiving desk, and the recipient of a forward."""
    messages = messages_for_staff(of).select_related("author")
    messages = messages.annotate(from_address=F("inbound__from_address"), forwarded_to=F("forward__address"))
    messages = messages.annotate(taken_at=F("inbound__mailbox__channel__desk"))
    return with_staff(with_files_known(messages), of)


def _others_and_linked(stands: Standing, ticket: Ticket) -> tuple[list[Link], list[Linked]]:
    every = related_tickets(stands, ticket, OTHERS_SHOWN + 1)
    others = [
        Link(
            neighbour.key,
            address_of("workspace:ticket", neighbour.key),
            neighbour.subject,
            neighbour.status,
            neighbour.category,
        )
        for neighbour in every
        if not neighbour.link_id
    ]
    return others, linked_lines(ticket.key, (neighbour for neighbour in every if neighbour.link_id))


def _requester(ticket: Ticket, others: list[Link], phones: dict[int, list[str]]) -> RequesterCard | None:
    who = ticket.requester
    if who is None:
        return None
    asked = urlencode({"q": who.email or who.name})
    more = f"{address_of('workspace:go')}?{asked}" if len(others) > OTHERS_SHOWN else ""
    return RequesterCard(
        name=who.staff_name,
        address=who.email or "",
        phones=phones.get(who.pk, []),
        others=others[:OTHERS_SHOWN],
        more_url=more,
    )


def _steps(stands: Standing, ticket: Ticket) -> Steps:
    return Steps(
        status=name_of(ticket.status),
        category=ticket.status.category,
        moves=_moves(stands, ticket),
        resolution_id=ticket.resolution_id or 0,
        resolutions=_resolutions(stands, ticket),
    )


def _work(stands: Standing, ticket: Ticket, agents: list[Person]) -> Work:
    return Work(
        assignee_id=str(ticket.assignee_id or ""),
        mine=ticket.assignee_id == stands.person.pk,
        assignees=_assignees(ticket, agents),
        priority_id=ticket.priority_id,
        priorities=[
            Choice(str(priority.id), priority.label, priority.id == ticket.priority_id)
            for priority in stands.parts[ticket.desk_id].priorities
        ],
        due=ticket.due,
        due_typed=day_typed(ticket.due) if ticket.due else "",
        overdue=ticket.due is not None and ticket.closed_at is None and ticket.due < timezone.localdate(),
        labels=" ".join(ticket.labels),
    )


def _moves(stands: Standing, ticket: Ticket) -> list[Move]:
    return [
        Move(
            id=move.id,
            name=move.label,
            target=target.label,
            target_id=target.id,
            category=target.category,
        )
        for move, target in stands.parts[ticket.desk_id].agents_moves(ticket.status_id)
    ]


def _assignees(ticket: Ticket, agents: list[Person]) -> list[Choice]:
    known = {agent.pk: agent for agent in agents}
    if ticket.assignee is not None:
        known.setdefault(ticket.assignee.pk, ticket.assignee)
    return [Choice(str(key), agent.display_name, key == ticket.assignee_id) for key, agent in known.items()]


def _resolutions(stands: Standing, ticket: Ticket) -> list[Choice]:
    """Return the resolutions in use and the ticket's own; none for an open ticket."""
    if ticket.closed_at is None:
        return []
    rows = [
        resolution
        for resolution in stands.parts[ticket.desk_id].resolutions
        if not resolution.archived or resolution.id == ticket.resolution_id
    ]
    return [Choice(str(resolution.id), resolution.label, resolution.id == ticket.resolution_id) for resolution in rows]


def _on_ticket(ticket: Ticket, link: Participant) -> OnTicket:
    requester = link.person_id == ticket.requester_id
    remove = "" if requester else address_of("workspace:remove_participant", ticket.key, link.person_id)
    return OnTicket(
        link.person.staff_name, link.person.email or "", link.muted, requester, remove, _added(link), link.person_id
    )


def _added(link: Participant) -> str:
    if link.added_by is None:
        return ""
    origin = _("%(name)s named them in a mail") if link.named_in_id else _("added by %(name)s")
    return origin % {"name": link.added_by.staff_name}
