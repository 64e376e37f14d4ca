"""Polling of an open list: changed rows, and counts of new and removed ones."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from urllib.parse import quote

import pytest
from django.db import connection
from django.db.models import Func, IntegerField, Value
from django.db.models.lookups import Exact
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from otklik.desks.models import Queue, Status
from otklik.tickets.models import Ticket
from otklik.workspace.pages import issues
from tests.cast import START, Cast
from tests.statement_caps import statements_at_most
from tests.workspace.helpers import as_, page_of, queue_url

FILTER = f"/issues/?jql={quote('project = ACCREDO AND statusCategory != Done ORDER BY key ASC')}"
Lists = Callable[[Cast], str]
LISTS: dict[str, Lists] = {"queue": lambda cast: queue_url(cast.desk) + "?sort=key", "filter": lambda _cast: FILTER}
LATER = START + timedelta(days=400)


def copies(cast: Cast, first: int, count: int, created_at: datetime = START) -> list[Ticket]:
    made = []
    for number in range(first, first + count):
        ticket = Ticket.objects.get(pk=cast.ticket.pk)
        ticket.pk, ticket.number, ticket.key, ticket.subject = None, number, f"ACCREDO-{number}", f"Принтер {number}"
        ticket.created_at = ticket.updated_at = created_at
        ticket.save()
        made.append(ticket)
    return made


def news_of(page: str) -> str:
    """Return the address that the page polls."""
    found = re.search(r'hx-get="([^"]+/news\?[^"]+)"', page)
    assert found
    return unescape(found[1])


def subjects(page: str) -> list[str]:
    return re.findall(r"data-row-link>([^<]+)<", page)


@pytest.fixture(params=LISTS)
def address(request: pytest.FixtureRequest, cast: Cast) -> str:
    return LISTS[request.param](cast)


def test_a_row_that_changed_comes_alone_and_nothing_is_to_be_pressed(cast: Cast, address: str) -> None:
    copies(cast, 2, 2)
    client = as_(cast.agent)
    news = news_of(page_of(client.get(address)))
    Ticket.objects.filter(key="ACCREDO-2").update(subject="Сканер <b>", updated_at=LATER, version=9)
    page = page_of(client.get(news))
    assert subjects(page) == ["Сканер &lt;b&gt;"] and 'data-version="9"' in page and "показать" not in page
    assert 'data-left=""' in page and 'id="ws-desks"' in page


def test_rows_that_came_and_went_are_counted(cast: Cast, address: str) -> None:
    copies(cast, 2, 2)
    client = as_(cast.agent)
    news = news_of(page_of(client.get(address)))
    copies(cast, 4, 3, created_at=LATER)
    done = Status.objects.filter(desk=cast.desk, category="done")[0]
    gone = Ticket.objects.get(key="ACCREDO-2")
    Ticket.objects.filter(pk=gone.pk).update(status=done, closed_at=LATER, updated_at=LATER)
    page = page_of(client.get(news))
    assert "3 новых, 1 больше не здесь: показать" in page
    assert f'data-left="{gone.pk}"' in page and subjects(page) == ["Принтер 2"]


def test_what_came_into_a_whole_list_by_a_change_is_new_there(cast: Cast, address: str) -> None:
    done = Status.objects.filter(desk=cast.desk, category="done")[0]
    [closed] = copies(cast, 2, 1)
    opened = closed.status
    Ticket.objects.filter(pk=closed.pk).update(status=done, closed_at=START)
    client = as_(cast.agent)
    news = news_of(page_of(client.get(address)))
    Ticket.objects.filter(pk=closed.pk).update(status=opened, closed_at=None, updated_at=LATER)
    assert "1 новый: показать" in page_of(client.get(news))


def test_a_change_on_another_page_of_the_list_is_no_new_request(cast: Cast, address: str) -> None:
    copies(cast, 2, 60)
    client = as_(cast.agent)
    news = news_of(page_of(client.get(address)))
    Ticket.objects.filter(key="ACCREDO-58").update(updated_at=LATER)
    copies(cast, 90, 1, created_at=LATER)
    page = page_of(client.get(news))
    assert "1 новый, ещё 1 изменился: показать" in page and subjects(page) == []


def test_what_the_page_shows_is_not_sent_again(cast: Cast, address: str) -> None:
    client = as_(cast.agent)
    news = news_of(page_of(client.get(address)))
    assert client.get(news).status_code == 204
    Ticket.objects.update(updated_at=LATER)
    marker = re.search(r'name="shows" value="([\w.]+)"', page_of(client.get(news)))
    assert marker and client.get(news).status_code == 200
    with statements_at_most("list news"):
        assert client.get(f"{news}&shows={marker[1]}").status_code == 204
    # What happened elsewhere at the desk is no news of the list either.
    done = Status.objects.filter(desk=cast.desk, category="done")[0]
    [closed] = copies(cast, 2, 1, created_at=LATER + timedelta(days=1))
    Ticket.objects.filter(pk=closed.pk).update(status=done, closed_at=LATER)
    assert client.get(f"{news}&shows={marker[1]}").status_code == (200 if "key" not in address else 204)


def test_ab_49_rows_of_another_desk_are_not_shown_by_their_number(cast: Cast, address: str) -> None:
    client = as_(cast.agent)
    page_of(client.get(address))
    foreign = Ticket.objects.get(pk=cast.ticket.pk)
    foreign.pk, foreign.desk, foreign.key, foreign.number = None, cast.other_desk, "OTHER-77", 77
    foreign.subject, foreign.updated_at = "Чужое", LATER
    foreign.save()
    base = news_of(page_of(client.get(address))).partition("rows=")[0]
    answer = client.get(f"{base}rows={foreign.pk}.{cast.ticket.pk}&jql=project=ACCREDO")
    assert answer.status_code == 204


@pytest.mark.parametrize("rows", ["", ".", "x", "1.2.\0", "-1", "9" * 30, ".".join(["1"] * 900)])
def test_any_rows_are_taken(cast: Cast, address: str, rows: str) -> None:
    path, _, _words = news_of(page_of(as_(cast.agent).get(address))).partition("?")
    answer = as_(cast.agent).get(path, {"jql": "project = ACCREDO", "rows": rows, "since": START.isoformat()})
    assert answer.status_code in (200, 204)


def test_a_poll_costs_as_much_for_one_row_as_for_fifty(cast: Cast, address: str) -> None:
    client = as_(cast.agent)
    counts = []
    for _turn in range(2):
        news = news_of(page_of(client.get(address)))
        with statements_at_most("list news"):
            assert client.get(news).status_code == 204
        Ticket.objects.update(updated_at=LATER)
        with CaptureQueriesContext(connection) as told:
            assert client.get(news).status_code == 200
        counts.append(len(told))
        Ticket.objects.update(updated_at=START)
        copies(cast, 2, 49) if not _turn else None
    assert counts[0] == counts[1] and len(subjects(page_of(client.get(address)))) == 50


def test_a_filter_that_takes_too_long_is_not_asked_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    client = as_(cast.agent)
    news = news_of(page_of(client.get(FILTER)))
    monkeypatch.setattr(issues, "_NEWS_LIMIT", timedelta(milliseconds=50))
    five_seconds = Func(Value(5), template="length(pg_sleep(%(expressions)s)::text)", output_field=IntegerField())
    monkeypatch.setattr(issues, "find", lambda *_: Ticket.objects.filter(Exact(five_seconds, Value(0))))
    # htmx ends a poll that is answered so.
    Ticket.objects.update(updated_at=LATER)
    answer = client.get(news)
    assert answer.status_code == 286 and "не обновляется сам" in page_of(answer)


def test_a_filter_that_means_nothing_any_more_is_not_asked_again(cast: Cast) -> None:
    since = (START - timedelta(days=1)).isoformat()
    assert as_(cast.agent).get("/issues/news", {"jql": "labelz=x", "since": since}).status_code == 286


def test_heads_of_a_filter_sort_by_writing_another_order(cast: Cast) -> None:
    copies(cast, 2, 2)
    client = as_(cast.agent)
    page = page_of(client.get(FILTER))
    heads = dict(re.findall(r'class="col-(\w+)"[^>]*>\s*<a class="sort-link" href="([^"]+)"', page))
    assert re.search(r'class="col-key" aria-sort="ascending"', page)
    assert "ORDER+BY+key+DESC" in heads["key"]
    turned = page_of(client.get("/issues/" + unescape(heads["key"])))
    assert subjects(turned)[0] == "Принтер 3" and re.search(r'class="col-key" aria-sort="descending"', turned)
    for address in heads.values():
        assert client.get("/issues/" + unescape(address)).status_code == 200


def test_a_ticket_leads_back_to_the_filter_it_was_found_by(cast: Cast) -> None:
    client = as_(cast.agent)
    client.get(FILTER)
    assert 'href="/issues/?jql=project+%3D+ACCREDO' in page_of(client.get("/browse/ACCREDO-1"))
    client.get(queue_url(cast.desk))
    assert 'href="/issues/?jql=' not in page_of(client.get("/browse/ACCREDO-1"))


CLOCK = "project = ACCREDO AND updated <= -2d ORDER BY key ASC"


@pytest.fixture(params=["queue", "filter"])
def timed(request: pytest.FixtureRequest, cast: Cast) -> str:
    if request.param == "filter":
        return f"/issues/?jql={quote(CLOCK)}"
    jql = CLOCK.removeprefix("project = ACCREDO AND ")
    queue = Queue.objects.create(desk=cast.desk, name="Забытые", jql=jql, columns=["key", "subject"], position=90)
    return f"/projects/ACCREDO/queues/custom/{queue.pk}"


def at_second(monkeypatch: pytest.MonkeyPatch, since: datetime, seconds: float) -> None:
    monkeypatch.setattr(timezone, "now", lambda: since + timedelta(seconds=seconds))


def test_what_time_alone_brings_or_takes_is_told_within_a_minute(
    cast: Cast, timed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    forgotten, soon, fresh = copies(cast, 2, 3)
    Ticket.objects.exclude(pk__in=[forgotten.pk]).update(updated_at=now, created_at=now - timedelta(days=9))
    Ticket.objects.filter(pk=forgotten.pk).update(updated_at=now - timedelta(days=5))
    Ticket.objects.filter(pk=soon.pk).update(updated_at=now - timedelta(days=2) + timedelta(seconds=50))
    client = as_(cast.agent)
    page = page_of(client.get(timed))
    news = news_of(page)
    assert subjects(page) == [forgotten.subject] and fresh.subject not in page
    # The other polls of the minute cost what they cost without a clock.
    at_second(monkeypatch, now, 41)
    with statements_at_most("list news"):
        assert client.get(news).status_code == 204
    at_second(monkeypatch, now, 62)
    said = page_of(client.get(news))
    assert "1 новый: показать" in said
    marker = re.search(r'name="shows" value="([\w.]+)"', said)
    assert marker
    news = f"{news}&side={side_of(said)}"
    for later in (82, 102, 122):
        at_second(monkeypatch, now, later)
        assert client.get(f"{news}&shows={marker[1]}").status_code == 204
    Ticket.objects.filter(pk=forgotten.pk).update(updated_at=now + timedelta(seconds=130))
    at_second(monkeypatch, now, 142)
    assert "1 новый, 1 больше не здесь: показать" in page_of(client.get(f"{news}&shows={marker[1]}"))


def test_a_look_at_the_clock_costs_the_same_for_one_row_and_many(
    cast: Cast, timed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, client, costs = timezone.now(), as_(cast.agent), []
    for number, count in ((2, 1), (20, 12)):
        copies(cast, number, count)
        Ticket.objects.update(updated_at=now - timedelta(days=5), created_at=now - timedelta(days=9))
        at_second(monkeypatch, now, 0)
        news = news_of(page_of(client.get(timed)))
        at_second(monkeypatch, now, 62)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(news).status_code == 204
        costs.append(len(asked))
    assert costs[0] == costs[1], costs


def side_of(said: str) -> str:
    """Return the sidebar's digest that the page sends."""
    found = re.search(r'id="clock-shows" name="side" value="(\w*)"', said)
    assert found
    return found[1]


