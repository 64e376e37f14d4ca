"""Claims on queued mails: a time on the row that expires if its worker dies, so that no lock is held while a server
responds.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from otklik.core.bulk_update import update_rows
from otklik.core.due_times import SKEW, ahead
from otklik.core.locks import lock_all
from otklik.core.row_isolation import piecemeal
from otklik.core.skipped_rows import PassedOver
from otklik.mail import late_mail_throttle
from otklik.mail.models import OutboundMail

QUEUED = OutboundMail.State.QUEUED
MOST_MAILS = 40
LEASE = timedelta(minutes=1)
_RETRIES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30))
_HOURLY = timedelta(hours=1)
PASSED_OVER = PassedOver()


@dataclass(frozen=True, slots=True)
class Claim:
    """A claimed mail: number of the attempt, end of the claim, and the mail's times before it."""

    pk: int
    attempt: int
    until: datetime
    retry_at: datetime
    last_attempt_at: datetime | None


def retry_after(attempts: int) -> timedelta:
    """How long to wait after the nth attempt: 1, 5, 15, 30 minutes, then an hour."""
    return _RETRIES[attempts - 1] if attempts <= len(_RETRIES) else _HOURLY


def claim(now: datetime, under_way: Collection[int] = (), unsettled: Collection[int] = ()) -> list[Claim]:
    """Claim the oldest due mails and count the attempt; at most one per ticket and recipient.

    The next attempt is scheduled already, so that a crash costs a minute, never the mail. `under_way`: mails this
    process is sending, whatever their rows say. `unsettled`: mails whose outcome it could not record; others do not
    wait for these. A mail whose row cannot be updated is skipped for an hour.
    """
    stuck = {*unsettled, *PASSED_OVER.rows()}
    free = _due(now, stuck).exclude(pk__in=under_way)
    with transaction.atomic():
        due = lock_all(free[:MOST_MAILS], skip_locked=True)
        mails = _walking(due, free, now)
        until = now + LEASE
        claims = [Claim(mail.pk, mail.attempts + 1, until, mail.retry_at, mail.last_attempt_at) for mail in mails]
        for mail in mails:
            mail.attempts += 1
            mail.last_attempt_at, mail.retry_at = now, now + retry_after(mail.attempts)
            mail.claimed_until = until
        noted = _noted(mails)
    return [claimed for claimed in claims if claimed.pk in noted]


def _noted(mails: Sequence[OutboundMail]) -> set[int]:
    """Return the ids of those locked mails whose attempt could be recorded."""
    noted: set[int] = set()

    def note(mails: Sequence[OutboundMail]) -> int:
        update_rows(mails, "attempts", "last_attempt_at", "retry_at", "claimed_until")
        noted.update(mail.pk for mail in mails)
        return len(mails)

    piecemeal("attempts at mails", mails, note)
    for mail in mails:
        if mail.pk not in noted:
            PASSED_OVER.add(mail.pk)
    return noted


def give_back(claims: Iterable[Claim]) -> None:
    """Undo the claims of mails that were not tried. A claim that has expired is left alone."""
    wanted = {claimed.pk: claimed for claimed in claims}
    if not wanted:
        return
    with transaction.atomic():
        rows = list(held_by(wanted.values()))
        for mail in rows:
            claimed = wanted[mail.pk]
            mail.attempts, mail.retry_at, mail.last_attempt_at = (
                claimed.attempt - 1,
                claimed.retry_at,
                claimed.last_attempt_at,
            )
            mail.claimed_until = None
        update_rows(rows, "attempts", "retry_at", "last_attempt_at", "claimed_until")


def renewed(claimed: Claim, now: datetime) -> Claim:
    """Extend the claim by a minute; returns it unchanged if it has expired."""
    until = now + LEASE
    renewed_rows = OutboundMail.objects.filter(pk=claimed.pk, state=QUEUED, claimed_until=claimed.until).update(
        claimed_until=until
    )
    return replace(claimed, until=until) if renewed_rows else claimed


def held_by(claims: Iterable[Claim]) -> list[OutboundMail]:
    """Lock and return the rows whose claims are still valid. Call in a transaction."""
    until = {claimed.pk: claimed.until for claimed in claims}
    rows = OutboundMail.objects.filter(pk__in=until, state=QUEUED).order_by("pk").only("claimed_until")
    return [mail for mail in lock_all(rows) if mail.claimed_until == until[mail.pk]]


def is_claimed(mail: OutboundMail, now: datetime) -> bool:
    """Return whether a worker is sending the mail now."""
    return mail.claimed_until is not None and now < mail.claimed_until <= now + LEASE + SKEW


def _walking(mails: list[OutboundMail], free: QuerySet[OutboundMail], now: datetime) -> Sequence[OutboundMail]:
    """Leave out late mails beyond the throttle, and fill up with fresh ones from `free`."""
    late = [mail for mail in mails if late_mail_throttle.is_late(mail.created_at, now)]
    stay = {mail.pk for mail in late[late_mail_throttle.take(len(late), now) :]}
    if not stay:
        return mails
    going = [mail for mail in mails if mail.pk not in stay]
    fresh = free.filter(created_at__gte=now - late_mail_throttle.LATE).exclude(pk__in=[mail.pk for mail in going])
    return [*going, *lock_all(fresh[: MOST_MAILS - len(going)], skip_locked=True)]


def _due(now: datetime, stuck: Collection[int]) -> QuerySet[OutboundMail]:
    """Due mails, oldest first, without `stuck` ones, for which others do not wait."""
    earlier = OutboundMail.objects.filter(
        state=QUEUED, ticket_id=OuterRef("ticket_id"), recipient=OuterRef("recipient"), id__lt=OuterRef("id")
    ).exclude(pk__in=stuck)
    set_back = ahead("created_at", now) | ahead("last_attempt_at", now) | ahead("again_at", now)
    free = Q(claimed_until=None) | Q(claimed_until__lte=now) | ahead("claimed_until", now + LEASE)
    rows = OutboundMail.objects.filter(~Exists(earlier), Q(retry_at__lte=now) | set_back, free, state=QUEUED)
    return (
        rows.exclude(pk__in=stuck)
        .order_by("retry_at", "id")
        .only("attempts", "created_at", "retry_at", "last_attempt_at", "claimed_until")
    )
