"""URLs of queues."""

from otklik.desks.desk_snapshot import QueueLine
from otklik.ui.addresses import address_of


def queue_url(queue: QueueLine, desk_key: str, page: str = "queue") -> str:
    """Return the URL of a queue's page: "queue", "queue_news" or "queue_filter".

    `desk_key`: its desk's, if it has one.
    """
    if queue.desk:
        return address_of(f"workspace:{page}", desk_key, queue.id)
    return address_of(f"workspace:beside_{page}", queue.id)
