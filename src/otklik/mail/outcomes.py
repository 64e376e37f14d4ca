"""Record the outcomes of delivery attempts, several at once."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from otklik.core.bulk_update import update_rows
from otklik.core.locks import lock_all
from otklik.core.row_isolation import piecemeal
from otklik.mail import domain_holds, suppressed_addresses
from otklik.mail.claims import QUEUED, Claim, held_by, retry_after
from otklik.mail.compose import UnableToCompose
from otklik.mail.models import OutboundMail
from otklik.mail.smtp_connection import Refused, ServerUnavailable
from otklik.mail.smtp_refusals import Blame, Stage

log = logging.getLogger("otklik.mail")
State, Delay = OutboundMail.State, OutboundMail.Delay
GIVE_UP = timedelta(days=5)
# During trouble of our own: short waits, so that everything is sent within a minute after it is over.
SOON = timedelta(seconds=domain_holds.SECONDS)
_SELDOM = timedelta(minutes=30)
OURS = (Delay.RELAY, Delay.POLICY, Delay.SOME)
_ALARMS = (Delay.RELAY, Delay.POLICY)
_WHILE_OTHERS_GO = {Delay.POLICY: Delay.SOME, Delay.SILENT: Delay.RECIPIENT}


@dataclass(frozen=True, slots=True)
class NotTried:
    """The mail waits, since similar ones were refused recently, or are being sent to a server that `is_slow`."""

    is_slow: bool = False


@dataclass(frozen=True, slots=True)
class Stopped:
    """The mail is not tried, because its address is suppressed."""


Outcome = str | NotTried | Stopped | Exception


@dataclass(frozen=True, slots=True)
class Try:
    """An attempt: mail, claim, and the outcome, which is the server's reply or the error."""

    claim: Claim
    mail: OutboundMail
    outcome: Outcome


def settle(tries: Iterable[Try], at: datetime) -> None:
    """Record outcomes on the mails and on their addresses.

    For a mail whose claim has expired, only success is recorded. Raises database errors; otherwise every mail is
    settled, even if another one fails.
    """
    made = {attempt.mail.pk: attempt for attempt in tries}
    if not made:
        return
    sent = [attempt.mail for attempt in made.values() if isinstance(attempt.outcome, str)]
    relieved = {domain_holds.domain_of(mail) for mail in sent if mail.delayed_by in OURS}
    with transaction.atomic():
        ours = {mail.pk for mail in held_by(attempt.claim for attempt in made.values())}
        rows = [_settled(made[pk], at) for pk in sorted(ours | _lost_but_sent(sent, ours))]
        update_rows(rows, *_WRITTEN)
        _forget_words(rows)
    for mail in sent:
        domain_holds.lift(mail)
    if sent:
        _others_go(relieved, at)


def _lost_but_sent(sent: Iterable[OutboundMail], ours: set[int]) -> set[int]:
    """Return mails that were sent although their claim had expired or somebody cancelled them."""
    lost = [mail.pk for mail in sent if mail.pk not in ours]
    rows = OutboundMail.objects.filter(pk__in=lost, state__in=[QUEUED, State.CANCELLED]).order_by("pk").only("state")
    return {mail.pk for mail in lock_all(rows)} if lost else set()


_WRITTEN = (
    "state", "answer", "sent_at", "attempts", "last_attempt_at", "retry_at", "claimed_until", "delayed_by",
    "delayed_since",
)  # fmt: skip


def _settled(attempt: Try, at: datetime) -> OutboundMail:
    """Settle one mail in a savepoint, so that its failure does not undo the others; return the mail."""
    try:
        with transaction.atomic():
            _judge(attempt, at)
    except Exception as error:
        log.exception("mail %s: what came of it was not written down", attempt.mail.pk)
        _put_off(attempt, f"{type(error).__name__}: {error}", at)
    attempt.mail.claimed_until = None
    return attempt.mail


def _judge(attempt: Try, at: datetime) -> None:
    mail, outcome = attempt.mail, attempt.outcome
    match outcome:
        case str():
            mail.sent_at = at
            _end(mail, State.SENT, outcome)
        case NotTried():
            _wait(attempt, outcome, at)
        case Stopped():
            suppressed_addresses.note_stopped(mail, at)
            _end(mail, State.STOPPED, "this address does not take our mail")
        case Refused():
            _refused(attempt, outcome, at)
        case ServerUnavailable() if not outcome.possibly_delivered:
            _ours(attempt, str(outcome), Delay.RELAY, at)
        case UnableToCompose():
            log.error("mail %s cannot be written: %s", mail.pk, outcome)
            _fail(attempt, f"cannot be written: {outcome}", at)
        case ServerUnavailable():
            # Unknown whether it was accepted: retry rarely, since each attempt may deliver another copy.
            others_go = mail.delayed_by == Delay.RECIPIENT
            _again(attempt, str(outcome), Delay.RECIPIENT if others_go else Delay.SILENT, at, counts=False)
        case _:
            _again(attempt, f"{type(outcome).__name__}: {outcome}", Delay.NONE, at)


