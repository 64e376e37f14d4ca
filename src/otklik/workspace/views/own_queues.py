"""The queues that a person has put above the others, and those that are the person's own, in an order of their own."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from otklik.desks.commands import queues as commands
from otklik.workspace.desk_context import standing
from otklik.workspace.pages.own_queues import own_rows, starred_rows
from otklik.workspace.pages.queue_edit import removed_lines
from otklik.workspace.view_access import actor_of, for_agents, person_of
from otklik.workspace.views.settings_types import back_or_nothing, wanted_order


@for_agents("GET")
def own_queues(request: HttpRequest) -> HttpResponse:
    """List starred queues, own queues, and those deleted recently."""
    stands, at = standing(request), timezone.now()
    removed = commands.removed_queues(at, owner=person_of(request))
    if stands.person.is_admin:
        removed += commands.removed_queues(at)
    context = {
        "starred": starred_rows(stands),
        "own": own_rows(stands),
        "removed": removed_lines(removed, request.GET.get("deleted", "")),
    }
    return render(request, "workspace/own_queues.html", context)


@for_agents("POST")
def order_starred(request: HttpRequest) -> HttpResponse:
    """Set the order of the starred queues."""
    wanted = wanted_order(request, [row.id for row in starred_rows(standing(request))])
    commands.order_starred(actor=actor_of(request), order=wanted)
    return back_or_nothing(request, "workspace:own_queues")


@for_agents("POST")
def order_own(request: HttpRequest) -> HttpResponse:
    """Set the order of the reader's own queues."""
    wanted = wanted_order(request, [row.id for row in own_rows(standing(request))])
    commands.order_own_queues(actor=actor_of(request), order=wanted)
    return back_or_nothing(request, "workspace:own_queues")
