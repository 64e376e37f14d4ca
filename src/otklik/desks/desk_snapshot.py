"""Everything about a desk that the agents' pages need, loaded in few queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, JSONObject
from django.utils.translation import get_language

from otklik.core.configuration_cache import kept, kept_each
from otklik.core.fast_reads import AnyOf, fast_read
from otklik.desks.models import Channel, Desk, Priority, Queue, RequestType, Resolution, Status, Transition

_QUEUE = ("jql", "columns", "icon", "hidden")


@dataclass(frozen=True, slots=True)
class Named:
    """A named row. `names`: (language, name) for languages other than the desk's."""

    id: int
    name: str
    names: tuple[tuple[str, str], ...]

    @property
    def label(self) -> str:
        """The name in the active language."""
        return dict(self.names).get(get_language() or "", self.name)


@dataclass(frozen=True, slots=True)
class StatusLine(Named):
    """A status of the desk."""

    category: str


@dataclass(frozen=True, slots=True)
class PriorityLine(Named):
    """A priority; 1 is the most urgent level."""

    level: int


@dataclass(frozen=True, slots=True)
class TypeLine(Named):
    """A request type, as lists and menus show it."""

    icon: str


@dataclass(frozen=True, slots=True)
class QueueLine(Named):
    """A queue. `jql`: in its stored form (tickets.jql.stored_form).

    `desk` 0: a queue of all desks where the reader works; `mine`: owned by the reader.
    """

    jql: str
    columns: list[str]
    icon: str
    hidden: bool
    desk: int = 0
    mine: bool = False


@dataclass(frozen=True, slots=True)
class TransitionLine(Named):
    """A transition; `source` 0: from any status."""

    source: int
    target: int
    for_agents: bool


@dataclass(frozen=True, slots=True)
class ResolutionLine(Named):
    """A resolution, the same for all desks."""

    archived: bool


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class DeskParts:
    """A desk's configuration, each kind of row in its order. Immutable and shared while cached."""

    id: int
    key: str
    name: str
    queues: tuple[QueueLine, ...]
    statuses: tuple[StatusLine, ...]
    priorities: tuple[PriorityLine, ...]
    types: tuple[TypeLine, ...]
    mailboxes: tuple[int, ...]
    transitions: tuple[TransitionLine, ...]
    resolutions: tuple[ResolutionLine, ...]

    def agents_moves(self, status_id: int) -> list[tuple[TransitionLine, StatusLine]]:
        """Return the transitions that staff may perform from this status, with their target statuses."""
        statuses = {status.id: status for status in self.statuses}
        return [
            (transition, statuses[transition.target])
            for transition in self.transitions
            if transition.for_agents and transition.source in (0, status_id) and transition.target != status_id
        ]


def parts_of(desks: Iterable[int]) -> dict[int, DeskParts]:
    """Return the configuration of these desks by id. One statement for those not cached. Checks no rights."""
    return _parts_of(tuple(desks))


@kept_each
def _parts_of(desks: tuple[int, ...]) -> dict[int, DeskParts]:
    return {parts.id: parts for parts in (_parts(*row) for row in _read(desks=list(desks)))}


@kept
def queues_beside(person: int) -> tuple[QueueLine, ...]:
    """Return the queues that belong to no desk: the person's own and everybody's, in order, without hidden ones."""
    return tuple(QueueLine(**_named(columns), mine=mine) for columns, mine in _beside(person=person))


@fast_read("person")
def _beside(*, person: int) -> QuerySet[Queue, Any]:
    queues = Queue.objects.filter(Q(owner=person) | Q(owner=None), desk=None, hidden=False)
    mine = ExpressionWrapper(Q(owner__isnull=False), output_field=BooleanField())
    return queues.order_by("position", "id").values_list(_line(*_QUEUE), mine)


@fast_read("desks")
def _read(*, desks: list[int]) -> QuerySet[Desk, Any]:
    own = {"desk": OuterRef("pk")}
    return Desk.objects.filter(AnyOf("pk", desks)).values_list(
        "pk",
        "key",
        "name",
        _listed(Queue.objects.filter(**own).order_by("position", "id"), *_QUEUE, desk="desk_id"),
        _listed(Status.objects.filter(**own).order_by("position", "id"), "category"),
        _listed(Priority.objects.filter(**own).order_by("level", "id"), "level"),
        _listed(RequestType.objects.filter(**own).order_by("position", "id"), "icon"),
        ArraySubquery(Channel.objects.filter(**own).order_by("mailbox_id").values("mailbox_id")),
        _listed(
            Transition.objects.filter(**own).order_by("position", "id"),
            "for_agents",
            source=Coalesce("source_id", 0),
            target="target_id",
        ),
        _listed(Resolution.objects.order_by("position", "id"), "archived"),
    )


def _listed(rows: QuerySet[Any], *columns: str, **named: Any) -> ArraySubquery:
    """The rows as JSON objects: id, name, names in other languages, and these columns."""
    return ArraySubquery(rows.values(line=_line(*columns, **named)))


def _line(*columns: str, **named: Any) -> JSONObject:
    return JSONObject(id="id", name="name", texts="texts", **{column: column for column in columns}, **named)


def _parts(
    desk: int,
    key: str,
    name: str,
    queues: list[Any],
    statuses: list[Any],
    priorities: list[Any],
    types: list[Any],
    boxes: list[int],
    moves: list[Any],
    resolutions: list[Any],
) -> DeskParts:
    return DeskParts(
        id=desk,
        key=key,
        name=name,
        queues=tuple(QueueLine(**_named(columns)) for columns in queues),
        statuses=tuple(StatusLine(**_named(columns)) for columns in statuses),
        priorities=tuple(PriorityLine(**_named(columns)) for columns in priorities),
        types=tuple(TypeLine(**_named(columns)) for columns in types),
        mailboxes=tuple(boxes),
        transitions=tuple(TransitionLine(**_named(columns)) for columns in moves),
        resolutions=tuple(ResolutionLine(**_named(columns)) for columns in resolutions),
    )


def _named(columns: dict[str, Any]) -> dict[str, Any]:
    texts = columns.pop("texts")
    return {
        **columns,
        "names": tuple((language, values["name"]) for language, values in texts.items() if values.get("name")),
    }
