"""Apply the login throttle to pages and forms, and tell the reader how long to wait."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from otklik.notify.account_adapter import TOO_MANY
from otklik.people.login_attempts import Attempt, TooManyFromAddress, TooManyGuesses
from otklik.people.models import Person

View = Callable[..., HttpResponseBase]


def limits_guesses(view: View) -> View:
    """Decorator: answer 429 if the view raises TooManyFromAddress.

    That is, after too many wrong guesses from one network address, at any accounts (AB-38).
    """

    @wraps(view)
    def entered(request: HttpRequest, *args: object, **url_values: object) -> HttpResponseBase:
        try:
            return view(request, *args, **url_values)
        except TooManyFromAddress:
            response = render(request, "429.html", status=429)
            response.headers["Retry-After"] = "60"
            return response

    return entered


def check_guess(
    request: HttpRequest, kind: str, person: Person | None, check: Callable[[], Any], *, secret: str = ""
) -> Any:
    """Call `check`, which verifies a guess, and count the result: ValidationError means a wrong guess.

    Returns what `check` returns and re-raises its ValidationError. `kind`: a key of login_throttle.RULES. `secret`:
    identifies what is guessed, if that is a single code and not the person's account. After too many wrong guesses
    raises ValidationError, or TooManyFromAddress (see `limits_guesses`), without calling `check`.
    """
    try:
        attempt = Attempt.begin(request, kind=kind, person=person, secret=secret)
    except TooManyGuesses:
        raise forms.ValidationError(TOO_MANY) from None
    try:
        result = check()
    except forms.ValidationError:
        attempt.settle(False)
        raise
    attempt.settle(True)
    return result