def test_numbers_in_the_side_bar_follow_the_clock_on_any_list(
    cast: Cast, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    Queue.objects.create(desk=cast.desk, name="Забытые", jql="updated <= -2d", columns=["key"], position=90)
    (soon,) = copies(cast, 2, 1)
    Ticket.objects.update(updated_at=now - timedelta(hours=1))
    Ticket.objects.filter(pk=soon.pk).update(updated_at=now - timedelta(days=2) + timedelta(seconds=50))
    client = as_(cast.agent)
    news = news_of(page_of(client.get(address)))
    for unchanged in (25, 41):
        at_second(monkeypatch, now, unchanged)
        with statements_at_most("list news"):
            assert client.get(news).status_code == 204
    at_second(monkeypatch, now, 62)
    answer = client.get(news)
    said = re.sub(r"\s+", " ", page_of(answer))
    assert re.search(r'Забытые</span> <span class="ws-count">1<', said) and answer["HX-Reswap"] == "none"
    assert "data-changed-rows" not in said
    at_second(monkeypatch, now, 122)
    assert client.get(f"{news}&side={side_of(said)}").status_code == 204


def test_a_list_without_a_clock_is_never_read_anew(cast: Cast, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client = as_(cast.agent)
    now = timezone.now()
    news = news_of(page_of(client.get(address)))
    at_second(monkeypatch, now, 62)
    with statements_at_most("list news"):
        assert client.get(news).status_code == 204


def test_a_filter_shows_by_what_it_sorts_unless_columns_were_chosen(cast: Cast) -> None:
    client = as_(cast.agent)
    address = f"/issues/?jql={quote('statusCategory != Done ORDER BY priority, due, created')}"
    page = page_of(client.get(address))
    shown = re.findall(r'<th scope="col" class="col-(?!tick)(\w+)"', page)
    assert shown == ["key", "subject", "requester", "status", "assignee", "updated_at", "priority", "due", "created_at"]
    assert 'class="col-priority" aria-sort="descending"' in page
    Ticket.objects.update(updated_at=LATER)
    news = page_of(client.get(news_of(page)))
    assert news.count("<td") == page_of(client.get(address)).count("<td")
    client.post("/issues/look", {"column": ["key", "subject"]})
    assert "col-priority" not in page_of(client.get(address))
