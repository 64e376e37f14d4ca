"""Where a queue is."""

from django.urls import reverse

from otklik.desks.desk_snapshot import QueueLine


def queue_url(queue: QueueLine, desk_key: str, page: str = "queue") -> str:
    """The address of the queue, or of another page of it ("queue_news", "queue_filter"); `desk_key` is its desk's, if
    it has one."""
    if queue.desk:
        return reverse(f"workspace:{page}", args=[desk_key, queue.id])
    return reverse(f"workspace:beside_{page}", args=[queue.id])