def _refused(attempt: Try, refusal: Refused, at: datetime) -> None:
    answer = str(refusal)
    if refusal.blame in {Blame.RELAY, Blame.POLICY}:
        is_early = refusal.stage == Stage.MAIL or refusal.blame == Blame.RELAY
        others_go = attempt.mail.delayed_by == Delay.SOME
        _ours(attempt, answer, Delay.RELAY if is_early else Delay.SOME if others_go else Delay.POLICY, at)
    elif refusal.permanent:
        _fail(attempt, answer, at, counts=refusal.blame == Blame.RECIPIENT)
    else:
        _again(attempt, answer, Delay.RECIPIENT, at, counts=refusal.blame == Blame.RECIPIENT)


def _fail(attempt: Try, answer: str, at: datetime, *, counts: bool = False) -> None:
    suppressed_addresses.note_refused(attempt.mail, answer, at, counts=counts)
    _end(attempt.mail, State.FAILED, answer)


def _again(attempt: Try, answer: str, delay: str, at: datetime, *, counts: bool = False) -> None:
    """Schedule another attempt with the usual waits, for five days; after that it may count against the address."""
    if _is_old(attempt.mail, at):
        _fail(attempt, answer, at, counts=counts)
        return
    suppressed_addresses.note_later(attempt.mail, answer, at)
    _put_off(attempt, answer, at)
    attempt.mail.delayed_by, attempt.mail.delayed_since = delay, (attempt.mail.delayed_since or at) if delay else None


def _ours(attempt: Try, answer: str, delay: str, at: datetime) -> None:
    """Reschedule after trouble of our own: until it is over, or for five days if other mails are accepted."""
    mail = attempt.mail
    if delay == Delay.SOME and _is_old(mail, at):
        _fail(attempt, answer, at)
        return
    if mail.delayed_by in OURS:
        # However long it lasts and however often it is looked whether it is over, it is one attempt.
        mail.attempts = max(1, attempt.claim.attempt - 1)
    else:
        mail.delayed_since = at
    if answer != mail.answer or mail.delayed_by not in OURS:
        suppressed_addresses.note_later(mail, answer, at)
    mail.delayed_by, mail.answer = delay, _clean(answer)
    mail.retry_at = at + (_patience(mail, at) if delay == Delay.SOME else SOON)


def _put_off(attempt: Try, answer: str, at: datetime) -> None:
    attempt.mail.state, attempt.mail.answer = QUEUED, _clean(answer)
    attempt.mail.retry_at = at + retry_after(attempt.claim.attempt)


def _is_old(mail: OutboundMail, at: datetime) -> bool:
    return at - (mail.again_at or mail.created_at) > GIVE_UP


def _patience(mail: OutboundMail, at: datetime) -> timedelta:
    """Return the wait if other mails are accepted: a tenth of the time the trouble has lasted."""
    return min(max(SOON, (at - (mail.delayed_since or at)) / 10), _SELDOM)


def _wait(attempt: Try, why: NotTried, at: datetime) -> None:
    """Put back a mail that was not tried, for as long as similar ones are held."""
    mail, claim = attempt.mail, attempt.claim
    if why.is_slow and not mail.delayed_by:
        mail.delayed_by, mail.delayed_since = Delay.RECIPIENT, at
    mail.attempts, mail.last_attempt_at = claim.attempt - 1, claim.last_attempt_at
    mail.retry_at = at + (SOON if why.is_slow else timedelta(seconds=max(1.0, domain_holds.seconds_left(mail))))


def _end(mail: OutboundMail, state: str, answer: str) -> None:
    mail.state, mail.answer = state, _clean(answer)
    mail.delayed_by, mail.delayed_since = Delay.NONE, None


def _forget_words(rows: Iterable[OutboundMail]) -> None:
    """Empty mails that give access to an account, so that nobody finds them in the outbox (AB-29)."""
    powerful = [mail.pk for mail in rows if mail.sensitive and mail.state != QUEUED]
    if powerful:
        OutboundMail.objects.filter(pk__in=powerful).update(text="", html="")


def _others_go(relieved: Iterable[str], at: datetime) -> None:
    """After a mail was accepted, make mails due that waited for our server; a policy now blocks some only.

    `relieved`: domains that had refused a mail because of us and now accept one; mails to them become due as well.
    """
    waiting = OutboundMail.objects.filter(state=QUEUED).exclude(delayed_by__in=[Delay.NONE, Delay.RECIPIENT])
    with transaction.atomic():
        # SKIP LOCKED: another worker may be waiting for this one.
        candidates = waiting.order_by("pk").only("delayed_by", "retry_at", "recipient")
        rows = [mail for mail in lock_all(candidates, skip_locked=True) if _is_freed(mail, relieved)]
        for mail in rows:
            if mail.delayed_by != Delay.SILENT:
                mail.retry_at = min(mail.retry_at, at)
            mail.delayed_by = _WHILE_OTHERS_GO.get(Delay(mail.delayed_by), mail.delayed_by)
        # A row that takes no change must not undo what was written down of those that went.
        piecemeal("mails that may go now", rows, _freed)


def _freed(rows: Sequence[OutboundMail]) -> int:
    update_rows(rows, "delayed_by", "retry_at")
    return len(rows)


def _is_freed(mail: OutboundMail, relieved: Iterable[str]) -> bool:
    return mail.delayed_by in {*_ALARMS, Delay.SILENT} or domain_holds.domain_of(mail) in relieved


def _clean(answer: str) -> str:
    return answer[:2000].replace("\0", "")
