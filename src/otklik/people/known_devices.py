"""A signed cookie that marks browsers in which a person has logged in before.

Whoever guesses at somebody's password from elsewhere makes strangers wait, not the person (AB-38). The mark is worth
nothing but guesses of its own: it logs nobody in, and a new password voids it.
"""

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from otklik.people.models import Person

SALT = "otklik.device"
_YEAR = 365 * 24 * 3600
# How many people sharing a browser are remembered.
_MOST = 5


def device_of(request: HttpRequest, person: Person | None) -> str:
    """Return an id of this browser if the person has logged in here before; "" if not."""
    name, bound_to = _kept(request).get(str(person.pk) if person else "", ("", ""))
    return name if person is not None and bound_to == _binding(person) else ""


def remember_device(request: HttpRequest, response: HttpResponse, person: Person) -> None:
    """Mark the browser, by a cookie on the response, as one in which the person has logged in."""
    if device_of(request, person):
        return
    others = {key: device for key, device in _kept(request).items() if key != str(person.pk)}
    last = dict(list(others.items())[-(_MOST - 1) :])
    devices = {**last, str(person.pk): (secrets.token_urlsafe(16), _binding(person))}
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps(devices, salt=SALT),
        max_age=_YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _kept(request: HttpRequest) -> dict[str, tuple[str, str]]:
    try:
        devices = signing.loads(request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), salt=SALT, max_age=_YEAR)
    except signing.BadSignature:
        return {}
    return {str(key): (str(name), str(bound_to)) for key, (name, bound_to) in dict(devices).items()}


def _binding(person: Person) -> str:
    return person.get_session_auth_hash()[:16]
