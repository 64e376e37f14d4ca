"""What the asker themselves opened: `lastViewed` and `key in issueHistory()`. Nobody can query what others opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import OuterRef, Q, QuerySet, Subquery

from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.fields import EQUALITY, NOTHING, ORDERING, Field, Given, compared_with
from otklik.tickets.jql.function_calls import arguments_wrong
from otklik.tickets.jql.moments import moment
from otklik.tickets.jql.people import current_user
from otklik.tickets.jql.tree import Call, Operator
from otklik.tickets.models import Seen

# As many as Jira's history holds.
_HISTORY = 50


def recently_viewed(call: Call, asker: Asker) -> Q:
    """The tickets that the asker opened last. Raises BadJql for arguments, and for the site, which opens nothing."""
    if call.arguments:
        raise arguments_wrong(call, "issueHistory()")
    latest = _of(current_user(call, asker).pk).order_by("-at")[:_HISTORY]
    return Q(pk__in=latest.values("ticket"))


@dataclass(frozen=True, kw_only=True)
class ViewedField(Field):
    """When the asker last opened the ticket, as agent or customer; empty if never."""

    operators: ClassVar[tuple[Operator, ...]] = EQUALITY + ORDERING

    def holds(self, operator: Operator, values: Sequence[Given], asker: Asker) -> Q:
        if asker.person is None:
            return NOTHING
        times = NOTHING
        for value in values:
            times |= compared_with("at", operator, *moment(value, asker))
        return Q(pk__in=_of(asker.person.pk).filter(times).values("ticket"))

    def has_value(self, asker: Asker) -> Q:
        return NOTHING if asker.person is None else Q(pk__in=_of(asker.person.pk).values("ticket"))

    def sort_column(self, asker: Asker) -> Any:
        person = None if asker.person is None else asker.person.pk
        return Subquery(_of(person).filter(ticket=OuterRef("pk")).values("at")[:1])


def _of(person: int | None) -> QuerySet[Seen]:
    return Seen.objects.filter(person=person)
