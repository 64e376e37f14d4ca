"""The help center: the desks whose portal is open to the reader."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from otklik.portal.pages.help_center import center_page
from otklik.portal.view_access import for_everybody
from otklik.portal.views.desk import template, typed_query


@for_everybody("GET")
def home(request: HttpRequest) -> HttpResponse:
    """Show the start page («Центр поддержки»), open to everybody: desks, and a search over their request types."""
    page = center_page(request.user, query=typed_query(request))
    return render(request, template(request, "portal/center.html"), {"page": page})
