"""Send the mails of the outbox (rule R8): at least once, always under the same Message-ID."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection, connections
from django.utils import timezone

from otklik.core.fault_points import faultpoint
from otklik.core.row_isolation import piecemeal
from otklik.core.transient_errors import is_transient
from otklik.mail import domain_holds, suppressed_addresses
from otklik.mail.claims import PASSED_OVER, QUEUED, Claim, claim, give_back, renewed, retry_after
from otklik.mail.compose import compose
from otklik.mail.delivery_lanes import Job, Lane, Result, Slow
from otklik.mail.dkim_sign import signed
from otklik.mail.models import OutboundMail
from otklik.mail.outcomes import GIVE_UP, NotTried, Outcome, Stopped, Try, settle
from otklik.mail.outgoing_server import parse_outgoing
from otklik.mail.smtp_connection import Refused, ServerUnavailable
from otklik.mail.verp import return_path

__all__ = ["GIVE_UP", "TOPIC", "deliver_next", "forget", "retry_after"]

TOPIC = "outbox"
log = logging.getLogger("otklik.mail")

_FIRST_PAUSE, _LONGEST_PAUSE = 5.0, 60.0
# Claimed together, but sent and recorded a few at a time, so that a crash repeats few.
_AT_ONCE = 10
_BATCH_SECONDS, _SETTLE_SECONDS = 3.0, 1.0
# After this time a mail is left to its lane. Together with the batch it is less than a worker has for stopping.
_SLOW_SECONDS = 4.0
_MOST_HOLDS = 3
# How long to retry recording the outcome of a slow mail while the database is unavailable.
_PATIENT_SECONDS, _AGAIN_SECONDS = 300.0, 0.3

_SLOW = Slow()
# Mails whose outcome could not be recorded; this process does not send them again.
_unsettled: set[int] = set()


class _Local(threading.local):
    """Per thread: the connection, and how long it pauses after trouble with the server."""

    lane: Lane | None = None
    url = ""
    rest_until = 0.0
    pause = _FIRST_PAUSE


_local = _Local()


@dataclass(frozen=True, slots=True)
class _UnderWay:
    """The outcome is not known yet; the mail's lane records it."""


def deliver_next(at: datetime | None = None) -> bool:
    """Send some mails due `at` (default: now); return whether there were any and more may follow.

    Attempts are committed before anything is sent, and no transaction is open meanwhile. While the server is in trouble
    nothing is tried for some seconds. A mail that takes long continues in its own thread. Without OTKLIK_OUTGOING
    queued mails are marked as kept.
    """
    if not settings.OUTGOING:
        return _keep_all()
    if _rests() or _SLOW.is_full() or (_local.lane is not None and _local.lane.is_busy):
        return False
    clock = _clock(at or timezone.now())
    claims = claim(clock(), _SLOW.mails(), _unsettled)
    if not claims:
        if _local.lane is not None:
            _local.lane.connection.close_if_idle()
        return False
    faultpoint("before_send")
    give_back(_send_all(claims, clock))
    return True


def forget() -> None:
    """Drop this thread's connection, its pause, and all holds, as after a change of settings."""
    if _local.lane is not None:
        _local.lane.end()
    _local.lane, _local.url, _local.rest_until, _local.pause = None, "", 0.0, _FIRST_PAUSE
    domain_holds.clear()
    _unsettled.clear()
    PASSED_OVER.clear()


def _keep_all() -> bool:
    waiting = OutboundMail.objects.filter(state=QUEUED)
    return bool(waiting.update(state=OutboundMail.State.KEPT, claimed_until=None, delayed_by="", delayed_since=None))


def _clock(at: datetime) -> Callable[[], datetime]:
    """Return a function that gives the time since `at` by the monotonic clock."""
    began = time.monotonic()
    return lambda: at + timedelta(seconds=time.monotonic() - began)


def _send_all(claims: Sequence[Claim], clock: Callable[[], datetime]) -> Sequence[Claim]:
    """Send a few at a time; return the claims for which there was no time or no server."""
    end = time.monotonic() + _BATCH_SECONDS
    while claims and _may_go_on() and time.monotonic() < end:
        looked_at, goes_on = _send_some(claims[:_AT_ONCE], clock)
        claims = claims[looked_at:]
        if not goes_on:
            break
    return claims


