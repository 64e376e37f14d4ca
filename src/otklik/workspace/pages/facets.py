"""What the hits of a search have in common, as conditions of the filter language by which they can be narrowed."""

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from otklik.core.fast_reads import AnyOf, fast_read
from otklik.desks.texts import name_of
from otklik.people.models import known_as
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.tree import Call, Condition, Empty, Literal, Operator, Part, Value
from otklik.tickets.models import Ticket
from otklik.tickets.search.ranking import Place
from otklik.workspace.desk_context import Standing

COUNTED = 99
VALUES_AT_MOST = 12
_COLUMNS = (
    "desk_id", "is_open", "status_id", "request_type_id",
    "assignee_id", "assignee__name", "assignee__email", "assignee__login",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value that some results have. `count`: their number as text; `condition`: the filter for them."""

    label: str
    count: str
    condition: Condition


@dataclass(frozen=True, slots=True)
class Facet:
    """A field with the values of the results, the most frequent first."""

    name: str
    label: str
    values: list[FacetValue]


# Label and condition of a value. Values with the same label are the same in the filter language.
_Said = tuple[str, Condition]
_Read = Callable[[Any], _Said | None]


def facets_of(
    places: Sequence[Place], *, more: bool, stands: Standing, asker: Asker, chosen: Sequence[Part]
) -> list[Facet]:
    """Return the facets that can narrow these results.

    `more`: there are further results, so counts are lower bounds; `chosen`: conditions already applied, whose fields
    are left out.
    """
    hits = _facts(tickets=[place.pk for place in places])
    fields = {part.field.text for part in chosen if isinstance(part, Condition)}
    readers: list[tuple[str, str, Callable[[Any], Hashable], _Read]] = [
        ("project", _("Desk"), attrgetter("desk_id"), _desk(stands)),
        ("statusCategory", _("State"), attrgetter("is_open"), _state),
        ("status", _("Status"), attrgetter("status_id"), _status(stands)),
        ("assignee", _("Assignee"), attrgetter("assignee_id"), _assignee),
        ("request type", _("Type"), attrgetter("request_type_id"), _type(stands)),
    ]
    facets = [
        Facet(name, label, _values(hits, key, read, more=more))
        for name, label, key, read in readers
        if name not in fields
    ]
    if "updated" not in fields:
        facets.append(Facet("updated", _("Updated"), _spans(places, asker, more=more)))
    return [facet for facet in facets if len(facet.values) > 1 or _narrows(facet, len(places))]


def _narrows(facet: Facet, total: int) -> bool:
    """Return whether a facet with one value narrows: results older than a span are not in it."""
    return facet.name == "updated" and bool(facet.values) and facet.values[0].count.rstrip("+") != str(total)


def _values(hits: Sequence[Any], key: Callable[[Any], Hashable], read: _Read, *, more: bool) -> list[FacetValue]:
    """Count values of the hits. `read` returns None for what was configured after the desks were loaded.

    Hits are grouped by `key` first, which is cheaper than `read`.
    """
    by_key = {key(hit): hit for hit in hits}
    counts: Counter[_Said] = Counter()
    for value, count in Counter(map(key, hits)).items():
        if (value_read := read(by_key[value])) is not None:
            counts[value_read] += count
    return [
        FacetValue(label, _shown(count, more=more), condition)
        for (label, condition), count in counts.most_common(VALUES_AT_MOST)
    ]


def _shown(count: int, *, more: bool = False) -> str:
    if count > COUNTED:
        return f"{COUNTED}+"
    return f"{count}+" if more else str(count)


def _is(field: str, value: Value, operator: Operator = Operator.IS) -> Condition:
    return Condition(Literal(field), operator, (value,))


def _desk(stands: Standing) -> _Read:
    desks = {desk.pk: (name_of(desk), _is("project", Literal(desk.key))) for desk in stands.desks}
    return lambda hit: desks[hit.desk_id]


def _state(hit: Any) -> _Said:
    done = Literal("Done")
    if hit.is_open:
        return pgettext("requests", "open"), _is("statusCategory", done, Operator.IS_NOT)
    return pgettext("requests", "closed"), _is("statusCategory", done)


def _status(stands: Standing) -> _Read:
    lines = [status for parts in stands.parts.values() for status in parts.statuses]
    by_status = {status.id: (status.label, _is("status", Literal(status.label))) for status in lines}
    return lambda hit: by_status.get(hit.status_id)


def _assignee(hit: Any) -> _Said:
    called = hit.assignee__login or hit.assignee__email or hit.assignee__name
    if not called:
        return _("Nobody"), _is("assignee", Empty())
    return known_as(hit.assignee__name, hit.assignee__email) or called, _is("assignee", Literal(called))


def _type(stands: Standing) -> _Read:
    desks = stands.parts.values()
    lines = [
        (line.id, line.label if len(desks) == 1 else f"{desk.key}/{line.label}")
        for desk in desks
        for line in desk.types
    ]
    by_type: dict[int | None, _Said] = {pk: (name, _is("request type", Literal(name))) for pk, name in lines}
    by_type[None] = _("Without a type"), _is("request type", Empty())
    return lambda hit: by_type.get(hit.request_type_id)


def _spans(places: Sequence[Place], asker: Asker, *, more: bool) -> list[FacetValue]:
    """Counts by the time of the last change; each span includes the shorter ones."""
    today = asker.at.astimezone(asker.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    spans: list[tuple[str, datetime, Value]] = [
        (_("Today"), today, Call("startOfDay")),
        (_("Last 7 days"), asker.at - timedelta(days=7), Literal("-7d")),
        (_("Last 30 days"), asker.at - timedelta(days=30), Literal("-30d")),
        (_("Last year"), asker.at - timedelta(days=365), Literal("-365d")),
    ]
    counted = [(label, sum(place.updated_at >= since for place in places), value) for label, since, value in spans]
    return [
        FacetValue(label, _shown(count, more=more), _is("updated", value, Operator.AT_LEAST))
        for place, (label, count, value) in enumerate(counted)
        if count and (place == 0 or count > counted[place - 1][1])
    ]


@fast_read("tickets")
def _facts(*, tickets: list[int]) -> QuerySet[Ticket, Any]:
    """Return the values that facets count, of these tickets."""
    is_open = ExpressionWrapper(Q(closed_at=None), output_field=BooleanField())
    hits = Ticket.objects.filter(AnyOf("pk", tickets)).annotate(is_open=is_open)
    return hits.order_by().values_list(*_COLUMNS, named=True)
