"""Throttle for guesses at passwords and codes (section 3.5 of the security catalogue, AB-38).

Counted in the database, so that any number of web processes share one count. A guess is counted before it is looked
at: of many at the same moment only those that may be are looked at.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from otklik.core.due_times import is_ahead
from otklik.core.locks import lock_first
from otklik.people.models import Guesses, Person

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
# Rows that nothing was added to for so long are removed (worker.cleanup), so no closed door stays closed for ever.
KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Rule:
    """Limits for guesses of one kind.

    After `burst` wrong guesses within `window` the next must wait, with growing waits; after `most` wrong ones in a row
    none is allowed. `each`: after the first wait every further wrong guess causes the next wait, otherwise only another
    whole burst does. `calm`: time without wrong guesses after which waits start at the shortest again.
    """

    burst: int
    window: timedelta
    most: int | None = None
    each: bool = True
    calm: timedelta | None = None


_ACCOUNT = Rule(burst=5, window=timedelta(minutes=5), most=100)
RULES = {
    "password": _ACCOUNT,  # of one account, from browsers that nobody logged in with before
    "device": _ACCOUNT,  # of one account, from one browser in which its person was logged in (people.known_devices)
    "factor": _ACCOUNT,  # codes of an app, and recovery codes
    "place": Rule(burst=10, window=timedelta(minutes=1), each=False, calm=timedelta(hours=1)),  # a network address
    "code": Rule(burst=3, window=timedelta(hours=1), most=3),  # one mailed code in one browser
}


def may_guess(*, kind: str, whose: str, at: datetime) -> bool:
    """Return whether a guess may be checked now. If so, count it as wrong until `was_right` clears the count."""
    with transaction.atomic():
        guesses = _locked(kind, whose, at)
        if _is_held(RULES[kind], guesses, at):
            return False
        _count(RULES[kind], guesses, at)
    return True


def is_held(*, kind: str, whose: str, at: datetime) -> bool:
    """Return whether a guess would be refused now. Counts nothing."""
    guesses = Guesses.objects.filter(mark=_mark(kind, whose)).first()
    return guesses is not None and _is_held(RULES[kind], guesses, at)


def was_wrong(*, kind: str, whose: str, at: datetime) -> None:
    """Count a wrong guess that was checked without `may_guess`."""
    with transaction.atomic():
        _count(RULES[kind], _locked(kind, whose, at), at)


def was_right(*, kind: str, whose: str) -> None:
    """Clear the count."""
    Guesses.objects.filter(mark=_mark(kind, whose)).delete()


def forget_guesses(person: Person, *, kind: str = "password") -> None:
    """Clear the person's count: they proved their identity by a mailed link or code."""
    was_right(kind=kind, whose=account_of(person, ""))


def account_of(person: Person | None, address: str) -> str:
    """Return the key that guesses are counted by: the person, or an unknown address, which is limited just as
    strictly."""
    return f"person {person.pk}" if person is not None else f"address {address}"


def _locked(kind: str, whose: str, at: datetime) -> Guesses:
    mark = _mark(kind, whose)
    guesses = None
    # A concurrent right guess may delete the row between the two statements.
    while guesses is None:
        Guesses.objects.bulk_create([Guesses(mark=mark, last_at=at, not_before=at)], ignore_conflicts=True)
        guesses = lock_first(Guesses.objects.filter(mark=mark))
    return guesses


def _is_held(rule: Rule, guesses: Guesses, at: datetime) -> bool:
    waits = guesses.not_before > at and not is_ahead(guesses.last_at, at)
    return waits or (rule.most is not None and guesses.wrong >= rule.most)


def _count(rule: Rule, guesses: Guesses, at: datetime) -> None:
    if is_ahead(guesses.last_at, at):
        _set_back(guesses, guesses.last_at - at)
    if rule.calm is not None and at - guesses.last_at > rule.calm:
        guesses.waits = 0
    guesses.wrong, guesses.last_at = guesses.wrong + 1, at
    guesses.recent = [*guesses.recent, at.timestamp()][-rule.burst :]
    free_at = _begin_of_burst(rule, guesses, at) + rule.window
    if free_at > at or (rule.each and guesses.waits):
        guesses.waits += 1
        # Never more than a burst in any window, whatever the growing wait says.
        guesses.not_before = max(free_at if rule.each else at, at + _wait(guesses.waits))
        guesses.recent = guesses.recent if rule.each else []
    guesses.save()


def _set_back(guesses: Guesses, by: timedelta) -> None:
    """Shift the stored times after the clock was set back, so that the waits keep their length."""
    guesses.last_at, guesses.not_before = guesses.last_at - by, guesses.not_before - by
    guesses.recent = [moment - by.total_seconds() for moment in guesses.recent]


def _begin_of_burst(rule: Rule, guesses: Guesses, at: datetime) -> datetime:
    """Return the time of the oldest guess of a full burst; a time long past if there is none."""
    whole = len(guesses.recent) >= rule.burst
    return datetime.fromtimestamp(guesses.recent[0], tz=at.tzinfo) if whole else at - 2 * rule.window


def _wait(waits: int) -> timedelta:
    return min(LONGEST_WAIT, FIRST_WAIT * (1 << min(waits - 1, 12)))


def _mark(kind: str, whose: str) -> str:
    return hashlib.sha256(f"{kind} {whose}".encode("utf-8", "surrogatepass")).hexdigest()
