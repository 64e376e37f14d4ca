"""Queues as the database is asked for them: each text is read and checked once per version of what is configured."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from django.db.models import QuerySet

from otklik.core.errors import UnableTo
from otklik.desks.desk_snapshot import DeskParts, Named, QueueLine
from otklik.people.models import Person
from otklik.tickets.access import LONG_AGO
from otklik.tickets.jql import value_catalogue
from otklik.tickets.jql.errors import BadJql
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.fields import CategoryField, PersonField, RowField
from otklik.tickets.jql.find import find
from otklik.tickets.jql.moments import follows_clock
from otklik.tickets.jql.people import is_current_user
from otklik.tickets.jql.sortable import require_few_to_sort
from otklik.tickets.jql.stored_form import parsed
from otklik.tickets.jql.table import own_field
from otklik.tickets.jql.tree import (
    And,
    Call,
    Condition,
    Literal,
    Operator,
    Part,
    Past,
    Query,
    Sorting,
    Value,
    conditions,
)  # fmt: skip
from otklik.tickets.jql.value_catalogue import Catalogue
from otklik.tickets.models import Ticket

# Columns that a list may be sorted by, and their fields in the filter language. Other parameters are refused, so none
# reaches the ORM (AB-51). The highest priority has the lowest level.
ORDERS = {
    "key": "key",
    "subject": "summary",
    "status": "status",
    "priority": "priority",
    "created_at": "created",
    "updated_at": "updated",
    "requester": "reporter",
    "assignee": "assignee",
}
_COLUMN = {field: name for name, field in ORDERS.items()}
_TURNED = "priority"


@dataclass(frozen=True)
class QueueRead:
    """A queue of desks as a statement; hashable, to select a cached one. `jql`: in its stored form.

    `quick`: the statement is constant and reads only the tickets' own rows: no clock, no text search, no history.
    """

    id: int
    desks: tuple[int, ...]
    jql: str
    catalogue: Catalogue
    quick: bool

    def __post_init__(self) -> None:
        # Computed once: every page asks for it, and the default would hash the catalogue.
        object.__setattr__(self, "_hash", hash((self.id, self.desks, self.jql)))

    def __hash__(self) -> int:
        return vars(self)["_hash"]  # type: ignore[no-any-return]  # an int, as set above

    def tickets(self, person: Person, at: datetime = LONG_AGO, *, order: str = "") -> QuerySet[Ticket]:
        """Return the queue's tickets for this person, who works at the desks; this is not checked.

        Sorted as the text says, or by `order`: a key of ORDERS, descending with "-" before it. `at` is ignored by quick
        queues. Raises BadJql, unless it is quick.
        """
        return find(self._ordered(order), self._asker(person, at))

    def require_few_to_sort(self, person: Person, at: datetime, *, order: str = "") -> None:
        """Raise BadJql if too many tickets would be sorted for a page (tickets.jql.sortable).

        Arguments as in `tickets`.
        """
        asker, query = self._asker(person, at), self._ordered(order)
        require_few_to_sort(query, find(query, asker), asker)

    def _ordered(self, order: str) -> Query:
        query = parsed(self.jql)
        return replace(query, sortings=(sorting_of(order),)) if order else query

    def _asker(self, person: Person, at: datetime) -> Asker:
        return Asker(person, at, at_work=True, desks=self.desks, catalogue=self.catalogue)

    @property
    def order(self) -> str:
        """The list column it is sorted by, as `tickets` takes it; "" if it is not sorted by one column alone."""
        sortings = parsed(self.jql).sortings or (Sorting(Literal("key"), True),)
        name = _COLUMN.get(sortings[0].field.text)
        if name is None or len(sortings) > 1:
            return ""
        return f"-{name}" if sortings[0].descending is not (name == _TURNED) else name

    @property
    def follows_clock(self) -> bool:
        """Whether tickets enter or leave it by the passing of time alone."""
        return not self.quick and follows_clock(parsed(self.jql))

    @property
    def is_of_nobodys(self) -> bool:
        """Whether all its tickets are unassigned."""
        return any(_is_nobodys(part) for part in _all_of(parsed(self.jql).where))


@dataclass(frozen=True)
class BrokenQueue:
    """A queue whose text can no longer be read, for example because it names a deleted status.

    `error` lives as long as the desk's configuration, so never raise it: its traceback would keep a whole request
    alive.
    """

    id: int
    error: UnableTo


_READS: WeakKeyDictionary[DeskParts, dict[int, "QueueRead | BrokenQueue"]] = WeakKeyDictionary()


def reads_of(desks: Iterable[DeskParts]) -> dict[int, QueueRead | BrokenQueue]:
    """Return every queue of these desks by id; cached as long as the desks' configuration."""
    reads = dict[int, QueueRead | BrokenQueue]()
    for parts in desks:
        if parts not in _READS:
            known = catalogue_of([parts])
            _READS[parts] = {queue.id: _read(queue, (parts.id,), known) for queue in parts.queues}
        reads |= _READS[parts]
    return reads


