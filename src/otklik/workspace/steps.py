"""From which queue the agent came, so that a ticket's page leads back there."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from otklik.desks.models import Desk
from otklik.desks.parts import QueueLine
from otklik.workspace.standing import standing

_SESSION_KEY = "workspace_queue"


@dataclass(frozen=True, slots=True)
class WayBack:
    """A link to a queue."""

    name: str
    url: str


def remember_queue(request: HttpRequest, queue: QueueLine) -> None:
    """Keep the queue as the last one looked at; writes only when it is another."""
    if request.session.get(_SESSION_KEY) != queue.id:
        request.session[_SESSION_KEY] = queue.id


def way_back(request: HttpRequest, desk: Desk) -> WayBack | None:
    """The queue last looked at, if it is this desk's; else its first one."""
    last, queues = request.session.get(_SESSION_KEY), standing(request).parts[desk.pk].queues
    queue = next((queue for queue in queues if queue.id == last), queues[0] if queues else None)
    if queue is None:
        return None
    return WayBack(queue.label, reverse("workspace:queue", args=[desk.key, queue.id]))
