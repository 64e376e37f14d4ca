"""Allocate ticket numbers. Each call takes a lock that lasts until the end of the transaction."""

from datetime import datetime

from django.db import connection

from otklik.desks.models import Desk
from otklik.tickets.models import Ticket, TicketAlias


def take_numbers(desk_id: int, key: str, count: int) -> int:
    """Take `count` consecutive numbers of the desk with this id and key; return the last one.

    A new desk starts after the keys that tickets had under its key before it existed.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tickets_numbersequence (desk_id, last) SELECT %s, %s + coalesce(max(number), 0)"
            " FROM tickets_ticketalias WHERE desk_key = %s"
            " ON CONFLICT (desk_id) DO UPDATE SET last = tickets_numbersequence.last + %s RETURNING last",
            [desk_id, count, key, count],
        )
        (number,) = cursor.fetchone()
    return int(number)


def go_on_behind(desk_key: str, number: int) -> None:
    """Make the desk with this key, if there is one, continue after this number."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tickets_numbersequence (desk_id, last) SELECT id, %s FROM desks_desk WHERE key = %s"
            " ON CONFLICT (desk_id) DO UPDATE SET last = greatest(tickets_numbersequence.last, excluded.last)",
            [number, desk_key],
        )


def renumber(ticket: Ticket, desk: Desk, at: datetime) -> None:
    """Give the locked ticket a key of the desk, unsaved, and keep the present one as an alias.

    A ticket that was at the desk before gets its former key again, others the next number.
    """
    former = {"ticket": ticket, "desk_key": ticket.desk.key, "number": ticket.number, "added_at": at}
    TicketAlias.objects.update_or_create(key=ticket.key, defaults=former)
    had = TicketAlias.objects.filter(ticket=ticket, desk_key=desk.key).order_by("-added_at", "-id").first()
    if had is None:
        ticket.number = take_numbers(desk.pk, desk.key, 1)
    else:
        go_on_behind(desk.key, had.number)
        ticket.number = had.number
        had.delete()
    ticket.key = f"{desk.key}-{ticket.number}"
