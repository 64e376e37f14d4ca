"""Tickets that a tree of the filter language means, for one asker."""

from functools import reduce
from operator import and_, or_

from django.db.models import Case, F, Q, QuerySet, When
from django.db.models.expressions import OrderBy

from otklik.tickets.jql.errors import BadJql
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.fields import EQUALITY, NOTHING, Field
from otklik.tickets.jql.history import past
from otklik.tickets.jql.refusals import JqlRefusal
from otklik.tickets.jql.table import field_named
from otklik.tickets.jql.tree import And, Condition, Empty, Not, Operator, Or, Part, Past, Query, Sorting
from otklik.tickets.models import Ticket

_POSITIVE = {
    Operator.IS_NOT: Operator.IS,
    Operator.CONTAINS_NOT: Operator.CONTAINS,
    Operator.NOT_IN: Operator.IN,
}


def narrowing(query: Query, asker: Asker) -> Q:
    """Return the WHERE part as a filter on tickets that the asker may see. Raises BadJql."""
    return Q() if query.where is None else _meant(query.where, asker, opposite=False)


def find(query: Query, asker: Asker) -> QuerySet[Ticket]:
    """Return the tickets that the asker may see and that match, in the query's order, else newest first.

    Raises BadJql for names and values that are unknown or that the asker may not know. Lazy: the caller limits the
    time.
    """
    tickets = asker.tickets.filter(narrowing(query, asker))
    columns = [column for sorting in query.sortings for column in _sorted(sorting, asker)]
    # Ties are sorted in the direction of the last column, as in the indexes.
    upward = bool(columns) and not columns[-1].descending
    return tickets.order_by(*columns, "pk" if upward else "-pk")


def _meant(part: Part, asker: Asker, *, opposite: bool) -> Q:
    """The filter for a part of a query, negated if `opposite`.

    Negation is pushed down to the conditions, so that a ticket without a value fulfils neither a condition nor its
    opposite.
    """
    match part:
        case Not(inner):
            return _meant(inner, asker, opposite=not opposite)
        case And(parts) | Or(parts):
            joined = and_ if isinstance(part, And) is not opposite else or_
            return reduce(joined, (_meant(inner, asker, opposite=opposite) for inner in parts))
        case Past():
            return _past(part, asker, opposite=opposite)
        case Condition():
            return _condition(part, asker, opposite=opposite)


def _condition(condition: Condition, asker: Asker, *, opposite: bool) -> Q:
    field = field_named(condition.field, asker)
    _check_operator(field, condition)
    try:
        return _asked(field, condition, asker, opposite=opposite)
    except BadJql as error:
        error.call_field(field.name, condition.field.text)
        raise


def _asked(field: Field, condition: Condition, asker: Asker, *, opposite: bool) -> Q:
    values = field.read(condition.values)
    given = [value for value in values if not isinstance(value, Empty)]
    operator, with_empty = _POSITIVE.get(condition.operator, condition.operator), len(given) < len(values)
    if condition.operator.negative is not opposite:
        # An empty Q would be dropped from an OR, where it should match everything.
        meant = field.fails(operator, given, asker) if given else field.has_value(asker) or ~NOTHING
    else:
        meant = field.holds(operator, given, asker) if given else NOTHING
        has_value = field.has_value(asker)
        meant = meant | ~has_value if with_empty and has_value else meant
    return asker.seen_by_staff(meant) if field.staff_only else meant


def _past(condition: Past, asker: Asker, *, opposite: bool) -> Q:
    field = field_named(condition.field, asker)
    try:
        meant = past(condition, field, asker)
    except BadJql as error:
        error.call_field(field.name, condition.field.text)
        raise
    meant = ~meant if condition.negative is not opposite else meant
    # Customers must not find out which agent did something.
    by_whom = any(when.name == "by" for when in condition.whens)
    return asker.seen_by_staff(meant) if field.staff_only or by_whom else meant


def _check_operator(field: Field, condition: Condition) -> None:
    operators = field.allowed
    empty = next((value for value in condition.values if isinstance(value, Empty)), None)
    if condition.operator in EQUALITY and all(isinstance(value, Empty) for value in condition.values):
        return
    if condition.operator not in operators:
        raise BadJql(
            JqlRefusal.OPERATOR_NOT_HERE,
            at=condition.field.at,
            field=condition.field.text,
            operator=condition.operator.value,
            others=", ".join(operator.value for operator in operators),
        )
    if empty is not None and condition.operator not in EQUALITY:
        raise BadJql(JqlRefusal.EMPTY_NOT_HERE, at=empty.at)


def _sorted(sorting: Sorting, asker: Asker) -> list[OrderBy]:
    field = field_named(sorting.field, asker)
    if not field.sorted_by:
        raise BadJql(JqlRefusal.NOT_SORTABLE, at=sorting.field.at, field=sorting.field.text)
    column = field.sort_column(asker)
    if field.staff_only and not asker.is_staff_everywhere:
        column = Case(When(desk_id__in=asker.worked, then=column))
    elif field.sorted_by == "updated_at" and not asker.is_staff_everywhere:
        column = Case(When(desk_id__in=asker.worked, then=column), default=F("shown_at"))
    descending = field.descending if sorting.descending is None else sorting.descending
    # NULLS LAST only where nulls exist: the indexes do not have it.
    may_lack = isinstance(column, Case) or bool(field.has_value(asker))
    sorted_by = OrderBy(column, descending=descending is not field.reversed, nulls_last=True if may_lack else None)
    if field.sorted_by == "number" and not asker.is_of_one_desk:
        # As in Jira, the keys of one desk stay together.
        return [OrderBy(F("desk__key"), descending=descending), sorted_by]
    return [sorted_by]
