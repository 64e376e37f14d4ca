"""Require a proof of identity at most five minutes old before sensitive acts (section 3.3, AB-35).

Every way of logging in counts as a proof, so nobody is asked right after the login. What was sent is kept in the
session and done after the confirmation.
"""

import time
from collections.abc import Callable
from functools import wraps

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import suspend_request
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

SECONDS = 300

View = Callable[..., HttpResponseBase]


def recently_confirmed(request: HttpRequest) -> bool:
    """Return whether the reader authenticated within the last five minutes of this session."""
    records = get_authentication_records(request, request.user)
    return bool(records) and time.time() - records[-1]["at"] < SECONDS


def needs_recent_login(view: View) -> View:
    """Decorator: require a recent confirmation of identity. Place it below the decorator that requires a login."""

    @wraps(view)
    def entered(request: HttpRequest, *args: object, **url_values: object) -> HttpResponseBase:
        if recently_confirmed(request):
            return view(request, *args, **url_values)
        suspended: HttpResponseBase = suspend_request(request, reverse("account_reauthenticate"))
        return suspended

    return entered
