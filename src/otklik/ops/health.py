"""Health checks for load balancers and monitors; their answers hold no secrets."""

from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from otklik.core.disk_space import is_short
from otklik.mail.queries import (
    STALE,
    is_refused,
    is_unsent_since,
    oldest_slow,
    oldest_waiting,
    own_trouble,
    unreachable_mailboxes,
)
from otklik.worker.failed_rows import failure_warnings
from otklik.worker.heartbeat import last_beat
from otklik.worker.run import SHARES

# A heartbeat further in the future was written before the clock was set back, and is ignored.
_AHEAD = timedelta(minutes=1)


def healthz(request: HttpRequest) -> HttpResponse:
    """Return the state as JSON, to anybody: 200 if the product works, 503 with `problems` if not.

    Problems: the database cannot be reached or written; mail is refused because the disk is full; our mail server
    refuses our mail; something waits for more than 15 minutes, except for one recipient's server; the worker is silent.
    `warnings` (given-up work, single refusals) are for people, and do not change the status.
    """
    warnings: list[str] = []
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('transaction_read_only')")
            is_readonly = cursor.fetchone() == ("on",)
        problems = _problems(is_readonly=is_readonly)
        warnings = _warnings()
    except DatabaseError:
        problems = ["database"]
    status = 503 if problems else 200
    state = {"status": "failing" if problems else "ok", "problems": problems, "warnings": warnings}
    return JsonResponse(state, status=status)


def _problems(*, is_readonly: bool) -> list[str]:
    now = timezone.now()
    limit = now - STALE
    waiting, beat = oldest_waiting(), last_beat(SHARES)
    problems = {
        "the database cannot be written": is_readonly,
        "mail is not taken in: the disk is nearly full": is_short(settings.HOME),
        "mail waits to be processed": waiting is not None and waiting < limit,
        "mail waits to be sent": is_unsent_since(limit),
        "the outgoing mail server refuses our mail": is_refused(),
        "a mailbox cannot be fetched": bool(unreachable_mailboxes(limit)),
        "the worker is silent": beat is not None and not limit <= beat <= now + _AHEAD,
    }
    return [name for name, is_so in problems.items() if is_so]


def _warnings() -> list[str]:
    slow, ours = oldest_slow(), own_trouble()
    warnings = {
        "some mail servers refuse our mail": ours.some > 0 or (ours.mails > 0 and not is_refused()),
        "mail that is hard to read waits": slow is not None and slow < timezone.now() - STALE,
    }
    return [*(name for name, is_so in warnings.items() if is_so), *failure_warnings()]