def reads_beside(queues: Sequence[QueueLine], desks: Iterable[DeskParts]) -> dict[int, QueueRead | BrokenQueue]:
    """Return these queues, which belong to no desk, as statements over all the desks, by id."""
    made_of = list(desks) if queues else []
    known, over = catalogue_of(made_of, of_some=True), tuple(parts.id for parts in made_of)
    return {queue.id: _read(queue, over, known) for queue in queues}


def _read(queue: QueueLine, desks: tuple[int, ...], known: Catalogue) -> QueueRead | BrokenQueue:
    try:
        # Only one person uses it, so it is not worth a cached statement.
        read = QueueRead(queue.id, desks, queue.jql, known, _is_quick(parsed(queue.jql)) and not queue.mine)
        if read.quick:
            read.tickets(Person(pk=0))
    except BadJql as error:
        return BrokenQueue(queue.id, UnableTo(error.refusal, **error.values))
    return read


def catalogue_of(desks: Iterable[DeskParts], *, of_some: bool = False) -> Catalogue:
    """Return the configuration of these desks as the catalogue of the filter language. `of_some`: see Catalogue."""
    made_of = list(desks)
    return Catalogue(
        desks=tuple(value_catalogue.Named(parts.id, (parts.key, parts.name), desk=parts.id) for parts in made_of),
        statuses=tuple(_named(row, parts, category=row.category) for parts in made_of for row in parts.statuses),
        priorities=tuple(_named(row, parts, level=row.level) for parts in made_of for row in parts.priorities),
        request_types=tuple(_named(row, parts) for parts in made_of for row in parts.types),
        resolutions=tuple(_named(row, None) for row in (made_of[0].resolutions if made_of else ())),
        of_some=of_some,
    )


def _named(row: Named, parts: DeskParts | None, **more: Any) -> value_catalogue.Named:
    others = [name for _language, name in row.names]
    names = tuple(dict.fromkeys((row.name, *others)))
    return value_catalogue.Named(row.id, names, desk=parts.id if parts else 0, key=parts.key if parts else "", **more)


def _is_quick(query: Query) -> bool:
    return all(isinstance(condition, Condition) and _is_plain(condition) for condition in conditions(query.where))


def _is_plain(condition: Condition) -> bool:
    field = own_field(condition.field)
    if isinstance(field, PersonField):
        return all(_is_known_person(value) for value in condition.values)
    # The catalogue has no issue types.
    by_rows = isinstance(field, RowField | CategoryField) and field.name != "issuetype"
    return by_rows and not any(isinstance(value, Call) for value in condition.values)


def _is_known_person(value: Value) -> bool:
    if isinstance(value, Call):
        return is_current_user(value)
    return not isinstance(value, Literal) or value.text.isdecimal()


def is_downward(order: str) -> bool:
    """Return whether the order is descending; for priority this means the most urgent first, whose level is lowest."""
    return order.startswith("-") is not (order.removeprefix("-") == _TURNED)


def sorting_of(order: str) -> Sorting:
    """Return the order as a sorting of the filter language."""
    return Sorting(Literal(ORDERS[order.removeprefix("-")]), is_downward(order))


def _all_of(where: Part | None) -> Iterable[Part]:
    return where.parts if isinstance(where, And) else [where] if where else []


def _is_nobodys(part: Part) -> bool:
    if not isinstance(part, Condition) or isinstance(part, Past):
        return False
    field, asks_is = own_field(part.field), part.operator in (Operator.IS, Operator.IN)
    nobody = all(not isinstance(value, Literal | Call) for value in part.values)
    return asks_is and nobody and field is not None and field.name == "assignee"
