"""A queue's saved filter and order, applied to tickets. Settled home of the filter language that comes later.

Criteria (all optional, all must hold): `category`: list of status categories; `status`, `priority`, `request_type`:
lists of ids; `assignee`: "none", "me" or a person's id; `unverified`: true.
"""

from typing import Any

from django.db.models import Q, QuerySet

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


def narrow(tickets: QuerySet[Ticket], criteria: dict[str, Any], viewer: Person) -> QuerySet[Ticket]:
    """The tickets that meet the criteria; unknown criteria are ignored. `viewer` is who "me" means."""
    for name, field in _LISTS.items():
        if name in criteria:
            tickets = tickets.filter(**{f"{field}__in": criteria[name]})
    if "assignee" in criteria:
        tickets = tickets.filter(_assignee(criteria["assignee"], viewer))
    if criteria.get("unverified"):
        tickets = tickets.filter(sender_unverified=True)
    return tickets


def ordered(tickets: QuerySet[Ticket], order: str) -> QuerySet[Ticket]:
    """Sorted by a key of ORDERS, "-" before it for the other way round; ties by id, so pages never overlap."""
    column = ORDERS.get(order.removeprefix("-"))
    if column is None:
        return ordered(tickets, DEFAULT_ORDER)
    sign = "-" if order.startswith("-") else ""
    return tickets.order_by(f"{sign}{column}", f"{sign}id")


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
