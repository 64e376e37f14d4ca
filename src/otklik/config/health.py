"""Is the product well? For load balancers and monitors; says no secrets."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from otklik.mail.queries import STALE, oldest_unsent, oldest_waiting, unreachable_mailboxes
from otklik.worker.heartbeat import last_beat
from otklik.worker.run import SHARES


def healthz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers and nothing waits for more than 15 minutes; else 503. JSON, open to anybody."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        problems = _problems()
    except DatabaseError:
        problems = ["database"]
    status = 503 if problems else 200
    return JsonResponse({"status": "failing" if problems else "ok", "problems": problems}, status=status)


def _problems() -> list[str]:
    limit = timezone.now() - STALE
    waiting, unsent, beat = oldest_waiting(), oldest_unsent(), last_beat(SHARES)
    found = {
        "mail waits to be processed": waiting is not None and waiting < limit,
        "mail waits to be sent": unsent is not None and unsent < limit,
        "a mailbox cannot be fetched": bool(unreachable_mailboxes(limit)),
        "the worker is silent": beat is not None and beat < limit,
    }
    return [name for name, is_so in found.items() if is_so]
