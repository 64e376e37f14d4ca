"""The language switch of every page."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from otklik.people.commands.profile import choose_language
from otklik.people.models import Person
from otklik.portal.view_access import for_everybody

YEAR = 365 * 24 * 3600


@for_everybody("GET", "POST")
def language(request: HttpRequest) -> HttpResponse:
    """GET: a page to choose, linked from error pages. POST: save the language for the person and in a cookie."""
    if request.method != "POST":
        return render(request, "portal/language.html", {"languages": settings.LANGUAGES, "next": _came_from(request)})
    response: HttpResponse = redirect(way_back(request))
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES):
        if isinstance(request.user, Person):
            choose_language(person=request.user, at=timezone.now(), language=chosen)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=YEAR,
            samesite="Lax",
            secure=request.is_secure(),
            httponly=True,
        )
    return response


def _came_from(request: HttpRequest) -> str:
    """Return the page of this site that linked here; "" if the browser does not tell."""
    page = urlsplit(request.headers.get("Referer", ""))
    return page._replace(scheme="", netloc="").geturl() if page.netloc == request.get_host() else ""


def way_back(request: HttpRequest) -> str:
    """Return the page that posted, if it is on this site (AB-58), otherwise "/"."""
    goal = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(goal, allowed_hosts=None) and goal.startswith("/")
    return goal if safe else "/"
