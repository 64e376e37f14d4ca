"""Session policy: lifetimes, and the second factor required of staff (section 3.3)."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.desks.access import worked_desks
from otklik.people.commands.sessions import note_session
from otklik.people.known_devices import remember_device
from otklik.people.models import Person
from otklik.people.passwords import is_too_short_alone
from otklik.people.queries import has_second_factor

KEY = "otklik"
# Seconds between updates of the last use; a write at each request would be too expensive.
_GRAIN = 300.0
# Paths available to people who must set up a second factor or choose a longer password first.
_FREE = (
    "/static/",
    "/healthz",
    "/secure/ForgotLoginDetails.jspa",
    "/secure/ResetPassword",
    *(
        f"/servicedesk/customer/user/{page}"
        for page in ("profile", "login", "logout", "confirm", "activate", "forgot", "language", "sight", "theme")
    ),
)

Handler = Callable[[HttpRequest], HttpResponse]


class LastingSessionMiddleware(SessionMiddleware):
    """Django's sessions, but only the request that ends a session removes its cookie.

    Django removes it also if the session is unknown. An open page saves drafts and polls; its response may arrive after
    a login in another tab, and would remove the new session's cookie.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """As Django's, but keep the cookie if this request did not end the session."""
        answer = super().process_response(request, response)
        cookie = answer.cookies.get(settings.SESSION_COOKIE_NAME)
        if cookie is not None and not cookie.value and not request.session.modified:
            del answer.cookies[settings.SESSION_COOKIE_NAME]
        return answer


def sessions_end(get_response: Handler) -> Handler:
    """Middleware: end sessions that are too old or idle too long; record the devices where people are logged in.

    Polling (htmx, GET) does not count as use, so an open page does not keep a session alive.
    """

    def handle(request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/static/") or not isinstance(request.user, Person):
            return get_response(request)
        person = request.user
        noted = _keep_or_end(request, person)
        response = get_response(request)
        if noted:
            remember_device(request, response, person)
        return response

    return handle


def _keep_or_end(request: HttpRequest, person: Person) -> bool:
    """End the session if it is over; return whether its use was recorded now."""
    now = time.time()
    known: dict[str, Any] = request.session.get(KEY) or {}
    if known and known.get("person") == person.pk and _is_over(known, now):
        logout(request)
        # Posted text was typed by this person (ui.drafts_after_login).
        request.ended_session_of = person  # type: ignore[attr-defined]
        messages.warning(request, _("You were logged out because nothing was done for long. Please log in again."))
        return False
    is_polling = request.method == "GET" and request.headers.get("HX-Request") == "true"
    fresh = known.get("person") == person.pk and known.get("key") == request.session.session_key
    if not fresh or (now - known["seen"] > _GRAIN and not is_polling):
        _note(request, person, known if known.get("person") == person.pk else {}, now)
        return True
    return False


def _is_over(known: dict[str, Any], now: float) -> bool:
    if known["staff"]:
        idle, whole = timedelta(minutes=settings.STAFF_IDLE_MINUTES), timedelta(hours=settings.STAFF_SESSION_HOURS)
    else:
        idle, whole = timedelta(days=settings.IDLE_DAYS), timedelta(days=settings.SESSION_DAYS)
    return bool(now - known["seen"] > idle.total_seconds() or now - known["since"] > whole.total_seconds())


def _note(request: HttpRequest, person: Person, known: dict[str, Any], now: float) -> None:
    if not request.session.session_key:
        request.session.save()
    key = request.session.session_key or ""
    request.session[KEY] = {
        "person": person.pk,
        "key": key,
        "since": known.get("since", now),
        "seen": now,
        "staff": is_staff(person),
        "short": known.get("short", is_too_short_alone(person)),
    }
    note_session(
        person=person,
        session_key=key,
        former_key=known.get("key", ""),
        address=get_adapter().get_client_ip(request),
        browser=request.headers.get("User-Agent", ""),
        at=timezone.now(),
    )


def is_staff(person: Person) -> bool:
    """Return whether the stricter rules apply: for agents and site administrators."""
    return person.is_admin or worked_desks(person).exists()


def login_made_safe(get_response: Handler) -> Handler:
    """Middleware: redirect people who must change their login methods to their profile.

    These are staff without a second factor if OTKLIK_REQUIRE_2FA=agents, and, from the next login on, people whose
    password was long enough only together with a second factor that was removed.
    """

    def handle(request: HttpRequest) -> HttpResponse:
        demand = "" if request.path.startswith(_FREE) else _to_change(request)
        if demand:
            messages.warning(request, demand)
            return redirect("portal:security")
        return get_response(request)

    return handle


def _to_change(request: HttpRequest) -> str:
    """Return what the person must change, in words; "" for nothing."""
    person = request.user
    if not isinstance(person, Person):
        return ""
    if settings.REQUIRE_2FA == "agents" and is_staff(person) and not has_second_factor(person):
        return _("Whoever works at a desk needs a second factor here. Please set one up.")
    if request.session.get(KEY, {}).get("short") and is_too_short_alone(person):
        return _("Without a second factor your password is too short. Please choose a longer one.")
    return ""
