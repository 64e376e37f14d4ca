"""A queue's conditions as chips: on the filter page and back, with all that was typed."""

import re
from html import unescape

import pytest
from django.test import Client
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from otklik.desks.models import Queue
from tests.browser import watched_tab
from tests.cast import Cast
from tests.everybody.test_pages import axe_finds
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


def test_a_form_of_any_length_takes_little_of_the_session(cast: Cast) -> None:
    client = as_(cast.lead)
    client.post("/queues/add", sent("н" * 90_000, "key = 1", chips="1", whose=cast.desk.key))
    assert len(client.session["workspace_queue_being_made"]["name"]) == 2_000


HTMX = {"HX-Request": "true"}


def chips(client: Client, said: dict[str, str]) -> str:
    """Return the answer to a queue form's chips, in one line."""
    return " ".join(page_of(client.get("/queues/chip", said, headers=HTMX)).split())


def test_within_the_form_a_condition_is_chosen_and_nothing_is_saved(cast: Cast) -> None:
    client, before = as_(cast.lead), cast.desk.queues.count()
    new = {"jql": "assignee is EMPTY", "whose": cast.desk.key}
    form = page_of(client.get("/queues/chip", {**new, "chip": "new", "field": "status"}, headers=HTMX))
    assert "data-chip-form" in form and f"whose={cast.desk.key}" in form and "<html" not in form
    asked = {**new, "chip": "new", "field": "status", "how": "is", "value": "Открытый"}
    answer = chips(client, {**asked, "apply": "1"})
    chosen = 'data-text="assignee is EMPTY AND status = Открытый" data-chosen data-focus="chip-1"'
    assert (
        chosen in answer and "Статус: Открытый" in answer and "ACCREDO-1" in answer and "data-chip-form" not in answer
    )
    further = chips(client, {**asked, "further": "1"})
    assert chosen in further and "data-chip-form" in further
    refused = page_of(client.get("/queues/chip", {**asked, "value": "Никакой", "apply": "1"}, headers=HTMX))
    assert "field-error" in refused and "data-chip-form" in refused
    out = chips(client, {**new, "out": "0"})
    assert 'data-text="" data-chosen' in out
    assert cast.desk.queues.count() == before


def test_chips_follow_what_is_typed_and_say_what_is_wrong_with_it(cast: Cast) -> None:
    client = as_(cast.lead)
    kept = {"jql": "status = Закрыт", "kept": "1", "whose": "ACCREDO"}
    answer = page_of(client.get("/queues/chip", kept, headers=HTMX))
    assert "Статус: Закрыт" in answer and "data-chosen" not in answer
    assert "Открытый" in page_of(client.get("/queues/chip", {"jql": "status = Открытй"}, headers=HTMX))
    there = client.get("/queues/chip", {"jql": "status = Закрыт", "whose": "ACCREDO"}).headers["Location"]
    assert jql_of(there) == "project = ACCREDO AND status = Закрыт"


def test_names_are_those_of_the_desk_and_another_desk_is_not_looked_at(cast: Cast) -> None:
    answer = page_of(as_(cast.agent).get("/queues/chip", {"jql": "", "whose": "OTHER"}, headers=HTMX))
    assert "OTHER-" not in answer and "ACCREDO-1" in answer


def test_whose_requests_are_looked_at_follows_who_shall_see_the_queue(cast: Cast) -> None:
    client = as_(cast.lead)
    page = page_of(client.get("/queues/add", {"jql": "project = OTHER"}))
    assert "change from:#id_whose" in page and 'id="id_whose"' in page and "запросы всех служб" in page
    # What a desk's queue asks of another desk finds nothing, and the form says so before it is saved.
    told = chips(client, {"jql": "project = OTHER", "whose": cast.desk.key})
    assert "запросы всех служб" not in told and "и ищутся только её запросы" in told and "OTHER-" not in told
    assert "запросы всех служб" in chips(client, {"jql": "project = OTHER", "whose": "me"})


def heads(page: str) -> list[str]:
    return re.findall(r'class="col-(\w+)"', page.partition("queue-found")[2])


