"""The search box: a number opens its request at once, words search."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from otklik.people.models import Person
from otklik.tickets.access import worked_tickets
from otklik.tickets.search.query import cleaned, is_number, numbered
from otklik.workspace.desk_context import standing
from otklik.workspace.htmx_fragments import fragment
from otklik.workspace.pages.search import found_page
from otklik.workspace.queries import FOUND_AT_MOST
from otklik.workspace.ticket_row import TicketRow, rows_of
from otklik.workspace.view_access import for_agents, person_of


@for_agents("GET")
def go(request: HttpRequest) -> HttpResponse:
    """Search tickets. The number of exactly one ticket redirects to it."""
    text = cleaned(request.GET.get("q", ""))
    person = person_of(request)
    named = _named(person, text) if is_number(text) else []
    if len(named) == 1:
        return redirect("workspace:ticket", key=named[0].key)
    if named:
        return render(request, "workspace/numbered.html", {"words": text, "rows": named})
    page = found_page(standing(request), request.GET.dict(), timezone.now())
    if request.headers.get("HX-Request") and request.GET.get("after"):
        return fragment("workspace/found.html", "hits", {"page": page})
    return render(request, "workspace/found.html", {"page": page}, status=422 if page.mistake else 200)


def _named(person: Person, text: str) -> list[TicketRow]:
    return rows_of(numbered(worked_tickets(person), text).order_by("-updated_at", "-id")[:FOUND_AT_MOST])
