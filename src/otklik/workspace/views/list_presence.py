"""Which requests of an open list others have open now."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from otklik.tickets.presence import present_among
from otklik.workspace.desk_context import standing
from otklik.workspace.pages.list_news import shown_in
from otklik.workspace.presence import token_of_list
from otklik.workspace.view_access import for_agents, person_of

TEMPLATE = "workspace/list_presence.html"


@for_agents("GET")
def list_presence(request: HttpRequest) -> HttpResponse:
    """Answer the poll of an open list (`rows`: ids, as of its news): 204 if nobody came or went, else who is where."""
    tickets = shown_in(request.GET).ids
    names = present_among(standing(request).desk_ids, tickets, timezone.now(), person_of(request))
    token = token_of_list(names)
    if request.GET.get("present", "") == token:
        return HttpResponse(status=204)
    return render(
        request, TEMPLATE, {"token": token, "marks": [(pk, ", ".join(people)) for pk, people in names.items()]}
    )
