"""Pages on which a secret can be guessed."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from otklik.notify.account_adapter import TOO_MANY
from otklik.people.login_attempts import Attempt, TooManyFromHere, TooManyGuesses
from otklik.people.models import Person

View = Callable[..., HttpResponseBase]


def counted(view: View) -> View:
    """Too many wrong guesses from one network address: 429, whatever account they were at (AB-38)."""

    @wraps(view)
    def entered(request: HttpRequest, *args: object, **url_values: object) -> HttpResponseBase:
        try:
            return view(request, *args, **url_values)
        except TooManyFromHere:
            response = render(request, "429.html", status=429)
            response.headers["Retry-After"] = "60"
            return response

    return entered


def checked(
    request: HttpRequest, kind: str, person: Person | None, look: Callable[[], Any], *, secret: str = ""
) -> Any:
    """What `look` returns, counted as a right guess; a ValidationError of it counts as a wrong one and goes on.

    `secret` names what is guessed at, where that is not the account but one code.

    Raises ValidationError without looking after too many wrong ones.
    """
    try:
        attempt = Attempt.begin(request, kind=kind, person=person, secret=secret)
    except TooManyGuesses:
        raise forms.ValidationError(TOO_MANY) from None
    try:
        result = look()
    except forms.ValidationError:
        attempt.settle(False)
        raise
    attempt.settle(True)
    return result
