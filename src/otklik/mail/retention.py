"""How long originals and sent words are kept. The rows stay for ever, so that the numbers reconcile (OTKLIK_KEEP_…)."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from otklik.core.row_isolation import piecemeal
from otklik.mail.models import InboundMail, OutboundFile, OutboundMail

log = logging.getLogger("otklik.mail")

STEP = 500
"""So many rows are looked at in one step; between steps the worker does other things."""

LEAST_DAYS = 30
"""Nothing goes earlier, whatever somebody sets."""

REST_SECONDS = 3600.0
_STEP_SECONDS = 2.0
State, Fate = InboundMail.State, InboundMail.Fate
MACHINES = (Fate.SPAM, Fate.BLOCKED, Fate.BOUNCE, Fate.AUTO_REPLY)
"""Mail that is nobody's request; it has a time of its own."""


@dataclass(frozen=True, slots=True)
class Periods:
    """How many days each kind of mail is kept; 0 is for ever. `mailboxes` and `desk`: whose mail this is about."""

    machine_mail: int
    originals: int
    sent: int
    mailboxes: frozenset[int] = frozenset()
    desk: int | None = None


def of_the_site() -> Periods:
    """What holds for desks that say nothing of their own."""
    return Periods(settings.KEEP_MACHINE_MAIL, settings.KEEP_ORIGINALS, settings.KEEP_SENT)


def expired_originals(at: datetime, own: Sequence[Periods] = ()) -> Q | None:
    """Received mails whose bytes have been kept long enough; None while everything is kept. `own`: of some desks.

    Never: what waits, what failed, and what is held for a person (a blocked sender's mail is held for nobody).
    """
    others = ~Q(mailbox__in=[box for desk in own for box in desk.mailboxes])
    clauses = [
        _originals(at, of_the_site(), others),
        *(_originals(at, periods, Q(mailbox__in=periods.mailboxes)) for periods in own),
    ]
    return _either([clause for some in clauses for clause in some])


def _originals(at: datetime, periods: Periods, whose: Q) -> list[Q]:
    clauses = []
    if periods.machine_mail:
        old = Q(settled_at__lt=at - timedelta(days=periods.machine_mail))
        clauses.append(whose & old & Q(fate__in=MACHINES) & (Q(state=State.FILED) | Q(fate=Fate.BLOCKED)))
    if periods.originals:
        old = Q(settled_at__lt=at - timedelta(days=periods.originals))
        clauses.append(whose & old & Q(state=State.FILED) & ~Q(fate__in=MACHINES))
    return clauses


def expired_words(at: datetime, own: Sequence[Periods] = ()) -> Q | None:
    """Sent mails whose words have been kept long enough; None while they are kept for ever. Never what may go again."""
    # A mail without a desk (about an account) is the site's.
    others = Q(desk_id=None) | ~Q(desk_id__in=[periods.desk for periods in own])
    clauses = [
        whose & Q(created_at__lt=at - timedelta(days=periods.sent))
        for periods, whose in [(of_the_site(), others), *((periods, Q(desk_id=periods.desk)) for periods in own)]
        if periods.sent
    ]
    gone = Q(state__in=[OutboundMail.State.SENT, OutboundMail.State.KEPT])
    wanted = _either(clauses)
    return None if wanted is None else gone & wanted


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
    """Goes through both tables by id, a step at a time, then rests. Several workers may: the second finds nothing.

    `own`: the periods of the desks that have some.
    """

    own: Callable[[], Sequence[Periods]] = tuple
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
        wanted = expired(at, self.own())
        if wanted is None:
            return 0
        ids = list(model.objects.filter(pk__gt=self._last).order_by("pk").values_list("pk", flat=True)[:STEP])
        if ids:
            self._last = ids[-1]
            gone = piecemeal(model.__name__, ids, lambda few: remove(model.objects.filter(wanted, pk__in=few), at))
            if gone:
                log.info("%d %s have been kept long enough", gone, model.__name__)
        return len(ids)


_Stage = tuple[type[InboundMail] | type[OutboundMail], Callable[..., Q | None], Callable[..., int]]
_STAGES: tuple[_Stage, ...] = (
    (InboundMail, expired_originals, remove_originals),
    (OutboundMail, expired_words, remove_words),
)


def _either(clauses: list[Q]) -> Q | None:
    return reduce(or_, clauses) if clauses else None
