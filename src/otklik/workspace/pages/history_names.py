"""Names for the ids that the history of a desk's changes keeps."""

from collections.abc import Iterable, Mapping
from typing import Any

from otklik.desks.models import Field, RequestType, TypeGroup
from otklik.journal.models import Event
from otklik.people.models import Organization, Person
from otklik.tickets.answers.kinds import label_of

# Which rows the ids of a value belong to.
_ROWS: dict[str, Any] = {
    "types": RequestType,
    "type_order": RequestType,
    "groups": TypeGroup,
    "group_order": TypeGroup,
    "field_order": Field,
    "allowed_people": Person,
    "allowed_organizations": Organization,
}
Names = Mapping[tuple[Any, int], str]


def names_in(events: Iterable[Event]) -> Names:
    """(model, id) -> name, for every id in these changes: one query for each kind of row."""
    wanted: dict[Any, set[int]] = {}
    for event in events:
        for side in ("before", "after"):
            for name, value in event.data[side].items():
                if name in _ROWS and isinstance(value, list):
                    wanted.setdefault(_ROWS[name], set()).update(value)
    return {
        (model, row.pk): label_of(row) if isinstance(row, Field) else str(row.name or row.pk)
        for model, ids in wanted.items()
        for row in model.objects.filter(pk__in=ids)
    }


def named(name: str, value: Any, names: Names) -> Any:
    """The value with names in place of ids where it is a list of rows; a logo's digest cut to its beginning."""
    if name in _ROWS and isinstance(value, list):
        return [names.get((_ROWS[name], pk), str(pk)) for pk in value]
    return value[:8] if name == "logo_digest" and value else value
