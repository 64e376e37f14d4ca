"""The help centre: every desk the reader may turn to."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from otklik.desks.access import portal_desks
from otklik.portal.entrance import for_everybody


@for_everybody("GET")
def home(request: HttpRequest) -> HttpResponse:
    """«Центр поддержки», open to anybody."""
    return render(request, "portal/center.html", {"desks": portal_desks(request.user)})
