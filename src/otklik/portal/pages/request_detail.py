"""Page data for the ticket card as customers see it; staff who open it see exactly that (as_agent=False)."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.text import Truncator

from otklik.core.fast_reads import fast_read
from otklik.desks.models import Transition
from otklik.desks.texts import name_of, text_of
from otklik.people.models import Organization, Person
from otklik.portal.pages.activity import Entry, MessageEntry, activity_of
from otklik.portal.pages.approvals import ApprovalBlock, Refused, approval_blocks, awaited_names, verdict_of
from otklik.portal.pages.brand import Brand, brand_of
from otklik.portal.pages.rating import RatingBlock, rating_block
from otklik.portal.pages.status_summary import Now, now_of
from otklik.tickets.access import may_write
from otklik.tickets.answers.display import AnswerLine, answer_lines
from otklik.tickets.commands.status import customer_transitions
from otklik.tickets.drafts import Begun
from otklik.tickets.known_people import shareable_organizations
from otklik.tickets.models import Participant, SharedOrganization, Ticket
from otklik.ui.conversation_paging import NEWEST, Window

# Characters of the description among the details; the activity has all of it.
_EXCERPT = 240


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A participant. `remove_url`: "" for the requester, who stays; `since`: they read messages from then on, None:
    all."""

    name: str
    is_requester: bool
    is_reader: bool
    remove_url: str
    added_by: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class OrganizationLine:
    """An organization the ticket is shared with; `remove_url`: "" if the reader may not remove it."""

    name: str
    added_by: str
    remove_url: str


@dataclass(frozen=True, slots=True)
class Act:
    """A transition: label and form URL. `reopens`: it undoes a closing."""

    name: str
    url: str
    reopens: bool


@dataclass(frozen=True, slots=True)
class Card:
    """The page of a request.

    `excerpt`: beginning of the description. `can_show`: the reader may show the request's history to others; `on_it`:
    the reader is a participant and may mute it; `muted`: it is muted.
    """

    key: str
    desk_id: int
    desk_name: str
    subject: str
    status: str
    category: str
    priority: str
    type_name: str
    type_icon: str
    created_at: datetime
    entries: list[Entry]
    marker: str
    opening: MessageEntry | None
    excerpt: str
    answers: list[AnswerLine]
    people: list[PersonLine]
    organizations: list[OrganizationLine]
    own_organizations: list[Organization]
    acts: list[Act]
    on_it: bool
    muted: bool
    url: str
    brand: Brand
    now: Now
    can_write: bool
    can_show: bool
    rating: RatingBlock | None
    approvals: list[ApprovalBlock]

    @property
    def may_ask(self) -> bool:
        """Whether the reader's vote is pending, so that they may ask a question."""
        return any(block.ask_url for block in self.approvals)


def card_page(
    reader: Person,
    ticket: Ticket,
    at: datetime,
    begun: Begun,
    *,
    rated: str = "",
    refused: Refused | None = None,
    window: Window = NEWEST,
) -> Card:
    """Build the page, in about a dozen queries regardless of its size.

    `begun`: the reader's drafts; `rated`: text of a rejected rating; `refused`: a rejected vote; `window`: which
    messages to show.
    """
    ever = _ever_on_it(ticket=ticket.pk, reader=reader.pk)
    was_on_it = next((row for row in ever if row.person_id == reader.pk), None)
    activity = activity_of(reader, ticket, was_on_it, at, window=window)
    participants = [row for row in ever if row.removed_at is None]
    own = next((row for row in participants if row.person_id == reader.pk), None)
    approvals = approval_blocks(reader, ticket, begun, refused)
    kind, can_write = ticket.request_type, own is not None or may_write(reader, ticket)
    return Card(
        key=ticket.key,
        desk_id=ticket.desk_id,
        desk_name=text_of(ticket.desk, "name"),
        subject=ticket.subject,
        status=name_of(ticket.status),
        category=ticket.status.category,
        priority=name_of(ticket.priority),
        type_name=text_of(kind, "name") if kind else "",
        type_icon=kind.icon if kind else "help-circle",
        created_at=ticket.created_at,
        entries=activity.entries,
        marker=activity.marker,
        opening=activity.opening,
        excerpt=Truncator(activity.opening.text).chars(_EXCERPT) if activity.opening else "",
        # People who joined later may not see the opening, hence nor its answers (AB-01).
        answers=answer_lines(ticket, for_staff=False) if activity.opening else [],
        people=[_line(reader, ticket, row) for row in participants],
        organizations=_organizations(reader, ticket),
        own_organizations=shareable_organizations(reader, ticket),
        acts=[_act(ticket, row) for row in customer_transitions(ticket)] if can_write else [],
        on_it=own is not None,
        muted=own is not None and own.muted,
        url=reverse("portal:card", args=[ticket.desk_id, ticket.key]),
        brand=brand_of(ticket.desk),
        now=now_of(
            ticket,
            activity.entries,
            awaited_names(approvals),
            at,
            verdict_of(approvals),
            asks_reader=any(block.ask_url for block in approvals),
        ),
        approvals=approvals,
        rating=rating_block(reader, ticket, at, typed=rated, begun=begun),
        can_write=can_write,
        can_show=ticket.requester_id == reader.pk,
    )


@fast_read("ticket", "reader")
def _ever_on_it(*, ticket: int, reader: int) -> QuerySet[Participant]:
    """Present participants, and the reader if they were one."""
    rows = Participant.objects.filter(Q(removed_at=None) | Q(person=reader), ticket=ticket)
    return rows.select_related("person", "added_by").order_by("added_at", "id")


def _line(reader: Person, ticket: Ticket, participant: Participant) -> PersonLine:
    person, by = participant.person, participant.added_by
    stays = person.pk == ticket.requester_id
    remove = "" if stays else reverse("portal:unshare", args=[ticket.desk_id, ticket.key, person.pk])
    added_by = by.display_name if by is not None and by.pk != person.pk else ""
    is_reader = person.pk == reader.pk
    name = person.staff_name if is_reader else person.display_name
    return PersonLine(name, stays, is_reader, remove, added_by, participant.sees_from)


def _organizations(reader: Person, ticket: Ticket) -> list[OrganizationLine]:
    rows = _shared_with(ticket=ticket.pk)
    mine = reader.pk == ticket.requester_id
    return [
        OrganizationLine(
            shared.organization.name,
            shared.added_by.display_name if shared.added_by else "",
            reverse("portal:unshare_organization", args=[ticket.desk_id, ticket.key, shared.organization_id])
            if mine
            else "",
        )
        for shared in rows
    ]


@fast_read("ticket")
def _shared_with(*, ticket: int) -> QuerySet[SharedOrganization]:
    rows = SharedOrganization.objects.filter(ticket=ticket)
    return rows.select_related("organization", "added_by").order_by("id")


def _act(ticket: Ticket, transition: Transition) -> Act:
    url = reverse("portal:transition", args=[ticket.desk_id, ticket.key, transition.pk])
    return Act(name_of(transition), url, ticket.status.is_done and not transition.target.is_done)