def _send_some(claims: Sequence[Claim], clock: Callable[[], datetime]) -> tuple[int, bool]:
    """Send a few mails and record their outcomes together; a crash repeats only these, with the same Message-IDs.

    Returns how many were processed, and whether none was left to its lane.
    """
    end, looked_at, goes_on = time.monotonic() + _SETTLE_SECONDS, 0, True
    mails = OutboundMail.objects.filter(pk__in=[claimed.pk for claimed in claims], state=QUEUED).prefetch_related(
        "files"
    )
    by_id = {mail.pk: mail for mail in mails}
    stopped = suppressed_addresses.stopped_among([mail.recipient for mail in by_id.values()])
    tries = []
    for claimed in claims:
        looked_at += 1
        mail = by_id.get(claimed.pk)
        if mail is not None and mail.claimed_until == claimed.until:
            outcome = _tried(mail, claimed, clock, is_stopped=mail.recipient in stopped)
            if isinstance(outcome, _UnderWay):
                goes_on = False
            else:
                tries.append(Try(claimed, mail, outcome))
        if time.monotonic() > end or not goes_on or not _may_go_on():
            break
    _write_down(tries, clock, _SETTLE_SECONDS)
    faultpoint("after_send")
    return looked_at, goes_on


def _write_down(tries: Sequence[Try], clock: Callable[[], datetime], seconds: float) -> None:
    """Record outcomes, retrying while the database is unavailable, since unrecorded mails are sent again.

    If one row fails, the others are recorded.
    """

    def settle_some(batch: Sequence[Try]) -> int:
        try:
            settle(batch, clock())
        except Exception as error:
            if len(batch) == 1 and not is_transient(error):
                _unsettled.add(batch[0].claim.pk)
            raise
        return len(batch)

    end = time.monotonic() + seconds
    while True:
        try:
            piecemeal("what came of mails", tries, settle_some)
            return
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block or time.monotonic() > end:
                raise
            connection.close()
            time.sleep(_AGAIN_SECONDS)


def _may_go_on() -> bool:
    return not _rests() and not _SLOW.is_full() and not (_local.lane is not None and _local.lane.is_busy)


def _tried(
    mail: OutboundMail, claimed: Claim, clock: Callable[[], datetime], *, is_stopped: bool
) -> "Outcome | _UnderWay":
    """Send one mail and return its outcome. Never raises, because earlier mails of the batch must be recorded."""
    try:
        if is_stopped and not mail.sensitive:
            return Stopped()
        if domain_holds.seconds_left(mail):
            return NotTried()
        if _SLOW.is_full_for(domain_holds.domain_of(mail)):
            return NotTried(is_slow=True)
        # What opens an account comes back to nobody, as its report would show it to the desk (AB-29); where a server
        # takes no such envelope, it goes nevertheless: what a report shows of our links is blanked.
        back = "" if mail.sensitive else return_path(mail)
        job = Job(back, mail.sender, mail.recipient, signed(compose(mail, clock()), mail.sender))
        return _handed_over(mail, claimed, job, clock)
    except Exception as error:
        log.info("mail %s was not sent", mail.pk, exc_info=True)
        return error


def _handed_over(mail: OutboundMail, claimed: Claim, job: Job, clock: Callable[[], datetime]) -> "Outcome | _UnderWay":
    lane = _lane()
    lane.begin(job)
    if not job.done.wait(_SLOW_SECONDS):
        _leave(lane, mail, claimed, job, clock)
        return _UnderWay()
    result = job.result
    assert result is not None
    if isinstance(result, str):
        faultpoint("after_250")
        _local.pause = _FIRST_PAUSE
    elif isinstance(result, Refused):
        domain_holds.after(mail, result)
    if isinstance(result, ServerUnavailable) or (isinstance(result, Refused) and domain_holds.number() >= _MOST_HOLDS):
        _rest(str(result))
    return result


def _leave(lane: Lane, mail: OutboundMail, claimed: Claim, job: Job, clock: Callable[[], datetime]) -> None:
    """Let the lane finish this mail. If not even the connection is open yet, other mails would wait as well."""
    claims = [claimed]

    def renew() -> None:
        try:
            claims[0] = renewed(claims[0], clock())
        except DatabaseError as error:
            log.warning("mail %s: its claim was not renewed: %s", mail.pk, error)
        finally:
            connections.close_all()

    def end(result: Result) -> None:
        if isinstance(result, Refused):
            domain_holds.after(mail, result)
        try:
            _write_down([Try(claims[0], mail, result)], clock, _PATIENT_SECONDS)
        finally:
            connections.close_all()

    log.info("mail %s: the server takes its time (%s)", mail.pk, lane.connection.stage)
    _SLOW.watch(mail.pk, domain_holds.domain_of(mail), job, renew, end)
    if not lane.is_opening:
        lane.end()
        _local.lane = None


def _rests() -> bool:
    return time.monotonic() < _local.rest_until


def _rest(why: str) -> None:
    log.warning("the outgoing mail server is in trouble, resting %d s: %s", _local.pause, why)
    _local.rest_until = time.monotonic() + _local.pause
    _local.pause = min(_local.pause * 2, _LONGEST_PAUSE)


def _lane() -> Lane:
    if _local.lane is None or _local.url != settings.OUTGOING:
        server = parse_outgoing(settings.OUTGOING)
        assert server is not None
        if _local.lane is not None:
            _local.lane.end()
        _local.lane, _local.url = Lane(server), settings.OUTGOING
    return _local.lane
