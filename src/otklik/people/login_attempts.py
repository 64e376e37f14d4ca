"""Apply the login throttle (people.login_throttle) to a request in which a secret is tried."""

from dataclasses import dataclass
from typing import Self

from allauth.core.internal.ratelimit import get_ip
from django.http import HttpRequest
from django.utils import timezone

from otklik.people.known_devices import device_of
from otklik.people.login_throttle import account_of, forget_guesses, is_held, may_guess, was_right, was_wrong
from otklik.people.models import Person


class TooManyGuesses(Exception):
    """Too many wrong guesses at this account or secret; this one must not be checked."""


class TooManyFromAddress(Exception):
    """Too many wrong guesses from this network address, at whatever accounts; this one must not be checked."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A guess that has been counted and may be checked; `settle` records the result.

    `subject`: the account or secret that was guessed at; `place`: the network address, "" in a known browser.
    """

    kind: str
    subject: str
    place: str

    @classmethod
    def begin(
        cls, request: HttpRequest, *, kind: str, person: Person | None, address: str = "", secret: str = ""
    ) -> Self:
        """Count a guess before it is checked: at `secret` if given, else at the account of `person` or `address`.

        `kind`: a key of login_throttle.RULES. `secret`: an id of a short-lived code. A browser in which the person has
        logged in before is counted apart, so that neither strangers' guesses nor colleagues behind the same network
        address lock the person out. Raises TooManyGuesses, TooManyFromAddress.
        """
        device = device_of(request, person)
        place = "" if device else get_ip(request)
        if place and is_held(kind="place", whose=place, at=timezone.now()):
            raise TooManyFromAddress
        subject = secret or account_of(person, address)
        if device and not secret:
            kind, subject = "device", _in_browser(kind, subject, device)
        if not may_guess(kind=kind, whose=subject, at=timezone.now()):
            raise TooManyGuesses
        return cls(kind, subject, place)

    def settle(self, is_right: bool) -> None:
        """Record whether the guess was right: that clears the count; a wrong one counts against the network address."""
        if is_right:
            was_right(kind=self.kind, whose=self.subject)
        elif self.place:
            was_wrong(kind="place", whose=self.place, at=timezone.now())


def forget_attempts(request: HttpRequest, person: Person) -> None:
    """Clear the counts of the person, who has proved their identity by other means, in this browser and elsewhere."""
    forget_guesses(person)
    if device := device_of(request, person):
        was_right(kind="device", whose=_in_browser("password", account_of(person, ""), device))


def _in_browser(kind: str, subject: str, device: str) -> str:
    return f"{kind} {subject} {device}"
