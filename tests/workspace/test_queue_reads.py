"""Special queues: invalid, slow, time-dependent, of no desk, hidden."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any
from weakref import ref
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from otklik.core.errors import UnableTo
from otklik.desks.commands.create import set_role
from otklik.desks.models import Queue, Status
from otklik.people.actor import system
from otklik.people.models import Person
from otklik.tickets.models import Ticket
from otklik.workspace import queue_counts
from otklik.workspace.desk_context import Standing
from otklik.workspace.slow_queues import MINUTES, SLOW, SlowQueues
from tests.cast import START, Cast
from tests.statement_caps import statements_at_most
from tests.workspace.helpers import as_, page_of, queue_url
from tests.workspace.test_list_news import LATER, news_of
from tests.workspace.test_queue import keys, more_tickets


@pytest.fixture(autouse=True)
def _nothing_is_slow() -> Iterator[None]:
    SLOW.forget()
    yield
    SLOW.forget()


def queue_of(cast: Cast, jql: str, **more: Any) -> str:
    """Create a further queue of the desk; return its address."""
    queue = Queue.objects.create(desk=cast.desk, name="Ещё одна", jql=jql, columns=["key"], position=9, **more)
    return f"/projects/ACCREDO/queues/custom/{queue.pk}"


def own_queue(person: Person | None, jql: str) -> str:
    queue = Queue.objects.create(owner=person, name="Из всех служб", jql=jql, columns=["key"], position=1)
    return f"/queues/{queue.pk}"


def line_of(page: str, address: str) -> str:
    """Return the queue's line in the sidebar."""
    begin = page.index(f'href="{address}"')
    return page[begin : page.index("</li>", begin)]


@pytest.mark.parametrize(
    ("jql", "says"),
    [
        ("status = 999999", "status"),
        ("status = ", "значение"),
        ("колпак = 1", "колпак"),
        ("cf[31337] = 1", "cf[31337]"),
        ("priority ~ x", "priority"),
        ("assignee = nobody-of-that-name", "nobody-of-that-name"),
    ],
)
def test_a_text_that_cannot_be_read_any_more_says_so_and_harms_no_page(cast: Cast, jql: str, says: str) -> None:
    address, client = queue_of(cast, jql), as_(cast.agent)
    page = page_of(client.get(address))
    assert says in page[page.index('role="alert"') :] and f'href="{address}/filter"' in page
    assert "Здесь пусто" not in page and "не читается" in line_of(page, address)
    assert client.get(f"{address}/filter").headers["Location"].startswith("/issues/?jql=")
    assert client.get(f"{address}/news").status_code == 204
    for other in ("/browse/ACCREDO-1", queue_url(cast.desk), "/secure/Dashboard.jspa"):
        assert "не читается" in line_of(page_of(client.get(other)), address)


def test_a_broken_queue_holds_no_page_in_memory(cast: Cast) -> None:
    queue_of(cast, "status = 999999")
    stands = Standing(cast.agent)
    queue = next(queue for queue in stands.queues if queue.name == "Ещё одна")
    with suppress(UnableTo):
        stands.read(queue)
    parts = ref(stands.parts[cast.desk.pk])
    del stands, queue
    gc.collect()
    assert parts() is None


def test_a_list_that_cannot_be_renewed_is_told_by_the_whole_page(cast: Cast) -> None:
    wanted = {"HX-Request": "true"}
    for address, client in ((queue_of(cast, "status = 999999"), as_(cast.agent)), ("/issues/", as_(cast.agent))):
        response = client.get(address, {"jql": "status = 999999"}, headers=wanted)
        assert response.headers.get("HX-Refresh") == "true" and not response.content


def test_a_status_that_is_gone_is_no_empty_queue(cast: Cast) -> None:
    status = Status.objects.create(desk=cast.desk, name="Согласование", category="waiting", position=9)
    address, client = queue_of(cast, f"status = {status.pk}"), as_(cast.agent)
    assert "Здесь пусто" in page_of(client.get(address))
    status.delete()
    page = page_of(client.get(address))
    assert "Здесь пусто" not in page and 'role="alert"' in page


def test_the_clock_of_a_queue_runs(cast: Cast) -> None:
    address, client = queue_of(cast, "updated >= -2d ORDER BY key ASC"), as_(cast.agent)
    for age, there in ((1, True), (3, False), (1, True)):
        Ticket.objects.filter(pk=cast.ticket.pk).update(updated_at=timezone.now() - timedelta(days=age))
        page = page_of(client.get(address))
        assert ("ACCREDO-1<" in page) is there
        assert f">{int(there)}</span>" in line_of(page, address)


