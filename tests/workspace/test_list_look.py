"""A person's own columns, order and density of a list."""

import re
from datetime import date
from html import unescape
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from otklik.desks.models import Field, Queue, QueueChoice
from otklik.people.models import Organization
from otklik.tickets.models import Ticket
from tests.browser import watched_tab
from tests.cast import START, Cast
from tests.workspace.helpers import as_, page_of, queue_url
from tests.workspace.test_list_news import FILTER, LATER, copies, news_of

PLACES = {"queue": (queue_url, lambda cast: queue_url(cast.desk) + "/look"),
          "filter": (lambda _desk: FILTER, lambda _cast: "/issues/look")}  # fmt: skip


@pytest.fixture(params=PLACES)
def places(request: pytest.FixtureRequest, cast: Cast) -> tuple[str, str]:
    """Return the addresses of the list and of the page with its settings."""
    of_list, of_look = PLACES[request.param]
    return of_list(cast.desk), of_look(cast)


def heads(page: str) -> list[str]:
    return re.findall(r'<th scope="col" class="col-(?!tick)(\w+)"', page)


def question(cast: Cast, number: int, kind: str = Field.Kind.TEXT, label: str = "Кабинет") -> Field:
    kinds = cast.desk.request_types.order_by("position")
    return Field.objects.create(
        request_type=kinds[0], key=f"customfield_{number}", kind=kind, label=label, position=number
    )


def test_the_chosen_columns_stand_in_the_order_chosen_for_oneself_alone(cast: Cast, places: tuple[str, str]) -> None:
    there, look = places
    client = as_(cast.agent)
    usual = heads(page_of(client.get(there)))
    answer = client.post(look, {"column": ["subject", "labels", "key", "password", "subject"], "density": "compact"})
    assert answer.status_code == 302
    page = page_of(client.get(there))
    assert heads(page) == ["subject", "labels", "key"] and " dense" in page
    assert heads(page_of(as_(cast.lead).get(there))) == usual
    client.post(look, {"reset": "1"})
    page = page_of(client.get(there))
    assert heads(page) == usual and " dense" not in page


def test_the_look_of_one_queue_is_not_that_of_another(cast: Cast) -> None:
    client = as_(cast.agent)
    client.post(queue_url(cast.desk) + "/look", {"column": ["key"]})
    client.post("/issues/look", {"column": ["subject"]})
    assert heads(page_of(client.get(queue_url(cast.desk)))) == ["key"]
    assert heads(page_of(client.get(FILTER))) == ["subject"]
    others = page_of(client.get(queue_url(cast.desk, "Закрытые") + "/look"))
    assert re.search(r'value="subject"\s+checked', others)


@pytest.mark.parametrize(
    ("chosen", "shown"),
    [(["status"], ["key", "status"]), (["status", "key"], ["status", "key"]), (["subject"], ["subject"])],
)
def test_every_row_leads_to_its_request(
    cast: Cast, places: tuple[str, str], chosen: list[str], shown: list[str]
) -> None:
    there, look = places
    client = as_(cast.agent)
    client.post(look, {"column": chosen})
    page = page_of(client.get(there))
    assert heads(page) == shown and page.count('href="/browse/ACCREDO-1" data-row-link>') == 1


def test_the_columns_that_a_list_has_stay_its_own(cast: Cast) -> None:
    address, client = queue_url(cast.desk), as_(cast.agent)
    usual = heads(page_of(client.get(address)))
    client.post(f"{address}/look", {"column": usual, "density": "compact"})
    Queue.objects.filter(pk=address.rpartition("/")[2]).update(columns=["key", "due"])
    page = page_of(client.get(address))
    assert heads(page) == ["key", "due"] and " dense" in page


def test_an_arrow_moves_a_column_without_scripts(cast: Cast, places: tuple[str, str]) -> None:
    there, look = places
    client = as_(cast.agent)
    answer = client.post(look, {"column": ["key", "subject", "status"], "up": "status"})
    assert "moved=status" in answer["Location"] and "autofocus" in page_of(client.get(answer["Location"]))
    assert heads(page_of(client.get(there))) == ["key", "status", "subject"]
    client.post(look, {"column": ["key", "status", "subject"], "down": "key"})
    assert heads(page_of(client.get(there))) == ["status", "key", "subject"]
    for sent in ({"up": "status"}, {"down": "subject"}, {"up": "nothing"}):
        client.post(look, {"column": ["status", "key", "subject"], **sent})
        assert heads(page_of(client.get(there))) == ["status", "key", "subject"]


@pytest.mark.parametrize("words", ["owner__password", "customfield_", "customfield_99999", "\0", "<b>", "x" * 3000])
def test_ab_51_only_known_columns_sortings_and_densities_are_kept(
    cast: Cast, places: tuple[str, str], words: str
) -> None:
    there, look = places
    client = as_(cast.agent)
    sent = {"column": [words, "key"], "sorting": words, "density": words, "up": words}
    assert client.post(look, sent).status_code == 302
    kept = QueueChoice.objects.get(person=cast.agent)
    assert (kept.columns, kept.sorting, kept.density) == (["key"], "", "")
    assert heads(page_of(client.get(there))) == ["key"]


