"""Each section of the agents' home leads to the whole of it, as a filter that finds the same."""

import re
from html import unescape

from otklik.desks.models import Status
from otklik.tickets.models import Ticket
from tests.cast import Cast
from tests.workspace.helpers import as_, page_of
from tests.workspace.test_list_news import copies
from tests.workspace.test_queue import keys


def test_the_whole_list_of_a_section_finds_what_the_section_shows(cast: Cast) -> None:
    mine, waits, closed, _nobodys = copies(cast, 2, 4)
    waiting, done = (Status.objects.filter(desk=cast.desk, category=category)[0] for category in ("waiting", "done"))
    Ticket.objects.filter(pk__in=[mine.pk, waits.pk, closed.pk]).update(assignee=cast.agent)
    Ticket.objects.filter(pk=waits.pk).update(status=waiting)
    Ticket.objects.filter(pk=closed.pk).update(status=done, closed_at=closed.created_at)
    client = as_(cast.agent)
    sections = page_of(client.get("/secure/Dashboard.jspa")).split("<section")[1:]
    compared = 0
    for section in sections:
        link = re.search(r'class="soft home-more">.*?href="([^"]+)"', section, re.DOTALL)
        if link:
            shown = sorted(re.findall(r'data-key="([^"]+)"', section))
            assert shown and shown == sorted(keys(page_of(client.get(unescape(link[1])))))
            compared += 1
    assert compared == 3
