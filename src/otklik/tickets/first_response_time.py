"""A desk's usual time to first response: a measurement, not a promise (promise 11 of the product)."""

import time
from datetime import datetime, timedelta
from statistics import median

from django.db import connection

from otklik.desks.models import Desk
from otklik.tickets.models import Message, Ticket

DAYS = 30
TICKETS = 500
FEWEST = 5
_CACHE_SECONDS = 900.0
_cache: dict[int, tuple[float, timedelta | None]] = {}

_TIMES = """
SELECT extract(epoch FROM COALESCE(answer.at, %(at)s) - ticket.created_at)::float8, answer.at IS NOT NULL
FROM (SELECT id, created_at FROM tickets_ticket
      WHERE desk_id = %(desk)s AND created_at > %(since)s AND channel <> 'phone'
      ORDER BY created_at DESC LIMIT %(most)s) ticket
LEFT JOIN LATERAL (
    SELECT message.created_at AS at FROM tickets_message message
    WHERE message.ticket_id = ticket.id AND message.kind = 'public' AND NOT message.held AND NOT message.opening
      AND message.side = 'staff'
    ORDER BY message.created_at LIMIT 1) answer ON true
"""


def usual_first_answer(desk: Desk, at: datetime) -> timedelta | None:
    """Return the median first response time of the newest TICKETS requests of the last DAYS days.

    None for fewer than FEWEST answers. Cached for a quarter of an hour per process.
    """
    now, cached = time.monotonic(), _cache.get(desk.pk)
    if cached is None or now - cached[0] > _CACHE_SECONDS:
        cached = _cache[desk.pk] = (now, _median(desk, at))
    return cached[1]


def was_answered(ticket: Ticket) -> bool:
    """Return whether the staff has answered publicly, including before the reader joined."""
    staff_messages = Message.objects.filter(ticket=ticket, kind=Message.Kind.PUBLIC, side=Message.Side.STAFF)
    return staff_messages.filter(opening=False, held=False).exists()


def forget() -> None:
    """Drop the cache, for tests."""
    _cache.clear()


def _median(desk: Desk, at: datetime) -> timedelta | None:
    with connection.cursor() as cursor:
        since = at - timedelta(days=DAYS)
        cursor.execute(_TIMES, {"desk": desk.pk, "at": at, "since": since, "most": TICKETS})
        rows = cursor.fetchall()
    answered = [seconds for seconds, is_answered in rows if is_answered]
    if len(answered) < FEWEST:
        return None
    # Unanswered requests count if they have waited longer than the median: leaving them out would make the figure too
    # good, and so would counting those that were only just opened.
    usual = median(answered)
    late = [seconds for seconds, is_answered in rows if not is_answered and seconds > usual]
    return timedelta(seconds=median([*answered, *late]))