def test_a_queue_keeps_what_it_is_sorted_by(cast: Cast) -> None:
    copies(cast, 2, 2)
    client, there = as_(cast.agent), queue_url(cast.desk)
    client.post(f"{there}/look", {"column": ["key", "subject"], "sorting": "-subject"})
    page = page_of(client.get(there))
    assert re.findall(r"data-row-link>([^<]+)<", page)[0] == "Принтер 3"
    assert re.search(r'class="col-subject" aria-sort="descending"', page)
    assert 'aria-sort="ascending"' in page_of(client.get(f"{there}?sort=key"))


def test_more_of_a_request_can_be_shown(cast: Cast, places: tuple[str, str]) -> None:
    there, look = places
    client = as_(cast.agent)
    organization = Organization.objects.create(name="Клиника <1>")
    room, where = question(cast, 771), question(cast, 772, Field.Kind.ORGANIZATION, "Где")
    Ticket.objects.filter(pk=cast.ticket.pk).update(
        labels=["важно", "<i>"], due=date(2020, 2, 3), request_type=room.request_type,
        answers={room.key: "412 <b>", where.key: organization.pk, "customfield_1": "чужое"},
    )  # fmt: skip
    columns = ["subject", "labels", "due", "type", "resolution", "closed_at", room.key, where.key]
    assert "Кабинет" in page_of(client.get(look))
    client.post(look, {"column": columns})
    page = page_of(client.get(there))
    assert heads(page) == columns and "Кабинет</th>" in page
    for said in ("&lt;i&gt;, важно", "03.02.2020", "412 &lt;b&gt;", "Клиника &lt;1&gt;", "просрочен"):
        assert said in page or said.replace("&lt;i&gt;, важно", "важно, &lt;i&gt;") in page, said
    assert "чужое" not in page


def test_news_have_the_chosen_columns(cast: Cast, places: tuple[str, str]) -> None:
    there, look = places
    client = as_(cast.agent)
    room = question(cast, 771)
    client.post(look, {"column": ["subject", room.key]})
    news = news_of(page_of(client.get(there)))
    Ticket.objects.filter(pk=cast.ticket.pk).update(updated_at=LATER, answers={room.key: "512"})
    page = page_of(client.get(news))
    assert page.count("<td") == 3 and "512" in page


def test_answers_of_fifty_rows_cost_as_much_as_of_one(cast: Cast, places: tuple[str, str]) -> None:
    there, look = places
    client, counts = as_(cast.agent), []
    room = question(cast, 771)
    client.post(look, {"column": ["key", "subject", room.key]})
    Ticket.objects.update(answers={room.key: "412"}, updated_at=START)
    for _turn in range(2):
        client.get(there)
        with CaptureQueriesContext(connection) as seen:
            assert "412" in page_of(client.get(there))
        counts.append(len(seen))
        copies(cast, 2, 30) if not _turn else None
    assert counts[0] == counts[1]


def test_ab_50_back_leads_to_a_filter_only(cast: Cast) -> None:
    client = as_(cast.agent)
    for back in ("https://evil.test/issues/", "//evil.test/issues/", "/issues/../admin", "javascript:alert(1)", ""):
        assert client.post(f"/issues/look?back={back}", {"column": ["key"]})["Location"] == "/issues/"
    found = re.search(r'href="(/issues/look\?back=[^"]+)"', page_of(client.get(FILTER)))
    assert found
    assert "jql=project" in client.post(unescape(found[1]), {"column": ["key"]})["Location"]
    back = "/issues/?jql=" + quote("summary ~ " + "слово" * 80)
    assert len(back) > 2048
    assert client.post(f"/issues/look?back={quote(back)}", {"column": ["key"]})["Location"] == back


@pytest.mark.browser
def test_columns_are_moved_and_dragged_before_they_are_saved(
    live: Cast, live_server: LiveServer, browser: Browser
) -> None:
    with watched_tab(browser, live_server.url, live.agent) as page:
        page.goto(queue_url(live.desk))
        page.get_by_role("link", name="Столбцы").click()
        up = page.get_by_role("button", name="Тема: выше")
        up.focus()
        page.keyboard.press("Enter")
        # It is the first now: the other arrow has the keyboard.
        expect(page.get_by_role("button", name="Тема: ниже")).to_be_focused()
        page.get_by_role("checkbox", name="Метки").check()
        columns = page.locator("[data-column]")
        columns.nth(0).locator(".look-grip").drag_to(columns.nth(2), target_position={"x": 60, "y": 30})
        expect(columns.nth(2)).to_contain_text("Тема")
        page.get_by_role("radio", name="Плотно").check()
        page.get_by_role("button", name="Сохранить").click()
        heads = page.locator("thead th:not(.col-tick)")
        expect(heads.nth(0)).to_contain_text("Номер")
        expect(heads.nth(2)).to_contain_text("Тема")
        expect(page.locator("thead th.col-labels")).to_be_visible()
        expect(page.locator("[data-rows]")).to_have_class(re.compile("dense"))
