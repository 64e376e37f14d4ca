"""Requests about the same, beside a request."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from otklik.tickets.models import Ticket
from otklik.workspace.desk_context import standing
from otklik.workspace.entrance import for_ticket
from otklik.workspace.fragments import fragment
from otklik.workspace.pages.similar import similar_page

TEMPLATE = "workspace/similar.html"


@for_ticket("GET")
def similar(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """A page of their own; for htmx, the list alone."""
    page = similar_page(standing(request), ticket)
    if request.headers.get("HX-Request"):
        return fragment(TEMPLATE, "list", {"page": page})
    return render(request, TEMPLATE, {"page": page})
