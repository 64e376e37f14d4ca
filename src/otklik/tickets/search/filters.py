"""A queue's saved filter and order, applied to tickets. Settled home of the filter language that comes later.

Criteria (all optional, all must hold): `category`: list of status categories; `status`, `priority`, `request_type`:
lists of ids; `assignee`: "none", "me" or a person's id; `unverified`: true; `answers`: by the id of a form's field
{"any": [ids of options]}, {"has": "part of a text"}, {"given": true or false}, or {"from", "to"} (both included).
"""

import re
from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any, Protocol

from django.db.models import Q, QuerySet

from otklik.desks.models import Status
from otklik.people.models import Person
from otklik.tickets.models import Ticket

# What a list may be sorted by; anything else falls back to the default, so no parameter reaches the ORM (AB-51).
ORDERS = {
    "key": "number",
    "subject": "subject",
    "status": "status__position",
    "priority": "priority__level",
    "created_at": "created_at",
    "updated_at": "updated_at",
    "requester": "requester__name",
    "assignee": "assignee__name",
}
DEFAULT_ORDER = "-updated_at"


class KnownStatus(Protocol):
    """A status as a caller may have it at hand already."""

    @property
    def id(self) -> int: ...

    @property
    def category(self) -> str: ...


def narrow(
    tickets: QuerySet[Ticket], criteria: dict[str, Any], viewer: Person, statuses: Sequence[KnownStatus] = ()
) -> QuerySet[Ticket]:
    """The tickets that meet the criteria; unknown criteria are ignored. `viewer` is who "me" means.

    `statuses`: all of the desk the tickets are of, if the caller has them; then the database reads an index of tickets
    alone, instead of joining.
    """
    if "category" in criteria and Status.Category.DONE not in criteria["category"]:
        tickets = tickets.filter(closed_at=None)  # says nothing new, but leads to the index of what is open
    if statuses and "category" in criteria:
        wanted = [status.id for status in statuses if status.category in criteria["category"]]
        tickets = tickets.filter(status_id__in=wanted)
        criteria = {name: value for name, value in criteria.items() if name != "category"}
    for name, field in _LISTS.items():
        if name in criteria:
            tickets = tickets.filter(**{f"{field}__in": criteria[name]})
    if "assignee" in criteria:
        tickets = tickets.filter(_assignee(criteria["assignee"], viewer))
    if criteria.get("unverified"):
        tickets = tickets.filter(sender_unverified=True)
    for key, wanted in criteria.get("answers", {}).items():
        tickets = tickets.filter(_answered(key, wanted))
    return tickets


def ordered(tickets: QuerySet[Ticket], order: str) -> QuerySet[Ticket]:
    """Sorted by a key of ORDERS, "-" before it for the other way round; ties by id, so pages never overlap."""
    column = ORDERS.get(order.removeprefix("-"))
    if column is None:
        return ordered(tickets, DEFAULT_ORDER)
    sign = "-" if order.startswith("-") else ""
    return tickets.order_by(f"{sign}{column}", f"{sign}id")


_FIELD = re.compile(r"customfield_\d{1,18}")
_LISTS = {
    "category": "status__category",
    "status": "status_id",
    "priority": "priority_id",
    "request_type": "request_type_id",
}


def _assignee(wanted: Any, viewer: Person) -> Q:
    if wanted == "none":
        return Q(assignee=None)
    return Q(assignee_id=viewer.pk if wanted == "me" else wanted)


def _answered(key: str, wanted: dict[str, Any]) -> Q:
    """The tickets with such an answer. Whole answers are found by the index of `answers`."""
    if not _FIELD.fullmatch(key):
        return Q()
    if "any" in wanted:
        # One choice is kept as an id, several as a list.
        conditions = [
            Q(answers__contains={key: stored_value})
            for wanted_value in wanted["any"]
            for stored_value in (wanted_value, [wanted_value])
        ]
        return reduce(or_, conditions, Q(pk__in=[]))
    if "has" in wanted:
        return Q(**{f"answers__{key}__icontains": wanted["has"]})
    if "given" in wanted:
        given = Q(answers__has_key=key) & ~Q(answers__contains={key: False})
        return given if wanted["given"] else ~given
    return _between(key, wanted)


def _between(key: str, wanted: dict[str, Any]) -> Q:
    """Days and numbers as JSON compares them; a moment on the last day lies within it."""
    last = wanted.get("to")
    until = f"{last}T24" if isinstance(last, str) else last
    ends = {f"answers__{key}__gte": wanted.get("from"), f"answers__{key}__lte": until}
    return Q(answers__has_key=key, **{name: value for name, value in ends.items() if value is not None})
