"""The page of a person's own and starred queues."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from otklik.desks.desk_snapshot import QueueLine
from otklik.workspace.desk_context import Standing
from otklik.workspace.pages.types import Row
from otklik.workspace.sidebar import label_of, starred_queues


def starred_rows(stands: Standing) -> list[Row]:
    """Return the starred queues in their order; desks' queues are edited in the desk's settings."""
    queues = starred_queues(stands)
    return [_row(stands, queues, queue, unstar=True) for queue in queues]


def own_rows(stands: Standing) -> list[Row]:
    """Return the person's own queues, starred or not."""
    queues = [queue for queue in stands.beside if queue.mine]
    return [_row(stands, queues, queue, unstar=False) for queue in queues]


def _row(stands: Standing, queues: Sequence[QueueLine], queue: QueueLine, *, unstar: bool) -> Row:
    starred = not unstar and queue.id in stands.counts.starred
    return Row(
        id=queue.id,
        name=label_of(stands, queue),
        icon=queue.icon or "list",
        notes=[_("among the starred")] if starred else [],
        archived=False,
        first=queue is queues[0],
        last=queue is queues[-1],
        url=reverse("workspace:edit_queue", args=[queue.id]) if stands.may_change(queue) else "",
        form_url=stands.queue_url(queue),
        archive_url="",
        unstar_url=reverse("workspace:star_queue", args=[queue.id]) if unstar else "",
    )
