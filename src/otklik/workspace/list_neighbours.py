"""The tickets before and behind one in the list that the agent came from, as that list stands now."""

from urllib.parse import urlsplit

from django.http import HttpRequest, QueryDict
from django.utils import timezone

from otklik.desks.models import Desk
from otklik.workspace.back_links import WayBack
from otklik.workspace.desk_context import standing
from otklik.workspace.pages.issues import issues_page
from otklik.workspace.pages.queue import queue_page


def neighbour(key: str, listed: list[str], *, forward: bool) -> str:
    """Return the key behind this one in the list, or before it; "" at the list's end.

    A ticket that is no longer in the list stands before its first row: that is what follows it.
    """
    if key not in listed:
        return next(iter(listed), "") if forward else ""
    rest = listed[listed.index(key) + 1 :] if forward else listed[: listed.index(key)][::-1]
    return next(iter(rest), "")


def listed_keys(request: HttpRequest, desk: Desk, back: WayBack) -> list[str]:
    """Return the keys of the list's page that `back` leads to, in its order. `desk`: that of the open ticket."""
    stands, query, at = standing(request), QueryDict(urlsplit(back.url).query), timezone.now()
    if back.queue is None:
        return [row.key for row in issues_page(stands, query, at).rows]
    of = desk if back.queue.desk else None
    return [row.key for row in queue_page(stands=stands, desk=of, queue=back.queue, query=query, at=at).rows]
