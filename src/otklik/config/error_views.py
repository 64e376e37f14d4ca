"""Views for errors outside any page, such as a failed CSRF check or a bad request."""

import sys

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.low_vision import COOKIE, unpacked
from otklik.core.transient_errors import is_transient
from otklik.people.models import Person
from otklik.tickets.drafts import page_of, place_of
from otklik.ui.drafts_after_login import carry, keep_posted

_RETRY_SECONDS = "10"


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a missing or expired CSRF token: say what to do.

    Text from a page of ours is kept as a draft; the Origin header, which foreign pages cannot forge, tells that.
    """
    hint, back = _("The page was open for too long. Go back, reload it and send the form again."), ""
    if _is_own(request.headers.get("Origin", ""), request) and _kept(request):
        hint = _("The page was open for too long. What you wrote is kept: open the page again and send it.")
        back = page_of(request.POST)
    return render(request, "403.html", {"hint": hint, "back": back}, status=403)


def _is_own(origin: str, request: HttpRequest) -> bool:
    return origin == f"{request.scheme}://{request.get_host()}" or origin in settings.CSRF_TRUSTED_ORIGINS


def _kept(request: HttpRequest) -> bool:
    """Save a composer's text as a draft, or until the next login; return whether there was any."""
    place_of_draft, at = request.POST.get("draft.place", ""), timezone.now()
    if not isinstance(request.user, Person):
        page, ended = page_of(request.POST), getattr(request, "ended_session_of", None)
        return carry(request.session, request.POST, page=page, kind="", ended=ended, at=at)
    place = place_of(request.user, place_of_draft)
    return place is not None and keep_posted(person=request.user, at=at, place=place, post=request.POST) is not None


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer a request that cannot be read: 413 if it is too large, else 400."""
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return HttpResponse(render_to_string("413.html", _plain(request)), status=413)
    return HttpResponse(render_to_string("400.html", _plain(request)), status=400)


def _plain(request: HttpRequest) -> dict[str, str]:
    """Return the context of error pages, which must not use the database: low-vision classes and a CSRF token."""
    return {"sight": unpacked(request.COOKIES.get(COOKIE, "")).css, "csrf_token": get_token(request)}


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an uncaught exception: 503 for trouble of database or disk, else 500. Does not use the database.

    Django calls it while the exception is being handled.
    """
    error = sys.exc_info()[1]
    if error is None or not is_transient(error):
        return HttpResponse(render_to_string("500.html", _plain(request)), status=500)
    again = _("What you wrote is not lost: reload this page in a minute, and the browser sends it once more.")
    hint = again if request.method == "POST" else ""
    page = HttpResponse(render_to_string("503.html", {"hint": hint, **_plain(request)}), status=503)
    page.headers["Retry-After"] = _RETRY_SECONDS
    return page
