"""Add a further key by which a ticket is found."""

import re
from datetime import datetime

from django.db import connection, transaction

from otklik.people.actor import Actor
from otklik.tickets.commands.base import UnableToChange, locked, tell
from otklik.tickets.commands.ticket_numbers import go_on_behind
from otklik.tickets.events import AliasAdded
from otklik.tickets.keys import DESK_KEY
from otklik.tickets.models import Ticket, TicketAlias
from otklik.tickets.refusals import TicketRefusal

_KEY = re.compile(rf"({DESK_KEY})-([1-9][0-9]{{0,8}})", re.ASCII)


def add_alias(*, actor: Actor, at: datetime, ticket: Ticket, key: str, skip_numbers: bool = False) -> TicketAlias:
    """Make the ticket known by `key` as well. For site administrators and the system.

    A desk with this key, now or later, gives the number to no new ticket. The ticket's own key and version stay. If a
    desk would thereby skip numbers that it has not given yet, `skip_numbers` must confirm it. Raises UnableToChange:
    numbers would be skipped unconfirmed, an invalid key, one that is in use or was another ticket's.
    """
    parts = _KEY.fullmatch(key.strip().upper())
    if parts is None:
        raise UnableToChange(TicketRefusal.KEY_INVALID, key=key.strip()[:40])
    with transaction.atomic():
        ticket = locked(ticket)
        if not actor.runs_site:
            raise UnableToChange(TicketRefusal.ADMINS_ONLY)
        _never_given(parts[1], int(parts[2]), may_skip=skip_numbers)
        if Ticket.objects.filter(key=parts[0]).exists():
            raise UnableToChange(TicketRefusal.KEY_IN_USE, key=parts[0])
        alias, made = TicketAlias.objects.get_or_create(
            key=parts[0],
            defaults={"ticket": ticket, "desk_key": parts[1], "number": int(parts[2]), "added_at": at},
        )
        if alias.ticket_id != ticket.pk:
            raise UnableToChange(TicketRefusal.KEY_WAS_USED, key=parts[0])
        if made:
            tell(ticket, AliasAdded(alias=parts[0]), actor, at)
    return alias


def _never_given(desk_key: str, number: int, *, may_skip: bool) -> None:
    """Make the desk of this key continue after the number, and lock its sequence until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(s.last, 0) FROM desks_desk d LEFT JOIN tickets_numbersequence s ON s.desk_id = d.id"
            " WHERE d.key = %s",
            [desk_key],
        )
        number_row = cursor.fetchone()
        if number_row is not None and number > number_row[0] and not may_skip:
            key = f"{desk_key}-{number}"
            raise UnableToChange(
                TicketRefusal.KEY_AHEAD, desk=desk_key, last=number_row[0], key=key, following=number + 1
            )
    go_on_behind(desk_key, number)
