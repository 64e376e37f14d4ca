"""Read the first tickets of a long list sorted by priority, one priority level after the other (ADR 140).

No index has this order: a priority's level is in another table, and a lead may change it. Tickets of one level are in
an index in the order that comes next, so no more of them are read than the page shows.
"""

from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
from typing import cast

from django.db.models import QuerySet
from django.db.models.expressions import OrderBy

from otklik.core.fast_reads import AnyOf, Parameter, compiled_read
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.sortable import is_in_index
from otklik.tickets.jql.table import field_named
from otklik.tickets.jql.tree import Query
from otklik.tickets.models import Ticket

# Each level is a statement: whoever has more of them sorts.
_MOST_LEVELS = 10


def is_read_by_priority(query: Query, asker: Asker) -> bool:
    """Return whether `first_by_priority` can read the query.

    It must be sorted by priority first and then in an order that an index has, and `asker.levels` must be loaded.
    """
    if not query.sortings or field_named(query.sortings[0].field, asker).sorted_by != "priority__level":
        return False
    return 0 < len({level for _pk, level in asker.levels}) <= _MOST_LEVELS and is_in_index(query.sortings[1:], asker)


def first_by_priority(found: QuerySet[Ticket], asker: Asker, most: int) -> list[int]:
    """Return the ids of the first `most` tickets of `found`, the result of `find` for such a query.

    One query for each level, until there are enough tickets. `is_read_by_priority` must be true.
    """
    by_level, *others = cast("tuple[OrderBy, ...]", found.query.order_by)
    levels = _levels(asker, downward=by_level.descending)
    of_level = found.filter(AnyOf("priority_id", Parameter("priorities", list[int])))  # type: ignore[arg-type]
    rows = of_level.order_by(*others).values_list("pk", flat=True)[:most]
    first, read = list[int](), compiled_read(rows)
    for priorities in levels:
        first += read(priorities=priorities)
        if len(first) >= most:
            break
    return first[:most]


def _levels(asker: Asker, *, downward: bool) -> list[list[int]]:
    """Return the ids of the priorities, grouped by level."""
    known = sorted(((level, pk) for pk, level in asker.levels), reverse=downward)
    return [_ids(group) for _level, group in groupby(known, key=itemgetter(0))]


def _ids(group: Iterable[tuple[int, int]]) -> list[int]:
    return [pk for _level, pk in group]
