"""Prometheus metrics: /metrics, and `otklik mail status --metrics`."""

import dataclasses
import hmac
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from otklik import __version__
from otklik.core.disk_space import is_short
from otklik.mail.queries import STALE, is_refused, mail_numbers, own_trouble, unreachable_mailboxes
from otklik.worker.failed_rows import QUEUES
from otklik.worker.heartbeat import last_beat
from otklik.worker.run import SHARES

_MAIL = {
    "offered": "Messages ever offered; filed + held + failed + waiting",
    "copies": "Messages offered once more than needed",
    "filed": "Messages that are in a request, or settled",
    "held": "Messages that wait for a person",
    "failed": "Messages that could not be processed",
    "waiting": "Messages that are yet to be processed",
    "slow": "Of these, messages that are hard to read and wait apart from the others",
    "oldest_waiting": "Age of the oldest message that is yet to be processed, 0 for none; not of the slow ones",
    "oldest_slow": "Age of the oldest message that is hard to read, 0 for none",
    "queued": "Mails of ours that are yet to be sent",
    "sent": "Mails of ours that a mail server took",
    "kept": "Mails of ours that nobody sends, because no mail server is set",
    "undeliverable": "Mails of ours that were refused for good, or not even tried",
    "oldest_unsent": "Age of the oldest mail of ours that is not sent yet, 0 for none",
    "mailboxes": "Mailboxes that are fetched",
    "mailboxes_failing": "Mailboxes whose last look failed",
    "originals_removed": "Originals that are no longer kept",
    "sent_words_removed": "Mails of ours whose words are no longer kept",
    "restored": "Mails of ours that a restored backup holds back",
}


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Serve the metrics to clients with OTKLIK_METRICS_TOKEN as a bearer token (RFC 6750, 2.1).

    404 if the setting is empty, 401 without the token, 503 if the database does not answer.
    """
    if not settings.METRICS_TOKEN:
        raise Http404
    brought, wanted = request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}"
    if not hmac.compare_digest(brought.encode(), wanted.encode()):
        return HttpResponse("a bearer token is needed\n", "text/plain", 401, headers={"WWW-Authenticate": "Bearer"})
    try:
        return HttpResponse(exposition(timezone.now()), CONTENT_TYPE_LATEST)
    except DatabaseError:
        return HttpResponse("the database does not answer\n", "text/plain", 503)


def exposition(at: datetime) -> bytes:
    """Return all metrics in Prometheus' text format, read from the database now. All are gauges; ages are in seconds.

    Raises DatabaseError.
    """
    registry = CollectorRegistry()
    registry.register(_Numbers(at))
    return generate_latest(registry)


class _Numbers(Collector):
    def __init__(self, at: datetime) -> None:
        self.at = at

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield from self._mail()
        unreachable = len(unreachable_mailboxes(self.at - STALE))
        yield _gauge("mail_mailboxes_unreachable", "Mailboxes not looked through for 15 minutes", unreachable)
        yield from self._trouble()
        beat = last_beat(SHARES)
        if beat is not None:
            yield _gauge("worker_silent_seconds", "Since the worker's last sign of life", self._age(beat))
        version = GaugeMetricFamily("otklik_build_info", "The version that runs", labels=["version"])
        version.add_metric([__version__], 1)
        yield version

    def _mail(self) -> Iterator[GaugeMetricFamily]:
        for name, value in dataclasses.asdict(mail_numbers()).items():
            if name.startswith("oldest_"):
                yield _gauge(f"mail_{name}_seconds", _MAIL[name], self._age(value))
            else:
                yield _gauge(f"mail_{name}", _MAIL[name], value)

    def _trouble(self) -> Iterator[GaugeMetricFamily]:
        ours = own_trouble()
        alarming = ours.mails if is_refused() else 0
        yield _gauge("mail_refused", "Mails of ours that wait because our mail server refuses them", alarming)
        by_some = ours.mails + ours.some - alarming
        yield _gauge("mail_refused_by_some", "The same, because only some servers do", by_some)
        yield _gauge("mail_refused_seconds", "For how long, 0 for no such mail", self._age(ours.since))
        yield _gauge(
            "disk_short", "1 while no mail is taken in because the disk is nearly full", is_short(settings.HOME)
        )
        for queue in QUEUES:
            yield _gauge(f"{queue.name}_given_up", queue.meaning, queue.count())

    def _age(self, since: datetime | None) -> float:
        return max(0.0, (self.at - since).total_seconds()) if since else 0.0


def _gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"otklik_{name}", meaning, value)
