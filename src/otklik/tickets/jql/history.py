"""What a field was before, and that it changed: `was` and `changed`, from the changes that the journal keeps.

What a ticket was opened with is no change: it is the value before the first one, else the present one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from otklik.tickets.jql.errors import BadJql
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.fields import Field, Given, PersonField, RowField
from otklik.tickets.jql.moments import moment
from otklik.tickets.jql.people import people_of
from otklik.tickets.jql.refusals import JqlRefusal
from otklik.tickets.jql.tree import Empty, Past, Value, When
from otklik.tickets.models import Change

# The fields for which Jira keeps a history, and the request type.
_KEPT = {
    "status": Change.Field.STATUS,
    "priority": Change.Field.PRIORITY,
    "assignee": Change.Field.ASSIGNEE,
    "reporter": Change.Field.REQUESTER,
    "resolution": Change.Field.RESOLUTION,
    "request type": Change.Field.REQUEST_TYPE,
}


@dataclass(frozen=True, slots=True)
class _Period:
    """The time from `first` to before `last`, None for unlimited, and a condition on the actor."""

    first: datetime | None = None
    last: datetime | None = None
    actors: Q = dataclass_field(default_factory=Q)

    def within(self) -> Q:
        """A condition on changes: within the period, by these actors."""
        begun = Q() if self.first is None else Q(at__gte=self.first)
        return begun & (Q() if self.last is None else Q(at__lt=self.last)) & self.actors


def has_history(field: Field) -> bool:
    """Return whether former values of the field are stored."""
    return field.name in _KEPT


def past(condition: Past, field: Field, asker: Asker) -> Q:
    """The condition on tickets for WAS or CHANGED, ignoring its negation. Raises BadJql."""
    if not isinstance(field, RowField | PersonField) or not has_history(field):
        raise BadJql(JqlRefusal.NO_HISTORY, at=condition.field.at, field=condition.field.text)
    period = _period(condition.whens, asker)
    changes = Change.objects.filter(ticket=OuterRef("pk"), field=_KEPT[field.name]).order_by()
    whens = {when.name: when for when in condition.whens}
    if condition.values is None:
        ends = Q()
        for name, side in (("from", "old"), ("to", "new")):
            if name in whens:
                ends &= _is(side, field, whens[name].values, asker)
        return Q(Exists(changes.filter(ends, period.within())))
    wrong = whens.get("from") or whens.get("to")
    if wrong is not None:
        raise BadJql(JqlRefusal.NOT_HERE, at=wrong.values[0].at, word=wrong.name.upper())
    return _was(condition.values, field, period, asker, changes)


def _was(
    values: Sequence[Value], field: RowField | PersonField, period: _Period, asker: Asker, changes: QuerySet[Change]
) -> Q:
    became = changes.filter(_is("new", field, values, asker))
    if period.actors:
        return Q(Exists(became.filter(period.within())))
    until = Q() if period.last is None else Q(at__lt=period.last)
    later = Change.objects.filter(ticket=OuterRef("ticket"), field=_KEPT[field.name], pk__gt=OuterRef("pk"))
    earlier = Change.objects.filter(ticket=OuterRef("ticket"), field=_KEPT[field.name], pk__lt=OuterRef("pk"))
    first = changes.filter(_is("old", field, values, asker), ~Exists(earlier))
    if period.first is not None:
        became = became.filter(~Exists(later.filter(at__lt=period.first)))
        first = first.filter(at__gte=period.first)
    opened = Q() if period.last is None else Q(created_at__lt=period.last)
    present = _is("", field, values, asker)
    return Q(Exists(became.filter(until))) | opened & (Q(Exists(first)) | ~Q(Exists(changes)) & present)


def _is(side: str, field: RowField | PersonField, values: Sequence[Value], asker: Asker) -> Q:
    """The condition that the field has one of the values: `side` is "old" or "new" of a change, "" for the ticket
    itself."""
    read = field.read(values)
    given: list[Given] = [value for value in read if not isinstance(value, Empty)]
    kind = "person" if isinstance(field, PersonField) else "id"
    column = f"{side}_{kind}" if side else field.column
    meant = Q(**{f"{column}__isnull": True}) if len(given) < len(read) else Q(pk__in=[])
    if not given:
        return meant
    if isinstance(field, PersonField):
        return meant | Q(**{f"{column}__in": people_of(field.name, given, asker)})
    return meant | Q(**{f"{column}__in": field.ids(given, asker)})


def _period(whens: Sequence[When], asker: Asker) -> _Period:
    first: datetime | None = None
    last: datetime | None = None
    actors = Q()
    for place, when in enumerate(whens):
        if when.name in {other.name for other in whens[:place]}:
            raise BadJql(JqlRefusal.WHEN_TWICE, at=when.values[0].at, word=when.name.upper())
        empty = next((value for value in when.values if isinstance(value, Empty)), None)
        given = [value for value in when.values if not isinstance(value, Empty)]
        if empty is not None and when.name not in ("from", "to"):
            raise BadJql(JqlRefusal.EMPTY_NOT_HERE, at=empty.at)
        match when.name:
            case "after":
                first = moment(given[0], asker)[0]
            case "before":
                last = moment(given[0], asker)[0]
            case "during":
                first, last = (moment(value, asker)[0] for value in given)
            case "on":
                first, lasts = moment(given[0], asker)
                last = first + lasts
            case "by":
                actors = Q(actor__in=people_of(None, given, asker))
    return _Period(first, last, actors)
