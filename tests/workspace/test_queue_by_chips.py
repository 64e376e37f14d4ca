"""The conditions of a queue are chosen by chips: on the page of a filter and back, with all that was typed."""

import re
from html import unescape

from otklik.desks.models import Queue
from tests.cast import Cast
from tests.workspace.helpers import as_, page_of, queue_url
from tests.workspace.test_kept_order import jql_of
from tests.workspace.test_queue_edit import sent


def link(page: str, words: str) -> str:
    found = re.search(rf'<a class="[^"]*" href="([^"]*)">(?:<svg(?:(?!</svg>).)*</svg>)?{words}</a>', page, re.DOTALL)
    assert found
    return unescape(found[1])


def test_a_lead_changes_a_queue_by_chips_and_loses_nothing_that_was_typed(cast: Cast) -> None:
    client, number = as_(cast.lead), queue_url(cast.desk).rpartition("/")[2]
    page = page_of(client.get(f"/queues/{number}/edit"))
    assert "Выбрать условия" in page and "Категория статуса" in page
    before = re.search(r'name="before" value="(\w+)"', page)
    assert before
    typed = sent("Недописанная", "assignee is EMPTY ORDER BY created", chips="1", before=before[1])
    there = client.post(f"/queues/{number}/edit", typed).headers["Location"]
    assert jql_of(there) == f"project = {cast.desk.key} AND assignee is EMPTY ORDER BY created"
    page = page_of(client.get(there))
    assert "Выберите условия очереди «Недописанная»" in page
    page = page_of(client.get("/issues/", {"jql": f"project = {cast.desk.key} AND assignee = currentUser()"}))
    form = page_of(client.get(link(page, "Взять их")))
    assert 'value="Недописанная"' in form and ">assignee = currentUser()</textarea>" in form
    assert f'name="before" value="{before[1]}"' in form and "Взять их" not in page_of(client.get("/issues/"))
    assert not re.search(r'value="status"[^>]*checked', form) and re.search(r'value="subject"[^>]*checked', form)
    assert Queue.objects.get(pk=number).name != "Недописанная"


def test_who_cancels_finds_the_form_as_it_was_left(cast: Cast) -> None:
    client = as_(cast.lead)
    typed = sent("Новая", "assignee is EMPTY", chips="1", whose=cast.desk.key)
    page = page_of(client.get(client.post("/queues/add", typed).headers["Location"]))
    form = page_of(client.get(link(page, "Отмена")))
    assert 'value="Новая"' in form and f'<option value="{cast.desk.key}" selected' in form
    assert ">assignee is EMPTY</textarea>" in form


def test_the_form_of_another_queue_is_not_filled_with_it(cast: Cast) -> None:
    client, ids = as_(cast.lead), list(cast.desk.queues.values_list("pk", flat=True))[:2]
    client.post(f"/queues/{ids[0]}/edit", sent("Недописанная", "key = 1", chips="1"))
    assert "Недописанная" not in page_of(client.get(f"/queues/{ids[1]}/edit"))
