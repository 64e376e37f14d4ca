"""How long originals and sent words are kept. The rows stay for ever, so that the numbers reconcile (OTKLIK_KEEP_…)."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from otklik.mail.models import InboundMail, OutboundFile, OutboundMail

log = logging.getLogger("otklik.mail")

STEP = 500
"""So many rows are looked at in one step; between steps the worker does other things."""

REST_SECONDS = 3600.0
_STEP_SECONDS = 2.0
State, Fate = InboundMail.State, InboundMail.Fate
MACHINES = (Fate.SPAM, Fate.BLOCKED, Fate.BOUNCE, Fate.AUTO_REPLY)
"""Mail that is nobody's request; it has a time of its own."""


def expired_originals(at: datetime) -> Q | None:
    """Received mails whose bytes have been kept long enough; None while everything is kept.

    Never: what waits, what failed, and what is held for a person (a blocked sender's mail is held for nobody).
    """
    clauses = []
    if settings.KEEP_MACHINE_MAIL:
        old = Q(settled_at__lt=at - timedelta(days=settings.KEEP_MACHINE_MAIL))
        clauses.append(old & Q(fate__in=MACHINES) & (Q(state=State.FILED) | Q(fate=Fate.BLOCKED)))
    if settings.KEEP_ORIGINALS:
        old = Q(settled_at__lt=at - timedelta(days=settings.KEEP_ORIGINALS))
        clauses.append(old & Q(state=State.FILED) & ~Q(fate__in=MACHINES))
    return _either(clauses)


def expired_words(at: datetime) -> Q | None:
    """Sent mails whose words have been kept long enough; None while they are kept for ever. Never what may go again."""
    if not settings.KEEP_SENT:
        return None
    old = at - timedelta(days=settings.KEEP_SENT)
    return Q(state__in=[OutboundMail.State.SENT, OutboundMail.State.KEPT], created_at__lt=old)


def remove_originals(rows: QuerySet[InboundMail], at: datetime) -> int:
    """Let the bytes of these mails go; what was read of them stays on the row, and in the request."""
    return rows.filter(raw_removed_at=None).update(raw=b"", error="", raw_removed_at=at)


def remove_words(rows: QuerySet[OutboundMail], at: datetime) -> int:
    """Let the words and files of these mails go; to whom, when and under which id stays."""
    ids = list(rows.filter(words_removed_at=None).values_list("pk", flat=True))
    OutboundFile.objects.filter(mail__in=ids).delete()
    return OutboundMail.objects.filter(pk__in=ids).update(text="", html="", words_removed_at=at)


@dataclass
class Sweep:
    """Goes through both tables by id, a step at a time, then rests. Several workers may: the second finds nothing."""

    _stage: int = 0
    _last: int = 0
    _not_before: float = 0.0

    def step(self) -> bool:
        """One step if it is time for one; always False, for there is no hurry."""
        if time.monotonic() < self._not_before:
            return False
        looked_at = self._look(timezone.now())
        done = looked_at < STEP
        if done:
            self._stage, self._last = self._stage + 1, 0
        over = self._stage == len(_STAGES)
        self._stage %= len(_STAGES)
        self._not_before = time.monotonic() + (REST_SECONDS if over else _STEP_SECONDS)
        return False

    def _look(self, at: datetime) -> int:
        """Looks at the next rows; returns how many there were."""
        model, expired, remove = _STAGES[self._stage]
        wanted = expired(at)
        if wanted is None:
            return 0
        ids = list(model.objects.filter(pk__gt=self._last).order_by("pk").values_list("pk", flat=True)[:STEP])
        if ids:
            self._last = ids[-1]
            with transaction.atomic():
                gone = remove(model.objects.filter(wanted, pk__in=ids), at)
            if gone:
                log.info("%d %s have been kept long enough", gone, model.__name__)
        return len(ids)


_Stage = tuple[type[InboundMail] | type[OutboundMail], Callable[[datetime], Q | None], Callable[..., int]]
_STAGES: tuple[_Stage, ...] = (
    (InboundMail, expired_originals, remove_originals),
    (OutboundMail, expired_words, remove_words),
)


def _either(clauses: list[Q]) -> Q | None:
    if not clauses:
        return None
    return clauses[0] if len(clauses) == 1 else clauses[0] | clauses[1]
