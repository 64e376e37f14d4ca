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
    """The link on a ticket's page that leads back to the list the agent came from. `queue`: None for a filter's."""

    name: str
    url: str
    queue: QueueLine | None = None


def remember_queue(request: HttpRequest, queue: QueueLine, here: str) -> None:
    """Store in the session that this queue was the last list viewed.

    `here`: the URL of its page, already validated, with sorting, page number and filter. The session is saved only if
    something changed.
    """
    last = [queue.id, here]
    if request.session.get(_SESSION_KEY) != last:
        request.session[_SESSION_KEY] = last


def remember_filter(request: HttpRequest, here: str) -> None:
    """Store in the session that the list of a filter, at the URL `here`, was the last one viewed."""
    if request.session.get(_SESSION_KEY) != [0, here]:
        request.session[_SESSION_KEY] = [0, here]


def way_back(request: HttpRequest, desk: Desk) -> WayBack | None:
    """Return the link to the list viewed last: of a filter, or a queue of this desk or of no desk.

    Otherwise the desk's first visible queue; None if it has none. Sorting and page number are kept.
    """
    stored, stands = request.session.get(_SESSION_KEY), standing(request)
    queues = [queue for queue in (*stands.parts[desk.pk].queues, *stands.beside) if not queue.hidden]
    last, here = stored if isinstance(stored, list) and len(stored) == 2 else (stored, "")
    if last == 0 and here:
        return WayBack(_("Filter"), here)
    queue = next((queue for queue in queues if queue.id == last), None)
    if queue is not None:
        return WayBack(queue.label, here or queue_url(queue, desk.key), queue)
    first = next((queue for queue in queues if queue.desk), None)
    return WayBack(first.label, queue_url(first, desk.key), first) if first else None
