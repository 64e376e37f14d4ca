"""Delete originals of received mail and bodies of sent mail when their retention period ends (OTKLIK_KEEP_…).

The rows themselves stay for ever, so that the numbers of mails still add up.
"""

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
"""Rows examined in one step; between steps the worker does other things."""

LEAST_DAYS = 30
"""Nothing goes earlier, whatever somebody sets."""

REST_SECONDS = 3600.0
_STEP_SECONDS = 2.0
State, Fate = InboundMail.State, InboundMail.Fate
MACHINES = (Fate.SPAM, Fate.BLOCKED, Fate.BOUNCE, Fate.AUTO_REPLY)
"""Fates of mail that never becomes a ticket; it has a retention period of its own."""


@dataclass(frozen=True, slots=True)
class Periods:
    """How many days each kind of mail is kept, 0 for ever; of a desk (`desk`, ids of its `mailboxes`) or the site."""

    machine_mail: int
    originals: int
    sent: int
    mailboxes: frozenset[int] = frozenset()
    desk: int | None = None


def of_the_site() -> Periods:
    """The periods for desks that have none of their own, from the settings."""
    return Periods(settings.KEEP_MACHINE_MAIL, settings.KEEP_ORIGINALS, settings.KEEP_SENT)


def expired_originals(at: datetime, own: Sequence[Periods] = ()) -> Q | None:
    """A filter for received mails whose original is due for deletion; None if every period is "for ever".

    `own`: the periods of desks that have some. Mail that is waiting, has failed or is held for a person to decide never
    expires; mail of blocked senders does, as nobody will decide on it.
    """
    others = ~Q(mailbox__in=[box for desk in own for box in desk.mailboxes])
    clauses = [
        _originals(at, of_the_site(), others),
        *(_originals(at, periods, Q(mailbox__in=periods.mailboxes)) for periods in own),
    ]
    return _either([clause for pair in clauses for clause in pair])


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
    """A filter for outgoing mails whose body is due for deletion; None if every period is "for ever".

    `own`: the periods of desks that have some. Mail that may still be sent never expires.
    """
    # Mails without a desk, which are those about accounts, follow the site's period.
    others = Q(desk_id=None) | ~Q(desk_id__in=[periods.desk for periods in own])
    clauses = [
        whose & Q(created_at__lt=at - timedelta(days=periods.sent))
        for periods, whose in [(of_the_site(), others), *((periods, Q(desk_id=periods.desk)) for periods in own)]
        if periods.sent
    ]
    finished = Q(state__in=[OutboundMail.State.SENT, OutboundMail.State.KEPT])
    expired = _either(clauses)
    return None if expired is None else finished & expired


def remove_originals(rows: QuerySet[InboundMail], at: datetime) -> int:
    """Delete the original bytes of these mails; returns how many. What was parsed from them stays."""
    return rows.filter(raw_removed_at=None).update(raw=b"", error="", raw_removed_at=at)


def remove_words(rows: QuerySet[OutboundMail], at: datetime) -> int:
    """Delete bodies and files of these mails; returns how many. Recipient, times and Message-ID stay."""
    ids = list(rows.filter(words_removed_at=None).values_list("pk", flat=True))
    OutboundFile.objects.filter(mail__in=ids).delete()
    return OutboundMail.objects.filter(pk__in=ids).update(text="", html="", words_removed_at=at)


@dataclass
class Sweep:
    """Goes through both tables by id in small steps, then pauses for REST_SECONDS.

    Harmless in several workers at once: the second finds nothing left to delete. `own`: returns the periods of the
    desks that have some.
    """

    own: Callable[[], Sequence[Periods]] = tuple
    _stage: int = 0
    _last: int = 0
    _not_before: float = 0.0

    def step(self) -> bool:
        """Take a step if one is due. Always returns False: the worker need not call again at once."""
        if time.monotonic() < self._not_before:
            return False
        looked_at = self._look(timezone.now())
        if looked_at < STEP:
            self._stage, self._last = self._stage + 1, 0
        over = self._stage == len(_STAGES)
        self._stage %= len(_STAGES)
        self._not_before = time.monotonic() + (REST_SECONDS if over else _STEP_SECONDS)
        return False

    def _look(self, at: datetime) -> int:
        """Examine the next STEP rows of the current table; returns how many there were."""
        model, expired, remove = _STAGES[self._stage]
        wanted = expired(at, self.own())
        if wanted is None:
            return 0
        ids = list(model.objects.filter(pk__gt=self._last).order_by("pk").values_list("pk", flat=True)[:STEP])
        if ids:
            self._last = ids[-1]
            removed = piecemeal(model.__name__, ids, lambda few: remove(model.objects.filter(wanted, pk__in=few), at))
            if removed:
                log.info("%d %s have been kept long enough", removed, model.__name__)
        return len(ids)


_Stage = tuple[type[InboundMail] | type[OutboundMail], Callable[..., Q | None], Callable[..., int]]
_STAGES: tuple[_Stage, ...] = (
    (InboundMail, expired_originals, remove_originals),
    (OutboundMail, expired_words, remove_words),
)


def _either(clauses: list[Q]) -> Q | None:
    return reduce(or_, clauses) if clauses else None
