"""Short URLs that redirect to a queue."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from otklik.desks.access import worked_desks
from otklik.desks.models import Desk
from otklik.workspace.queries import first_queue_of
from otklik.workspace.view_access import for_agents, for_desk


@for_agents("GET")
def first_queue(request: HttpRequest) -> HttpResponse:
    """Redirect to the first queue of the agent's first desk."""
    return _open(worked_desks(request.user).first())


@for_desk("GET")
def project(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Redirect to the desk's first queue."""
    return _open(desk)


def _open(desk: Desk | None) -> HttpResponse:
    queue = first_queue_of(desk) if desk else None
    if desk is None or queue is None:
        return redirect("workspace:home")
    return redirect("workspace:queue", key=desk.key, queue_id=queue.pk)
