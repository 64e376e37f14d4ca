"""Page data for changing a ticket's request type or requester."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from otklik.core.errors import UnableTo
from otklik.desks.texts import name_of
from otklik.people.models import OrganizationMember, Person
from otklik.people.queries import person_by_address, typed_address
from otklik.tickets.models import Ticket
from otklik.workspace.queries import known_callers

SHORTEST = 2
MOST = 8


@dataclass(frozen=True, slots=True)
class TypeChoice:
    """A request type to choose; `approvers`: whom it asks for approval."""

    id: int
    name: str
    help: str
    icon: str
    chosen: bool
    hidden: bool
    approvers: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible requester; `colleagues`: organisations whose members would see the ticket."""

    id: int
    name: str
    address: str
    phones: list[str]
    colleagues: str


@dataclass(frozen=True, slots=True)
class Candidates:
    """The search result; `new`: the typed address if nobody has it, else ""."""

    found: list[Candidate]
    new: str
    searched: bool


def type_choices(ticket: Ticket) -> list[TypeChoice]:
    """Return the desk's types in use, and the ticket's own. Two queries."""
    rows = ticket.desk.request_types.prefetch_related("approvers").order_by("position", "id")
    return [
        TypeChoice(
            id=request_type.pk,
            name=name_of(request_type),
            help=request_type.help,
            icon=request_type.icon,
            chosen=request_type.pk == ticket.request_type_id,
            hidden=request_type.hidden,
            approvers=", ".join(person.display_name for person in request_type.approvers.all())
            if request_type.approval_rule
            else "",
        )
        for request_type in rows
        if not request_type.archived or request_type.pk == ticket.request_type_id
    ]


def candidates(viewer: Person, ticket: Ticket, typed: str) -> Candidates:
    """Return up to MOST people whom `known_callers` finds by the typed text, without the present requester."""
    text = " ".join(typed.replace("\0", "").split())[:200]
    if len(text) < SHORTEST:
        return Candidates([], "", searched=False)
    people = list(known_callers(viewer, text).exclude(pk=ticket.requester_id or 0)[:MOST])
    return Candidates(_candidates(ticket, people), _new_address(text), searched=True)


def _candidates(ticket: Ticket, people: Iterable[Person]) -> list[Candidate]:
    people = list(people)
    opened: dict[int, list[str]] = {}
    watcher = OrganizationMember.objects.filter(organization=OuterRef("organization"), sees_all=True)
    rows = OrganizationMember.objects.filter(
        Q(organization__open_inside=True) | Exists(watcher.exclude(person=OuterRef("person"))),
        Q(joined_at=None) | Q(joined_at__lte=ticket.created_at),
        person__in=people,
    )
    for member in rows.select_related("organization").order_by("organization__name"):
        opened.setdefault(member.person_id, []).append(member.organization.name)
    return [
        Candidate(
            id=person.pk,
            name=person.display_name,
            address=person.email or "",
            phones=[phone.number for phone in person.phones.all()],
            colleagues=", ".join(opened.get(person.pk, [])),
        )
        for person in people
    ]


def _new_address(text: str) -> str:
    try:
        address = typed_address(text)
    except UnableTo:
        return ""
    return "" if person_by_address(address) else address
