"""Redirect the site's root to the start page of whoever is logged in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from otklik.desks.access import worked_desks


def home(request: HttpRequest) -> HttpResponse:
    """Redirect agents to their start page, everybody else to the help centre."""
    if worked_desks(request.user).exists():
        return redirect("workspace:home")
    return redirect("portal:home")
