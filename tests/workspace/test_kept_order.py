"""The order chosen by a column header is saved for the queue, applies to exports, and can be dropped."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from otklik.desks.models import QueueChoice
from otklik.tickets.jql import sortable
from otklik.workspace import queue_counts
from otklik.workspace.pages import queue
from tests.cast import Cast
from tests.workspace.helpers import as_, page_of, queue_url
from tests.workspace.test_list_news import copies
from tests.workspace.test_queue import keys


def head(page: str, name: str) -> tuple[str, str]:
    """Return the order that the column header shows, and what its button sends."""
    found = re.search(rf'class="col-{name}"(?: aria-sort="(\w+)")?>\s*<button[^>]*name="sort" value="([^"]*)"', page)
    assert found
    return found[1] or "", found[2]


def test_the_order_chosen_by_a_head_is_kept_per_person_and_queue(cast: Cast) -> None:
    copies(cast, 2, 3)
    client, there = as_(cast.agent), queue_url(cast.desk)
    client.post(there + "/look", {"column": ["subject", "key", "priority"], "density": "compact"})
    page = page_of(client.get(there))
    assert head(page, "subject") == ("", "subject") and head(page, "priority") == ("", "priority")
    assert client.post(there + "/look", {"sort": "-key"}).headers["Location"] == there
    page = page_of(client.get(there))
    assert keys(page) == ["ACCREDO-4", "ACCREDO-3", "ACCREDO-2", "ACCREDO-1"] and " dense" in page
    assert head(page, "key") == ("descending", "key") and "Номер, по убыванию" in page
    assert QueueChoice.objects.get(person=cast.agent).columns == ["subject", "key", "priority"]
    assert head(page_of(as_(cast.lead).get(there)), "key") == ("", "-key")
    client.post(there + "/look", {"sort": ""})
    page = page_of(client.get(there))
    assert head(page, "updated_at") if "updated_at" in page else "Номер, по убыванию" not in page
    client.post(there + "/look", {"sort": "password"})
    assert QueueChoice.objects.get(person=cast.agent).sorting == ""
    # What the queue says itself is nobody's own order: it follows when the queue is changed.
    client.post(there + "/look", {"sort": "-updated_at"})
    assert QueueChoice.objects.get(person=cast.agent).sorting == ""


def test_the_most_urgent_first_is_downward_as_in_the_language(cast: Cast) -> None:
    client, there = as_(cast.agent), queue_url(cast.desk)
    client.post(there + "/look", {"sort": "priority"})
    page = page_of(client.get(there))
    assert head(page, "priority") == ("descending", "-priority") and "Приоритет, по убыванию" in page
    assert "ORDER BY priority DESC" in jql_of(client.get(there + "/filter").headers["Location"])


def test_the_file_has_the_order_of_the_screen(cast: Cast) -> None:
    client, there = as_(cast.agent), queue_url(cast.desk)
    client.post(there + "/look", {"sort": "subject"})
    for address, order in ((there, "summary"), (f"{there}?sort=-key", "key DESC")):
        link = re.search(r'href="([^"]*export=[^"]*)"', page_of(client.get(address)))
        assert link
        jql = jql_of(client.get(unescape(link[1])).headers["Location"])
        assert jql.endswith((f"ORDER BY {order}", f"ORDER BY {order} ASC"))


def test_an_order_that_a_long_list_cannot_have_does_not_hide_the_list(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies(cast, 2, 5)
    client, there = as_(cast.agent), queue_url(cast.desk)
    client.post(there + "/look", {"sort": "subject"})
    monkeypatch.setattr(sortable, "MOST_SORTED", 3)
    monkeypatch.setattr(sortable, "tickets_there_are", lambda: 5)
    for module in (queue_counts, queue):
        monkeypatch.setattr(module, "COUNTED", 2)
    page = page_of(client.get(there))
    assert sorted(keys(page)) == [f"ACCREDO-{number}" for number in range(1, 7)]
    assert "Список отсортирован так, как задано в очереди" in page and "Исправить текст" not in page
    assert head(page, "subject") == ("", "subject") and 'form="sort-form" name="sort" value=""' in page
    # What an address asks for is still refused in words.
    assert "queue-broken" in page_of(client.get(there + "?sort=subject"))
    client.post(there + "/look", {"sort": ""})
    assert "Список отсортирован так" not in page_of(client.get(there))


def test_an_order_can_be_chosen_where_no_column_has_a_head(cast: Cast) -> None:
    page = page_of(as_(cast.agent).get(queue_url(cast.desk)))
    assert f'href="{queue_url(cast.desk)}/look#look-sorting"' in page


def jql_of(address: str) -> str:
    return parse_qs(urlsplit(address).query)["jql"][0]
