"""From which queue the agent came, so that a ticket's page leads back there."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

from otklik.desks.desk_snapshot import QueueLine
from otklik.desks.models import Desk
from otklik.workspace.desk_context import standing
from otklik.workspace.queue_links import queue_url

_SESSION_KEY = "workspace_queue"


@dataclass(frozen=True, slots=True)
class WayBack:
    """A link to a queue."""

    name: str
    url: str


def remember_queue(request: HttpRequest, queue: QueueLine, here: str) -> None:
    """Keep the queue as the last one looked at, with its order, page and filter (`here`: the page's checked address);
    writes only when it is another."""
    last = [queue.id, here]
    if request.session.get(_SESSION_KEY) != last:
        request.session[_SESSION_KEY] = last


def remember_filter(request: HttpRequest, here: str) -> None:
    """Keep the list of a filter as the last one looked at."""
    if request.session.get(_SESSION_KEY) != [0, here]:
        request.session[_SESSION_KEY] = [0, here]


def way_back(request: HttpRequest, desk: Desk) -> WayBack | None:
    """The list last looked at as it was sorted and turned: of a filter, or a queue of this desk or of none; else the
    desk's first queue."""
    trail, stands = request.session.get(_SESSION_KEY), standing(request)
    queues = [queue for queue in (*stands.parts[desk.pk].queues, *stands.beside) if not queue.hidden]
    last, here = trail if isinstance(trail, list) and len(trail) == 2 else (trail, "")
    if last == 0 and here:
        return WayBack(_("Filter"), here)
    queue = next((queue for queue in queues if queue.id == last), None)
    if queue is not None:
        return WayBack(queue.label, here or queue_url(queue, desk.key))
    first = next((queue for queue in queues if queue.desk), None)
    return WayBack(first.label, queue_url(first, desk.key)) if first else None
