"""Rows that the filter language knows by their names: in any language they have, in any case of letters, or by id."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from otklik.desks.models import Desk, IssueType, Priority, RequestType, Resolution, Status
from otklik.desks.texts import name_of
from otklik.tickets.access import customer_tickets
from otklik.tickets.jql.errors import unknown_value
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.function_calls import misplaced
from otklik.tickets.jql.tree import Call, Literal
from otklik.tickets.jql.value_catalogue import Named


def desks(asker: Asker) -> Sequence[Named]:
    """Return the desks that the asker may know, named by key or name."""
    if asker.catalogue is not None:
        return asker.catalogue.desks
    return asker.once("desks", lambda: _desks(asker))


def _desks(asker: Asker) -> list[Named]:
    rows = Desk.objects.all()
    if not asker.sees_everything:
        rows = rows.filter(pk__in=asker.tickets.values("desk")) | rows.filter(pk__in=asker.worked)
    return [
        Named(desk.pk, (desk.key, *names_in(desk.name, desk.texts)), name_of(desk), desk.pk) for desk in rows.distinct()
    ]


def statuses(asker: Asker) -> Sequence[Named]:
    """Return the statuses of desks whose tickets the asker sees, named by name or "KEY/name"."""
    if asker.catalogue is not None:
        return asker.catalogue.statuses
    return asker.once("statuses", lambda: _of_desks(Status.objects.all(), asker))


def priorities(asker: Asker) -> Sequence[Named]:
    """Return the priorities, with levels, of desks where the asker works, named like statuses."""
    if asker.catalogue is not None:
        return asker.catalogue.priorities
    rows = Priority.objects.filter(asker.staffed_desks())
    return asker.once("priorities", lambda: _of_desks(rows, asker, "level"))


def request_types(asker: Asker) -> Sequence[Named]:
    """Return the request types of desks where the asker works and of tickets they see, named like statuses.

    Others are left out, since some types are visible to some customers only.
    """
    if asker.catalogue is not None:
        return asker.catalogue.request_types
    return asker.once("request types", lambda: _request_types(asker))


def _request_types(asker: Asker) -> list[Named]:
    seen = asker.staffed_desks()
    if asker.person is not None and seen:
        seen |= Q(pk__in=customer_tickets(asker.person).order_by().values("request_type"))
    return _of_desks(RequestType.objects.filter(seen), asker)


def resolutions(asker: Asker) -> Sequence[Named]:
    """Return the site's resolutions."""
    if asker.catalogue is not None:
        return asker.catalogue.resolutions
    return [Named(row.pk, names_in(row.name, row.texts), name_of(row)) for row in Resolution.objects.order_by("pk")]


def issue_types(_asker: Asker) -> Sequence[Named]:
    """Return the site's issue types."""
    return [Named(row.pk, names_in(row.name, row.texts), name_of(row)) for row in IssueType.objects.order_by("pk")]


def named_ids(field: str, values: Iterable[Literal | Call], rows: Sequence[Named], *, by_id: bool = False) -> set[int]:
    """Return the ids of all rows that the values name. `by_id`: ids take precedence over names. Raises BadJql."""
    ids: set[int] = set()
    for value in values:
        if isinstance(value, Call):
            raise misplaced(field, value)
        named = ids_called(value.text, rows, by_id=by_id)
        if not named:
            raise unknown_value(field, value.text, all_names(rows), at=value.at)
        ids |= named
    return ids


def ids_called(word: str, rows: Sequence[Named], *, by_id: bool = False) -> set[int]:
    """Return the ids of the rows that the word names. `by_id`: ids take precedence over names."""
    word = folded(word)
    with_id = {row.pk for row in rows if str(row.pk) == word}
    with_name = {row.pk for row in rows if word in map(folded, (*row.names, *row.full_names))}
    return (with_id or with_name) if by_id else (with_name or with_id)


def all_names(rows: Sequence[Named]) -> list[str]:
    """Return all names of the rows, in every language."""
    return [name for row in rows for name in (*row.names, *row.full_names)]


def _of_desks(rows: QuerySet[Any], asker: Asker, level: str = "pk") -> list[Named]:
    seen = rows.filter(asker.seen_desks()).select_related("desk").order_by("desk_id", "pk").distinct()
    return [
        Named(row.pk, names_in(row.name, row.texts), name_of(row), row.desk_id, getattr(row, level), key=row.desk.key)
        for row in seen
    ]


def names_in(name: str, texts: dict[str, dict[str, str]] | None) -> tuple[str, ...]:
    """Return a row's distinct names in all languages, its own `name` first. `texts`: language code -> field -> text."""
    others = (fields.get("name", "") for fields in (texts or {}).values())
    return tuple(dict.fromkeys(filter(None, (name, *others))))


def folded(text: str) -> str:
    """Return the text normalized for comparing names: casefolded, ё as е, single spaces."""
    return " ".join(text.casefold().replace("ё", "е").split())
