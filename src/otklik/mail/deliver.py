"""Sending what waits in the outbox (rule R8): at least once, always under the same Message-ID."""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from otklik.core.bulk import update_rows
from otklik.core.faults import faultpoint
from otklik.core.locks import lock_all
from otklik.mail import pace, trouble
from otklik.mail.compose import UnableToCompose, compose
from otklik.mail.models import OutboundMail
from otklik.mail.post import Post, Refused, ServerTrouble
from otklik.mail.returns import return_path
from otklik.mail.server import parse_outgoing
from otklik.mail.sign import signed

TOPIC = "outbox"
log = logging.getLogger("otklik.mail")

QUEUED = OutboundMail.State.QUEUED
_RETRIES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30))
_HOURLY = timedelta(hours=1)
GIVE_UP = timedelta(days=5)
_FIRST_PAUSE, _LONGEST_PAUSE = 5.0, 60.0
# Claimed together; sent and settled a few at a time, so that a crash repeats few and a slow server holds back few.
_MOST_MAILS, _AT_ONCE = 40, 10
_BATCH_SECONDS, _SETTLE_SECONDS = 10.0, 1.0


class _Local(threading.local):
    """Each thread's own connection, and how long it rests after the server was in trouble."""

    post: Post | None = None
    url = ""
    rest_until = 0.0
    pause = _FIRST_PAUSE


_local = _Local()


@dataclass(frozen=True, slots=True)
class Claim:
    """A mail to be tried: the number of the attempt, and the row's times before that was noted."""

    pk: int
    attempt: int
    retry_at: datetime
    last_attempt_at: datetime | None


def deliver_next(at: datetime | None = None) -> bool:
    """Send some mails that are due `at` (default: now); returns whether there were any and more may follow.

    The attempts are committed before anything is sent. While the server is in trouble nothing is tried for some
    seconds. Without OTKLIK_OUTGOING everything that waits is kept.
    """
    if not settings.OUTGOING:
        return bool(OutboundMail.objects.filter(state=QUEUED).update(state=OutboundMail.State.KEPT))
    if _rests():
        return False
    at = at or timezone.now()
    claims = _claim(at)
    if not claims:
        if _local.post is not None:
            _local.post.close_if_idle()
        return False
    faultpoint("before_send")
    _give_back(_send_all(claims, at))
    return True


def forget() -> None:
    """Drop this thread's connection and its rest, as after a change of settings."""
    if _local.post is not None:
        _local.post.close()
    _local.post, _local.url, _local.rest_until, _local.pause = None, "", 0.0, _FIRST_PAUSE


def _claim(now: datetime) -> list[Claim]:
    """Note an attempt at the oldest due mails, no two of one ticket and recipient. The next try is set by it already,
    so that a crash in between costs a minute, never the mail."""
    with transaction.atomic():
        mails = lock_all(_due(now)[:_MOST_MAILS], skip_locked=True)
        late = [mail for mail in mails if pace.is_late(mail.created_at, now)]
        stay = {mail.pk for mail in late[pace.take(len(late), now) :]}
        if stay:
            # Behind those that must wait there may be fresh ones.
            going = [mail for mail in mails if mail.pk not in stay]
            fresh = _due(now).filter(created_at__gte=now - pace.LATE).exclude(pk__in=[mail.pk for mail in going])
            mails = [*going, *lock_all(fresh[: _MOST_MAILS - len(going)], skip_locked=True)]
        claims = [Claim(mail.pk, mail.attempts + 1, mail.retry_at, mail.last_attempt_at) for mail in mails]
        for mail in mails:
            mail.attempts += 1
            mail.last_attempt_at, mail.retry_at = now, now + retry_after(mail.attempts)
        update_rows(mails, "attempts", "last_attempt_at", "retry_at")
    return claims


def _due(now: datetime) -> QuerySet[OutboundMail]:
    """What may be tried, the oldest first."""
    earlier = OutboundMail.objects.filter(
        state=QUEUED, ticket_id=OuterRef("ticket_id"), recipient=OuterRef("recipient"), id__lt=OuterRef("id")
    )
    rows = OutboundMail.objects.filter(~Exists(earlier), state=QUEUED, retry_at__lte=now)
    return rows.order_by("retry_at", "id").only("attempts", "created_at", "retry_at", "last_attempt_at")


def _give_back(claims: Sequence[Claim]) -> None:
    """Mails that were not tried after all are due as they were."""
    rows = [
        OutboundMail(pk=one.pk, attempts=one.attempt - 1, retry_at=one.retry_at, last_attempt_at=one.last_attempt_at)
        for one in claims
    ]
    update_rows(rows, "attempts", "last_attempt_at", "retry_at")


