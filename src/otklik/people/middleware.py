"""Middleware that activates the reader's language and time zone."""

import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from otklik.core.low_vision import COOKIE, unpacked
from otklik.people.low_vision import remember

Handler = Callable[[HttpRequest], HttpResponse]


def person_locale(get_response: Handler) -> Handler:
    """Middleware: activate the person's language and time zone, else the cookie's language, else the site's.

    Ignores Accept-Language: a Russian office with an English Windows still wants Russian.
    """

    def handle(request: HttpRequest) -> HttpResponse:
        with translation.override(_language(request)), timezone.override(_zone(request)):
            request.LANGUAGE_CODE = translation.get_language()
            response = get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
            return response

    return handle


def person_sight(get_response: Handler) -> Handler:
    """Middleware: copy the profile's low-vision settings to the cookie, so that the login page after a logout looks the
    same."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        sight = getattr(request.user, "sight", "")
        if sight and sight != request.COOKIES.get(COOKIE) and COOKIE not in response.cookies:
            remember(request, response, unpacked(sight))
        return response

    return handle


def _language(request: HttpRequest) -> str:
    chosen = getattr(request.user, "language", "") or request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _zone(request: HttpRequest) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(getattr(request.user, "time_zone", "") or settings.TIME_ZONE)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo(settings.TIME_ZONE)
