"""Responses of pages opened by a signed link from a mail, without login."""

from django.http import HttpResponse


def sealed(response: HttpResponse) -> HttpResponse:
    """Forbid caching of the page and sending its URL to other pages, ours included; return the response.

    Not "no-referrer": browsers would then post the page's forms with "Origin: null", which the CSRF check refuses.
    """
    response["Referrer-Policy"] = "strict-origin"
    response["Cache-Control"] = "private, no-store"
    return response
