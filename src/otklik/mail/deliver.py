"""Sending what waits in the outbox (rule R8): at least once, always under the same Message-ID."""

import logging
import threading
import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from otklik.core.faults import faultpoint
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


class _Local(threading.local):
    """Each thread's own connection, and how long it rests after the server was in trouble."""

    post: Post | None = None
    url = ""
    rest_until = 0.0
    pause = _FIRST_PAUSE


_local = _Local()


def deliver_next(at: datetime | None = None) -> bool:
    """Send one mail that is due `at` (default: now); returns whether there was one and more may follow.

    The attempt is committed before anything is sent. While the server is in trouble nothing is tried for some seconds.
    Without OTKLIK_OUTGOING everything that waits is kept.
    """
    if not settings.OUTGOING:
        return bool(OutboundMail.objects.filter(state=QUEUED).update(state=OutboundMail.State.KEPT))
    if time.monotonic() < _local.rest_until:
        return False
    at = at or timezone.now()
    claimed = _claim(at)
    if claimed is None:
        if _local.post is not None:
            _local.post.close_if_idle()
        return False
    faultpoint("before_send")
    _send(*claimed, at)
    return True


def forget() -> None:
    """Drop this thread's connection and its rest, as after a change of settings."""
    if _local.post is not None:
        _local.post.close()
    _local.post, _local.url, _local.rest_until, _local.pause = None, "", 0.0, _FIRST_PAUSE


def _claim(now: datetime) -> tuple[int, int] | None:
    """Note an attempt at the oldest due mail: (its id, the number of the attempt). The next try is set by it already,
    so that a crash in between costs a minute, never the mail."""
    earlier = OutboundMail.objects.filter(
        state=QUEUED, ticket_id=OuterRef("ticket_id"), recipient=OuterRef("recipient"), id__lt=OuterRef("id")
    )
    with transaction.atomic():
        due = OutboundMail.objects.select_for_update(skip_locked=True).filter(
            ~Exists(earlier), pace.may_go(now), state=QUEUED, retry_at__lte=now
        )
        mail = due.order_by("retry_at", "id").only("id", "attempts", "created_at").first()
        if mail is None:
            return None
        pace.note(mail.created_at, now)
        mail.attempts += 1
        mail.last_attempt_at, mail.retry_at = now, now + retry_after(mail.attempts)
        mail.save(update_fields=["attempts", "last_attempt_at", "retry_at"])
    return mail.pk, mail.attempts


def retry_after(attempts: int) -> timedelta:
    """How long to wait after the nth attempt: 1, 5, 15, 30 minutes, then an hour."""
    return _RETRIES[attempts - 1] if attempts <= len(_RETRIES) else _HOURLY


def _send(pk: int, attempt: int, at: datetime) -> None:
    """Send under a lock on the row, so that no other worker sends it too, and write down what came of it."""
    with transaction.atomic():
        # Waits for the lock: another worker that looks for work may hold it for a moment.
        mail = OutboundMail.objects.select_for_update().filter(pk=pk, state=QUEUED, attempts=attempt).first()
        if mail is None:
            return
        if not mail.sensitive and trouble.is_stopped(mail.recipient):
            _settle(mail, OutboundMail.State.STOPPED, "this address does not take our mail", at)
            return
        try:
            raw = signed(compose(mail, at), mail.sender)
        except UnableToCompose as error:
            log.error("mail %s cannot be written: %s", pk, error)
            _settle(mail, OutboundMail.State.FAILED, f"cannot be written: {error}", at)
            return
        _hand_over(mail, raw, at)
    faultpoint("after_send")


def _hand_over(mail: OutboundMail, raw: bytes, at: datetime) -> None:
    try:
        answer = _post().send(return_path(mail), mail.recipient, raw)
        faultpoint("after_250")
    except Refused as refusal:
        state = OutboundMail.State.FAILED if refusal.permanent else _later_or_never(mail, at)
        _settle(mail, state, str(refusal), at)
        if state == OutboundMail.State.FAILED:
            trouble.note_refused(mail, str(refusal), at)
        else:
            trouble.note_later(mail, str(refusal), at)
    except ServerTrouble as error:
        _settle(mail, _later_or_never(mail, at), str(error), at)
        trouble.note_later(mail, str(error), at)
        _rest(str(error))
    else:
        _local.pause = _FIRST_PAUSE
        _settle(mail, OutboundMail.State.SENT, answer, at)


def _settle(mail: OutboundMail, state: str, answer: str, at: datetime) -> None:
    mail.state, mail.answer = state, answer[:2000]
    if state == OutboundMail.State.SENT:
        mail.sent_at = at
    if mail.sensitive and state != QUEUED:
        # Whoever may read the outbox must find no power over an account there (AB-29).
        mail.text = mail.html = ""
    mail.save(update_fields=["state", "answer", "sent_at", "text", "html"])


def _later_or_never(mail: OutboundMail, at: datetime) -> str:
    given_up = at - (mail.again_at or mail.created_at) > GIVE_UP
    return OutboundMail.State.FAILED if given_up else QUEUED


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
