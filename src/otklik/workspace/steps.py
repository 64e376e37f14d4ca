"""From which queue the agent came, so that a ticket's page leads back there."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from otklik.desks.models import Desk, Queue
from otklik.workspace.queries import first_queue_of, queue_of

_SESSION_KEY = "workspace_queue"


@dataclass(frozen=True, slots=True)
class WayBack:
    """A link to a queue."""

    name: str
    url: str


def remember_queue(request: HttpRequest, queue: Queue) -> None:
    """Keep the queue as the last one looked at; writes only when it is another."""
    if request.session.get(_SESSION_KEY) != queue.pk:
        request.session[_SESSION_KEY] = queue.pk


def way_back(request: HttpRequest, desk: Desk) -> WayBack | None:
    """The queue last looked at, if it is this desk's; else its first one."""
    last = request.session.get(_SESSION_KEY)
    queue = (queue_of(desk, last) if isinstance(last, int) else None) or first_queue_of(desk)
    if queue is None:
        return None
    return WayBack(queue.name, reverse("workspace:queue", args=[desk.key, queue.pk]))
