"""Requests about the same, beside a request."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from otklik.tickets.models import Ticket
from otklik.workspace.desk_context import standing
from otklik.workspace.htmx_fragments import fragment
from otklik.workspace.pages.similar import similar_page
from otklik.workspace.view_access import for_ticket

TEMPLATE = "workspace/similar.html"


@for_ticket("GET")
def similar(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """Show similar tickets on their own page; htmx gets only the list."""
    page = similar_page(standing(request), ticket)
    if request.headers.get("HX-Request"):
        return fragment(TEMPLATE, "list", {"page": page})
    return render(request, TEMPLATE, {"page": page})