def retry_after(attempts: int) -> timedelta:
    """How long to wait after the nth attempt: 1, 5, 15, 30 minutes, then an hour."""
    return _RETRIES[attempts - 1] if attempts <= len(_RETRIES) else _HOURLY


def _send_all(claims: Sequence[Claim], at: datetime) -> Sequence[Claim]:
    """Send a few at a time; returns those for which there was no time, or no server."""
    end = time.monotonic() + _BATCH_SECONDS
    while claims and not _rests() and time.monotonic() < end:
        claims = claims[_send_some(claims[:_AT_ONCE], at) :]
    return claims


def _send_some(claims: Sequence[Claim], at: datetime) -> int:
    """Send under locks on the rows, so that no other worker sends them too, and write down what came of it, for all
    together: a crash in between repeats these few, under the same Message-IDs. Returns how many were looked at."""
    end, looked_at = time.monotonic() + _SETTLE_SECONDS, 0
    with transaction.atomic():
        # Waits for the locks: another worker that looks for work may hold one for a moment.
        rows = OutboundMail.objects.filter(pk__in=[one.pk for one in claims], state=QUEUED)
        found = {mail.pk: mail for mail in lock_all(rows.order_by("pk").prefetch_related("files"))}
        stopped = trouble.stopped_among([mail.recipient for mail in found.values()])
        tried = []
        for one in claims:
            looked_at += 1
            mail = found.get(one.pk)
            if mail is not None and mail.attempts == one.attempt:
                _try(mail, mail.recipient in stopped, at)
                tried.append(mail)
            if _rests() or time.monotonic() > end:
                break
        update_rows(tried, "state", "answer", "sent_at", "text", "html")
    faultpoint("after_send")
    return looked_at


def _try(mail: OutboundMail, stopped: bool, at: datetime) -> None:
    """Send one mail and note on it what came of it. Whatever goes wrong, those before it were sent: raises nothing."""
    try:
        if stopped and not mail.sensitive:
            _stop(mail, at)
        else:
            _hand_over(mail, signed(compose(mail, at), mail.sender), at)
    except UnableToCompose as error:
        log.error("mail %s cannot be written: %s", mail.pk, error)
        _note(mail, OutboundMail.State.FAILED, f"cannot be written: {error}", at)
    except Exception as error:
        log.exception("mail %s was not sent", mail.pk)
        _note(mail, _later_or_never(mail, at), f"{type(error).__name__}: {error}", at)


def _stop(mail: OutboundMail, at: datetime) -> None:
    _note(mail, OutboundMail.State.STOPPED, "this address does not take our mail", at)
    with transaction.atomic():
        trouble.note_stopped(mail, at)


def _hand_over(mail: OutboundMail, raw: bytes, at: datetime) -> None:
    try:
        answer = _post().send(return_path(mail), mail.recipient, raw)
        faultpoint("after_250")
    except Refused as refusal:
        _note(mail, OutboundMail.State.FAILED if refusal.permanent else _later_or_never(mail, at), str(refusal), at)
        note = trouble.note_refused if mail.state == OutboundMail.State.FAILED else trouble.note_later
        # Its own savepoint: whatever happens to it, what was sent before must be written down.
        with transaction.atomic():
            note(mail, str(refusal), at)
    except ServerTrouble as error:
        _rest(str(error))
        _note(mail, _later_or_never(mail, at), str(error), at)
        with transaction.atomic():
            trouble.note_later(mail, str(error), at)
    else:
        _local.pause = _FIRST_PAUSE
        _note(mail, OutboundMail.State.SENT, answer, at)


def _note(mail: OutboundMail, state: str, answer: str, at: datetime) -> None:
    mail.state, mail.answer = state, answer[:2000].replace("\0", "")
    if state == OutboundMail.State.SENT:
        mail.sent_at = at
    if mail.sensitive and state != QUEUED:
        # Whoever may read the outbox must find no power over an account there (AB-29).
        mail.text = mail.html = ""


def _later_or_never(mail: OutboundMail, at: datetime) -> str:
    given_up = at - (mail.again_at or mail.created_at) > GIVE_UP
    return OutboundMail.State.FAILED if given_up else QUEUED


def _rests() -> bool:
    return time.monotonic() < _local.rest_until


def _rest(why: str) -> None:
    log.warning("the outgoing mail server is in trouble, resting %d s: %s", _local.pause, why)
    _local.rest_until = time.monotonic() + _local.pause
    _local.pause = min(_local.pause * 2, _LONGEST_PAUSE)


def _post() -> Post:
    if _local.post is None or _local.url != settings.OUTGOING:
        server = parse_outgoing(settings.OUTGOING)
        assert server is not None
        if _local.post is not None:
            _local.post.close()
        _local.post, _local.url = Post(server), settings.OUTGOING
    return _local.post
