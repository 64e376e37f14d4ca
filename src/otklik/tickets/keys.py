"""Look up tickets by key, current or former. No other module does.

Who may see what is found is the caller's: `tickets` comes from `tickets.access`, or from code that acts for the house.
"""

import re
from collections.abc import Iterable

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from otklik.desks.access import worked_desks
from otklik.desks.models import Desk
from otklik.people.models import Person
from otklik.tickets.models import Ticket, TicketAlias

# Otklik's desks have shorter keys without "_"; this covers Jira's projects.
DESK_KEY = r"[A-Z][A-Z0-9_]{1,19}"
# A lookahead, so that a key within a longer one is found as well: "AB_ACCREDO-4".
_MENTIONED = re.compile(rf"(?<![A-Z0-9])(?=({DESK_KEY}-[1-9][0-9]{{0,9}})(?![0-9]))", re.IGNORECASE | re.ASCII)


def with_key(tickets: QuerySet[Ticket], key: str) -> QuerySet[Ticket]:
    """The ticket that has this canonical key, else the one that had it. One statement."""
    has = Ticket.objects.filter(key=key).order_by().values("pk")
    had = TicketAlias.objects.filter(key=key).order_by().values("ticket")
    # Both subqueries run once; with OR the planner would scan all tickets.
    return tickets.filter(pk=Coalesce(Subquery(has), Subquery(had)))


def canonical(key: str) -> str:
    """Return a typed key in its stored form."""
    return key.strip().upper()


def with_keys(tickets: QuerySet[Ticket], keys: Iterable[str]) -> list[Ticket]:
    """Return the tickets that have or had these keys, in the order of the keys, without duplicates. One statement at
    most."""
    named = list(dict.fromkeys(key.upper() for key in keys))
    if not named:
        return []
    has = Ticket.objects.filter(key__in=named).order_by().values("pk")
    had = TicketAlias.objects.filter(key__in=named).order_by()
    former = ArraySubquery(had.filter(ticket=OuterRef("pk")).values("key"))
    tickets_read = list(tickets.filter(pk__in=has.union(had.values("ticket"))).annotate(former_keys=former))
    by_key = {key: ticket for ticket in tickets_read for key in ticket.former_keys} | {
        former_key.key: former_key for former_key in tickets_read
    }
    return list(dict.fromkeys(by_key[key] for key in named if key in by_key))


def of_desk(desk: Desk) -> Q:
    """A condition on Ticket: at the desk, or formerly at the desk.

    For mail to the desk, whose reply addresses remain valid after a move. Does not check rights.
    """
    here = TicketAlias.objects.filter(ticket=OuterRef("pk"), desk_key=desk.key)
    return Q(desk=desk.pk) | Q(Exists(here.order_by()))


def is_of_desk(ticket: Ticket, desk: Desk) -> bool:
    """Like `of_desk`, for one ticket. A statement only if it is at another desk now."""
    return ticket.desk_id == desk.pk or TicketAlias.objects.filter(ticket=ticket.pk, desk_key=desk.key).exists()


def former_keys(ticket: Ticket) -> list[str]:
    """Return the ticket's former keys, the latest first. One statement."""
    rows = TicketAlias.objects.filter(ticket=ticket.pk).order_by("-added_at", "-id")
    return list(rows.values_list("key", flat=True))


def key_at_own_desks(person: Person, ticket: Ticket) -> str:
    """Return the ticket's latest former key at a desk where the person works; "" for none."""
    desks = set(worked_desks(person).values_list("key", flat=True))
    return next((key for key in former_keys(ticket) if key.rpartition("-")[0] in desks), "")


def key_at(ticket: Ticket, desk: Desk) -> str:
    """Return the key by which this desk knows the ticket; desks must not learn keys at other desks.

    "" if it was never there. A statement only if it is at another desk now.
    """
    if ticket.desk_id == desk.pk:
        return ticket.key
    there = TicketAlias.objects.filter(ticket=ticket.pk, desk_key=desk.key).order_by("-added_at", "-id")
    return there.values_list("key", flat=True).first() or ""


def keys_in(text: str) -> list[str]:
    """Return texts that look like keys, in order, without duplicates, in upper case."""
    return list(dict.fromkeys(match[1].upper() for match in _MENTIONED.finditer(text)))
