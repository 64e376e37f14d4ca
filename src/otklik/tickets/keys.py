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

# Desks of Otklik have shorter keys without "_"; projects of Jira may have such ones.
DESK_KEY = r"[A-Z][A-Z0-9_]{1,19}"
# Looks ahead, so that a key is also seen within what reads like a longer one: "AB_ACCREDO-4".
_MENTIONED = re.compile(rf"(?<![A-Z0-9])(?=({DESK_KEY}-[1-9][0-9]{{0,9}})(?![0-9]))", re.IGNORECASE | re.ASCII)


def with_key(tickets: QuerySet[Ticket], key: str) -> QuerySet[Ticket]:
    """The one of these tickets that has this key (`canonical`), else the one that had it. One statement."""
    has = Ticket.objects.filter(key=key).order_by().values("pk")
    had = TicketAlias.objects.filter(key=key).order_by().values("ticket")
    # The database answers both once, before it looks at any ticket: with OR it would walk all of them.
    return tickets.filter(pk=Coalesce(Subquery(has), Subquery(had)))


def canonical(key: str) -> str:
    """A key as somebody typed it, as it is written down."""
    return key.strip().upper()


def with_keys(tickets: QuerySet[Ticket], keys: Iterable[str]) -> list[Ticket]:
    """Those of these tickets that have or had the keys, in the order of the keys, each once. One statement at most."""
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
    """For a query of Ticket: those of the desk, and those that were there before they were moved elsewhere.

    For mail that comes to the desk: its addresses go on for who knows them. It says nothing about who may see them.
    """
    here = TicketAlias.objects.filter(ticket=OuterRef("pk"), desk_key=desk.key)
    return Q(desk=desk.pk) | Q(Exists(here.order_by()))


def is_of_desk(ticket: Ticket, desk: Desk) -> bool:
    """The same of one ticket; a statement only where it is at another desk now."""
    return ticket.desk_id == desk.pk or TicketAlias.objects.filter(ticket=ticket.pk, desk_key=desk.key).exists()


def former_keys(ticket: Ticket) -> list[str]:
    """The keys that the ticket had before, the latest first. One statement."""
    rows = TicketAlias.objects.filter(ticket=ticket.pk).order_by("-added_at", "-id")
    return list(rows.values_list("key", flat=True))


def key_at_own_desks(person: Person, ticket: Ticket) -> str:
    """The latest former key that the ticket had at a desk where the person works; "" for none."""
    desks = set(worked_desks(person).values_list("key", flat=True))
    return next((key for key in former_keys(ticket) if key.rpartition("-")[0] in desks), "")


def key_at(ticket: Ticket, desk: Desk) -> str:
    """The key by which a desk knows a ticket that is or was there: no desk is told what a ticket is called at another.
    "" where it never was; a statement only where it is at another desk now."""
    if ticket.desk_id == desk.pk:
        return ticket.key
    there = TicketAlias.objects.filter(ticket=ticket.pk, desk_key=desk.key).order_by("-added_at", "-id")
    return there.values_list("key", flat=True).first() or ""


def keys_in(text: str) -> list[str]:
    """What reads like a key in a line of text, in order, each once, in capitals."""
    return list(dict.fromkeys(match[1].upper() for match in _MENTIONED.finditer(text)))
