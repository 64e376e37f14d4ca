"""Responses of pages opened by a signed link from a mail, without login."""

from django.http import HttpResponse


def sealed(response: HttpResponse) -> HttpResponse:
    """The page, kept by no cache; its address goes to no other place, ours included.

    Not "no-referrer": browsers then send the forms of the page with "Origin: null", and no token helps them.
    """
    response["Referrer-Policy"] = "strict-origin"
    response["Cache-Control"] = "private, no-store"
    return response