@pytest.mark.parametrize("zone", ["Etc/GMT-14", "Etc/GMT+12", "Asia/Kathmandu"])
def test_a_day_begins_where_the_reader_is(cast: Cast, zone: str) -> None:
    address = queue_of(cast, "created < startOfDay()")
    Person.objects.filter(pk=cast.agent.pk).update(time_zone=zone)
    begin = timezone.now().astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    for seconds in (-1, 1):
        Ticket.objects.filter(pk=cast.ticket.pk).update(created_at=begin + timedelta(seconds=seconds))
        assert ("ACCREDO-1<" in page_of(as_(cast.agent).get(address))) is (seconds < 0)


def test_each_person_has_their_own_in_one_queue(cast: Cast) -> None:
    more_tickets(cast, 2)
    Ticket.objects.filter(key="ACCREDO-1").update(assignee=cast.agent)
    Ticket.objects.filter(key="ACCREDO-2").update(assignee=cast.lead)
    address = queue_of(cast, "assignee = currentUser()")
    for person, key in ((cast.agent, "ACCREDO-1"), (cast.lead, "ACCREDO-2"), (cast.agent, "ACCREDO-1")):
        assert keys(page_of(as_(person).get(address))) == [key]


def test_a_slow_queue_is_cut_and_rests_for_some_minutes(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    address = queue_of(cast, 'text ~ "протокол"')
    other = queue_of_name(cast, "created >= -9999d")
    client = as_(cast.agent)
    assert ">1</span>" in line_of(page_of(client.get(queue_url(cast.desk))), address)
    asked: list[str] = []
    with _sleeping(monkeypatch, asked):
        page = page_of(client.get(queue_url(cast.desk)))
        assert "слишком долго" in line_of(page, address) and ">1</span>" in line_of(page, other)
        assert len(asked) == 2  # with the others, and by itself
        page_of(client.get(queue_url(cast.desk)))
        assert len(asked) == 2


def test_queues_that_take_long_together_are_looked_at_for_a_bounded_time(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        jql = f'text ~ "протокол" AND created >= -{900 + number}d'
        Queue.objects.create(desk=cast.desk, name=f"Д{number}", jql=jql, columns=[], position=9)
    client, asked = as_(cast.agent), list[str]()
    monkeypatch.setattr(queue_counts, "LOOKING", timedelta(milliseconds=150))
    with _sleeping(monkeypatch, asked):
        client.get(queue_url(cast.desk))
        assert len(asked) < 5  # all at once, and by themselves as many as there is time for
        for _page in range(6):
            client.get(queue_url(cast.desk))
        asked.clear()
        client.get(queue_url(cast.desk))
        assert not asked


def test_what_is_quick_each_by_itself_rests_beyond_what_all_may_take(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        jql = f'text ~ "протокол" AND created >= -{900 + number}d'
        Queue.objects.create(desk=cast.desk, name=f"Д{number}", jql=jql, columns=[], position=9)
    client, asked = as_(cast.agent), list[str]()
    with _sleeping(monkeypatch, asked, seconds=0.06):
        client.get(queue_url(cast.desk))
        assert len(asked) == 6
        asked.clear()
        client.get(queue_url(cast.desk))
        assert len(asked) == 1  # those that have the time together


def queue_of_name(cast: Cast, jql: str) -> str:
    queue = Queue.objects.create(desk=cast.desk, name="Другая", jql=jql, columns=["key"], position=10)
    return f"/projects/ACCREDO/queues/custom/{queue.pk}"


@contextmanager
def _sleeping(monkeypatch: pytest.MonkeyPatch, asked: list[str], seconds: float = 2) -> Iterator[None]:
    """Make the database take `seconds` for each queue with a text search."""
    monkeypatch.setattr(queue_counts, "COUNTING", timedelta(milliseconds=100))
    usual = queue_counts.first_ids

    def slow(tickets: Any) -> Any:
        # What has rare words is asked for by the ids that the index gave.
        has_words = '"tickets_ticket"."id" = ANY' in str(tickets.query)
        return usual(tickets.extra(where=[f"pg_sleep({seconds}) IS NOT NULL"]) if has_words else tickets)

    def watch(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        if "pg_sleep" in sql:
            asked.append(sql)
        return execute(sql, params, many, context)

    monkeypatch.setattr(queue_counts, "first_ids", slow)
    with connection.execute_wrapper(watch):
        yield


def test_a_queue_that_takes_too_long_is_not_asked_for_news_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    client, address = as_(cast.agent), queue_of(cast, 'text ~ "протокол"')
    news = news_of(page_of(client.get(address)))
    Ticket.objects.update(updated_at=LATER)
    monkeypatch.setattr(queue_counts, "COUNTING", timedelta(milliseconds=100))
    usual = queue_counts._newest
    monkeypatch.setattr(
        queue_counts, "_newest", lambda tickets, *more: usual(tickets.extra(where=["pg_sleep(2) IS NOT NULL"]), *more)
    )
    answer = client.get(news)
    assert answer.status_code == 286 and "не обновляется сам" in page_of(answer)


def test_what_was_slow_is_tried_again_later() -> None:
    now = [0.0]
    slow = SlowQueues(lambda: now[0])
    queue: Any = type("Queue", (), {"id": 1, "jql": "text ~ x"})
    slow.add(7, queue)
    assert slow.has(7, queue) and not slow.has(8, queue)
    now[0] = MINUTES * 60 + 1
    assert not slow.has(7, queue)


def test_a_queue_of_no_desk_holds_all_desks_of_the_reader_and_no_other(cast: Cast) -> None:
    elsewhere = Ticket.objects.get(desk=cast.other_desk).key if cast.other_desk.tickets.exists() else ""
    address, client = own_queue(cast.agent, "statusCategory != Done ORDER BY key ASC"), as_(cast.agent)
    assert keys(page_of(client.get(address))) == ["ACCREDO-1"] and not elsewhere
    set_role(actor=system("tests"), at=START, desk=cast.other_desk, person=cast.agent, role="agent")
    Ticket.objects.filter(pk=more_tickets(cast, 1)[0].pk).update(
        desk=cast.other_desk, key="OTHER-9", status=cast.other_desk.statuses.get(category="new"),
        priority=cast.other_desk.priorities.first(),
    )  # fmt: skip
    assert sorted(keys(page_of(as_(cast.agent).get(address)))) == ["ACCREDO-1", "OTHER-9"]


def test_nobody_else_sees_what_is_somebodys_own(cast: Cast) -> None:
    address = own_queue(cast.agent, "statusCategory != Done")
    for page in (address, f"{address}/news", f"{address}/filter"):
        assert as_(cast.lead).get(page).status_code == 404
        assert as_(cast.admin).get(page).status_code == 404
        assert as_(cast.anna).get(page).status_code == 404


def test_everybodys_queue_is_for_whoever_works_at_several_desks(cast: Cast) -> None:
    address = own_queue(None, "statusCategory != Done")
    assert as_(cast.agent).get(address).status_code == 404
    set_role(actor=system("tests"), at=START, desk=cast.other_desk, person=cast.agent, role="agent")
    assert keys(page_of(as_(cast.agent).get(address))) == ["ACCREDO-1"]


def test_a_queue_of_all_desks_may_name_what_is_of_desks_where_not_every_reader_works(cast: Cast) -> None:
    ours = cast.desk.statuses.get(name="Открытый").pk
    theirs = Status.objects.create(desk=cast.other_desk, name="Согласование", category="new", position=9).pk
    for jql, there in (
        (f"status in ({ours}, {theirs})", True),
        (f"status = {theirs}", False),
        (f"status != {theirs}", True),
    ):
        page = page_of(as_(cast.agent).get(own_queue(cast.agent, jql)))
        assert ("queue-broken" in page, "ACCREDO-1<" in page) == (False, there)
        Queue.objects.filter(owner=cast.agent).delete()


def test_a_hidden_queue_stands_in_no_side_bar_and_answers_at_its_address(cast: Cast) -> None:
    address = queue_of(cast, "statusCategory != Done", hidden=True)
    page = page_of(as_(cast.agent).get(address))
    assert keys(page) == ["ACCREDO-1"] and "1-1 из 1" in page
    assert f'href="{address}"' not in page[: page.index("<main")]


def test_plain_queues_of_a_desk_cost_one_statement_however_many(cast: Cast) -> None:
    client = as_(cast.agent)
    client.get(queue_url(cast.desk))
    first, address = cast.desk.priorities.all()[0].pk, queue_url(cast.desk)
    for number in range(5):
        jql = f"statusCategory != Done AND assignee = {cast.lead.pk} AND priority = {first}"
        Queue.objects.create(desk=cast.desk, name=f"К{number}", jql=jql, columns=[], position=9)
    with statements_at_most("queue page"):
        client.get(address)


def test_queues_that_are_not_plain_are_counted_together(cast: Cast) -> None:
    def statements() -> int:
        client = as_(cast.agent)
        client.get(queue_url(cast.desk))
        with CaptureQueriesContext(connection) as queries:
            client.get(queue_url(cast.desk))
        return len(queries)

    Queue.objects.create(desk=cast.desk, name="А", jql="updated >= -1d", columns=[], position=9)
    one = statements()
    for number in range(4):
        jql = f"updated >= -{number}d AND request type is EMPTY".replace("request type", '"request type"')
        Queue.objects.create(desk=cast.desk, name=f"Б{number}", jql=jql, columns=[], position=9)
    assert statements() == one
