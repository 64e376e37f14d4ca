"""One login attempt: whether it may be checked, and what it changes for the next (people.login_throttle)."""

from dataclasses import dataclass
from typing import Self

from allauth.core.internal.ratelimit import get_ip
from django.http import HttpRequest
from django.utils import timezone

from otklik.people.known_devices import device_of
from otklik.people.login_throttle import account_of, forget_guesses, is_held, may_guess, was_right, was_wrong
from otklik.people.models import Person


class TooManyGuesses(Exception):
    """The try is not looked at: there were too many wrong ones for this account."""


class TooManyFromHere(Exception):
    """The try is not looked at: there were too many wrong ones from this network address, for whatever account."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try that is looked at; `settle` says how it went."""

    kind: str
    whose: str
    place: str

    @classmethod
    def begin(
        cls, request: HttpRequest, *, kind: str, person: Person | None, address: str = "", secret: str = ""
    ) -> Self:
        """Count a try for the person's account, or for the unknown address, or at one `secret` that will not last.

        Raises TooManyGuesses, TooManyFromHere. A browser in which the person was logged in before counts by itself:
        neither those who guess from elsewhere nor colleagues behind the same network address hold its person up.
        """
        device = device_of(request, person)
        place = "" if device else get_ip(request)
        if place and is_held(kind="place", whose=place, at=timezone.now()):
            raise TooManyFromHere
        whose = secret or account_of(person, address)
        if device and not secret:
            kind, whose = "device", _in_browser(kind, whose, device)
        if not may_guess(kind=kind, whose=whose, at=timezone.now()):
            raise TooManyGuesses
        return cls(kind, whose, place)

    def settle(self, is_right: bool) -> None:
        """How it went."""
        if is_right:
            was_right(kind=self.kind, whose=self.whose)
        elif self.place:
            was_wrong(kind="place", whose=self.place, at=timezone.now())


def forget_attempts(request: HttpRequest, person: Person) -> None:
    """The person proved otherwise who they are: passwords may be tried again, in this browser and elsewhere."""
    forget_guesses(person)
    if device := device_of(request, person):
        was_right(kind="device", whose=_in_browser("password", account_of(person, ""), device))


def _in_browser(kind: str, whose: str, device: str) -> str:
    return f"{kind} {whose} {device}"
