"""The columns of what a filter finds: each head is a link that writes another ORDER BY into the filter."""

from dataclasses import replace
from urllib.parse import urlencode

from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.table import field_named
from otklik.tickets.jql.tree import Literal, Query, Sorting
from otklik.tickets.jql.write import write
from otklik.workspace.pages.list_columns import ListColumns
from otklik.workspace.pages.rows import USUAL, Column

# The columns' fields in the filter language; other columns cannot be sorted by.
FIELDS = {
    "key": "key",
    "subject": "summary",
    "requester": "reporter",
    "status": "status",
    "priority": "priority",
    "assignee": "assignee",
    "created_at": "created",
    "updated_at": "updated",
    "type": "request type",
    "due": "due",
    "resolution": "resolution",
    "closed_at": "resolved",
}
_COLUMN = {field: name for name, field in FIELDS.items()}


def usual_for(query: Query, asker: Asker) -> list[str]:
    """Return the default columns: the usual ones and those that the filter sorts by. Raises BadJql."""
    sorted_by = [_COLUMN.get(field_named(sorting.field, asker).name, "") for sorting in query.sortings]
    return [*USUAL, *(name for name in dict.fromkeys(sorted_by) if name and name not in USUAL)]


def columns_of(query: Query, asker: Asker, listed: ListColumns) -> list[Column]:
    """Return the column headings. That of the filter's first sorting is marked, and its link reverses the order."""
    first = query.sortings[0] if query.sortings else None
    field = field_named(first.field, asker) if first else None
    descending = first.descending if first else None
    if field and descending is None:
        descending = field.descending
    sorted_by = (field.name, bool(descending)) if field else None
    return [_column(query, head, sorted_by, asker) if head.name in FIELDS else head for head in listed.heads()]


def _column(query: Query, head: Column, sorted_by: tuple[str, bool] | None, asker: Asker) -> Column:
    field, state = field_named(Literal(FIELDS[head.name]), asker), ""
    downward = field.descending
    if sorted_by and sorted_by[0] == field.name:
        state = "descending" if sorted_by[1] else "ascending"
        downward = not sorted_by[1]
    jql = write(replace(query, sortings=(Sorting(Literal(field.name), downward),)))
    return replace(head, url=f"?{urlencode({'jql': jql})}", sorted=state)