def test_what_it_finds_is_shown_in_the_columns_that_are_ticked(cast: Cast) -> None:
    client, ticked = as_(cast.lead), ["key", "subject", "due"]
    sent = {"name": "x", "jql": "project = ACCREDO", "columns": ticked, "preview": "1"}
    assert heads(page_of(client.post("/queues/add", sent))) == ticked
    queue = cast.desk.queues.order_by("position")[0]
    assert heads(page_of(client.get(f"/queues/{queue.pk}/edit"))) == queue.columns
    assert heads(chips(client, {"jql": "project = ACCREDO", "columns": ticked})) == ticked
    assert "subject" in heads(chips(client, {"jql": "project = ACCREDO", "columns": ["nothing"]}))


@pytest.mark.browser
def test_the_form_follows_the_columns_that_are_ticked(live: Cast, live_server: LiveServer, browser: Browser) -> None:
    with watched_tab(browser, live_server.url, live.lead) as page:
        page.goto("/queues/add?jql=key is not EMPTY")
        page.wait_for_load_state("networkidle")
        found = page.locator("#queue-found")
        page.get_by_label("Срок", exact=True).check()
        expect(found.locator("th.col-due")).to_be_visible()
        page.get_by_label("Заявитель", exact=True).uncheck()
        expect(found.locator("th.col-requester")).to_have_count(0)
        # The form of a condition brings them along.
        page.locator("#chip-order").click()
        page.locator("#chip-editor").get_by_role("button", name="Применить").click()
        expect(page.locator("#chip-editor")).to_be_hidden()
        expect(found.locator("th.col-due")).to_be_visible()


@pytest.mark.browser
def test_the_form_follows_the_choice_of_a_desk(live: Cast, live_server: LiveServer, browser: Browser) -> None:
    with watched_tab(browser, live_server.url, live.lead) as page:
        page.goto("/queues/add?jql=assignee is EMPTY")
        page.wait_for_load_state("networkidle")
        page.locator("#id_whose").select_option(live.desk.key)
        expect(page.locator("#queue-reach")).to_contain_text("ищутся только её запросы")
        page.locator("#id_whose").select_option(index=0)
        expect(page.locator("#queue-reach")).to_contain_text("запросы всех служб")


@pytest.mark.browser
def test_a_lead_changes_a_queue_in_its_form_by_keyboard(live: Cast, live_server: LiveServer, browser: Browser) -> None:
    queue = live.desk.queues.get(name="Без исполнителя")
    with watched_tab(browser, live_server.url, live.lead) as page:
        page.goto(f"/queues/{queue.pk}/edit")
        page.wait_for_load_state("networkidle")
        expect(page.get_by_role("button", name="Выбрать условия")).to_be_hidden()
        page.locator("#id_name").fill("Ничьи и срочные")
        page.locator("#chip-new").press("Enter")
        page.wait_for_selector("#chip-editor[open] #chip-sift")
        page.keyboard.type("ghbjhb")  # «приори»
        page.keyboard.press("Enter")
        page.locator("#chip-editor").get_by_label("Высокий").check()
        assert axe_finds(page, "queue chips") == []
        page.keyboard.press("Enter")
        expect(page.locator("#chip-editor")).to_be_hidden()
        chip = page.locator("#chips .chip-words", has_text="Приоритет: Высокий")
        expect(chip).to_be_focused()
        expect(page.locator("#id_jql")).to_have_value(re.compile("приоритет = Высокий"))
        expect(page.locator("#id_name")).to_have_value("Ничьи и срочные")
        page.locator("#id_jql").fill("priority = Низкий")
        page.locator("#id_name").focus()
        chip = page.locator("#chips .chip-words", has_text="Приоритет: Низкий")
        expect(chip).to_be_visible()
        chip.press("Enter")
        page.wait_for_selector("#chip-editor[open] form")
        page.keyboard.press("Escape")
        expect(page.locator("#chip-editor")).to_be_hidden()
        expect(chip).to_be_focused()
        page.get_by_role("button", name="Сохранить", exact=True).first.click()
        page.wait_for_url("**/queues/custom/*")
    queue.refresh_from_db()
    assert (queue.name, queue.typed) == ("Ничьи и срочные", "priority = Низкий")
