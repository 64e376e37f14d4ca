"""Refuse orders that no index has for long results: all tickets found would be read and sorted for one page."""

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import QuerySet

from otklik.core.statement_timeout import StatementTimedOut, each_statement_within
from otklik.tickets.jql.errors import BadJql
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.refusals import JqlRefusal
from otklik.tickets.jql.table import field_named
from otklik.tickets.jql.tree import Query, Sorting
from otklik.tickets.models import Ticket
from otklik.tickets.search.frequency import tickets_there_are

MOST_SORTED = 150_000
"""Reading and sorting so many takes about 0.2 s."""
_COUNT_LIMIT = timedelta(milliseconds=300)
_BY_INDEX = {"created_at", "updated_at"}


def require_few_to_sort(query: Query, found: QuerySet[Ticket], asker: Asker) -> None:
    """Raise BadJql if more than MOST_SORTED tickets would have to be sorted without an index.

    `found`: the result of `find` for this query. No query if an index provides the order, or if there are no more
    tickets. If they cannot be counted in time, nothing is raised: the list has its own time limit.
    """
    if not query.sortings or tickets_there_are() <= MOST_SORTED:
        return
    if is_in_index(query.sortings, asker):
        return
    sorting = query.sortings[0]
    if _are_more_than(found, MOST_SORTED):
        raise BadJql(JqlRefusal.TOO_MANY_TO_SORT, at=sorting.field.at, field=sorting.field.text, most=MOST_SORTED)


def is_in_index(sortings: Sequence[Sorting], asker: Asker) -> bool:
    """Return whether an index has the order in which these sortings begin; true for the default order."""
    column = field_named(sortings[0].field, asker).sorted_by if sortings else ""
    return not sortings or column in _BY_INDEX or (column == "number" and asker.is_of_one_desk)


def _are_more_than(found: QuerySet[Ticket], most: int) -> bool:
    try:
        with each_statement_within(_COUNT_LIMIT):
            return found.order_by()[: most + 1].count() > most
    except StatementTimedOut:
        return False
