"""Rows that the filter language knows by their names: in any language they have, in any case of letters, or by id."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from otklik.desks.models import Desk, IssueType, Priority, RequestType, Resolution, Status
from otklik.desks.texts import name_of
from otklik.tickets.access import customer_tickets
from otklik.tickets.jql.asker import Asker
from otklik.tickets.jql.calls import misplaced
from otklik.tickets.jql.errors import unknown_value
from otklik.tickets.jql.tree import Call, Literal


@dataclass(frozen=True, slots=True)
class Named:
    """A row and what it is called, in all languages and in the reader's. `desk`: 0 for a row of the site; `level`: of a
    priority."""

    pk: int
    names: tuple[str, ...]
    label: str
    desk: int = 0
    level: int = 0


def desks(asker: Asker) -> list[Named]:
    """Desks by key or name."""
    rows = Desk.objects.all()
    if not asker.sees_everything:
        rows = rows.filter(pk__in=asker.tickets.values("desk")) | rows.filter(pk__in=asker.worked)
    return [
        Named(desk.pk, (desk.key, *_names(desk.name, desk.texts)), name_of(desk), desk.pk) for desk in rows.distinct()
    ]


def statuses(asker: Asker) -> list[Named]:
    """Statuses of the desks whose tickets the asker sees."""
    return _of_desks(Status.objects.all(), asker)


def priorities(asker: Asker) -> list[Named]:
    """Priorities of the desks where the asker works, with their levels."""
    return _of_desks(Priority.objects.filter(asker.staffed_desks()), asker, "level")


def request_types(asker: Asker) -> list[Named]:
    """Request types of the desks where the asker works and of tickets that they see, for not every customer may know of
    each; by name or as Jira writes them: "KEY/name"."""
    seen = asker.staffed_desks()
    if asker.person is not None and seen:
        seen |= Q(pk__in=customer_tickets(asker.person).order_by().values("request_type"))
    keys = dict(Desk.objects.values_list("pk", "key"))
    return [
        Named(row.pk, (*row.names, *(f"{keys[row.desk]}/{name}" for name in row.names)), row.label, row.desk)
        for row in _of_desks(RequestType.objects.filter(seen), asker)
    ]


def resolutions(_asker: Asker) -> list[Named]:
    """Resolutions of the site."""
    return [Named(row.pk, _names(row.name, row.texts), name_of(row)) for row in Resolution.objects.order_by("pk")]


def issue_types(_asker: Asker) -> list[Named]:
    """Issue types of the site."""
    return [Named(row.pk, _names(row.name, row.texts), name_of(row)) for row in IssueType.objects.order_by("pk")]


def named_ids(field: str, values: Iterable[Literal | Call], rows: Sequence[Named]) -> set[int]:
    """Ids of all rows that one of the values names. Raises BadJql for a value that names none."""
    found: set[int] = set()
    for value in values:
        if isinstance(value, Call):
            raise misplaced(field, value)
        word = folded(value.text)
        named = {row.pk for row in rows if word in map(folded, row.names)}
        if not named and word.isdecimal():
            named = {row.pk for row in rows if str(row.pk) == word}
        if not named:
            known = [name for row in rows for name in row.names]
            raise unknown_value(field, value.text, known, at=value.at)
        found |= named
    return found


def _of_desks(rows: QuerySet[Any], asker: Asker, level: str = "pk") -> list[Named]:
    seen = rows.filter(asker.seen_desks()).order_by("desk_id", "pk").distinct()
    return [Named(row.pk, _names(row.name, row.texts), name_of(row), row.desk_id, getattr(row, level)) for row in seen]


def _names(name: str, texts: dict[str, dict[str, str]] | None) -> tuple[str, ...]:
    others = (words.get("name", "") for words in (texts or {}).values())
    return tuple(dict.fromkeys(filter(None, (name, *others))))


def folded(text: str) -> str:
    """The text as names are compared: in any case of letters, ё as е."""
    return " ".join(text.casefold().replace("ё", "е").split())
