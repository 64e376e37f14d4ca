"""The configuration cache is per process and never stale (ADR 102)."""

import importlib
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from otklik.core import configuration_cache
from otklik.core.configuration_cache import ALL, CONFIGURED_TABLES, configuration_kept, kept, kept_each
from otklik.core.models import ConfigurationVersion
from otklik.desks.access import posts_of
from otklik.desks.models import Desk, Membership, Queue, Status
from tests.cast import Cast, build_cast
from tests.portal.helpers import as_

QUEUE_OF = "/projects/ACCREDO/queues/custom/{}"


@pytest.fixture
def committed(transactional_db: None) -> Cast:
    """Return the cast, committed: within a transaction nothing is cached."""
    return build_cast()


def in_a_get(work: Callable[[], Any], method: str = "GET") -> Any:
    """Return what `work` returns within a request."""
    results = []

    def view(_request: HttpRequest) -> HttpResponse:
        results.append(work())
        return HttpResponse()

    configuration_kept(view)(RequestFactory().generic(method, "/"))
    return results[0]


def statements(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_a_page_asks_once_and_again_after_a_change(committed: Cast) -> None:
    queue = Queue.objects.filter(desk=committed.desk).order_by("position")[0]
    agent, address = as_(committed.agent), QUEUE_OF.format(queue.pk)
    agent.get(address)
    fewest = statements(agent, address)
    Queue.objects.filter(pk=queue.pk).update(name="Совсем другая")
    page = agent.get(address).content.decode()
    assert "Совсем другая" in page
    Queue.objects.filter(pk=queue.pk).update(name="Третья")
    assert statements(agent, address) > fewest == statements(agent, address)
    assert "Третья" in agent.get(address).content.decode()


def test_what_another_machine_changes_is_seen_by_the_next_request(committed: Cast) -> None:
    queue = Queue.objects.filter(desk=committed.desk).order_by("position")[0]
    agent, address = as_(committed.agent), QUEUE_OF.format(queue.pk)
    agent.get(address)
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("UPDATE desks_queue SET name = 'Чужая правка' WHERE id = %s", [queue.pk])
    other.close()
    assert "Чужая правка" in agent.get(address).content.decode()


def test_who_was_removed_sees_nothing_from_the_next_request_on(committed: Cast) -> None:
    agent = as_(committed.agent)
    assert agent.get("/browse/ACCREDO-1").status_code == 200
    Membership.objects.filter(person=committed.agent).delete()
    assert agent.get("/browse/ACCREDO-1").status_code == 404
    admin = as_(committed.admin)
    assert admin.get("/browse/ACCREDO-1").status_code == 200
    type(committed.admin).objects.filter(pk=committed.admin.pk).update(is_admin=False)
    assert admin.get("/browse/ACCREDO-1").status_code == 404


def test_what_was_taken_back_is_not_kept(committed: Cast) -> None:
    calls: list[str] = []

    @kept
    def names() -> str:
        calls.append("read")
        return Desk.objects.get(key="ACCREDO").name

    before = in_a_get(names)
    with transaction.atomic():
        Desk.objects.filter(key="ACCREDO").update(name="Никогда")
        assert in_a_get(names) == "Никогда"
        transaction.set_rollback(True)
    assert in_a_get(names) == in_a_get(names) == before and len(calls) == 2
    ALL.remove(names)


def test_acts_and_what_is_no_request_read_anew(committed: Cast) -> None:
    calls: list[str] = []

    @kept
    def read(desk: int) -> int:
        calls.append("read")
        return desk

    assert [in_a_get(lambda: read(1)), in_a_get(lambda: read(1)), in_a_get(lambda: read(2))] == [1, 1, 2]
    assert len(calls) == 2
    assert [in_a_get(lambda: read(1), "POST"), read(1)] == [1, 1] and len(calls) == 4
    ConfigurationVersion.objects.all().delete()
    assert [in_a_get(lambda: read(1)), in_a_get(lambda: read(1))] == [1, 1] and len(calls) == 6
    ALL.remove(read)


def test_of_many_each_is_kept_by_itself(committed: Cast) -> None:
    calls: list[tuple[int, ...]] = []

    @kept_each
    def doubles(numbers: tuple[int, ...]) -> dict[int, int]:
        calls.append(numbers)
        return {number: number * 2 for number in numbers if number}

    def all_of(*numbers: int) -> dict[int, int]:
        return dict(in_a_get(lambda: doubles(numbers)))

    assert [all_of(1, 2), all_of(2, 3, 0), all_of(0, 3, 1)] == [{1: 2, 2: 4}, {2: 4, 3: 6}, {3: 6, 1: 2}]
    assert calls == [(1, 2), (3, 0)]
    Desk.objects.filter(key="ACCREDO").update(name="Другое")
    assert all_of(3) == {3: 6} and doubles((1, 2)) == {1: 2, 2: 4} and calls[2:] == [(3,), (1, 2)]
    ALL.remove(doubles)


def test_nobody_changes_what_others_get(committed: Cast) -> None:
    def spoilt() -> None:
        for desk, _leads in posts_of(committed.agent):
            desk.name = "Испорчено"

    in_a_get(spoilt)
    assert [desk.name for desk, _ in in_a_get(lambda: posts_of(committed.agent))] == [committed.desk.name]


@pytest.mark.django_db
def test_each_table_that_is_kept_tells_of_its_changes() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'configuration_changed'")
        assert {name for (name,) in cursor.fetchall()} == set(CONFIGURED_TABLES)


ARGUMENTS: dict[str, Callable[[Cast], tuple[Any, ...]]] = {
    "_all_desks": lambda cast: (),
    "_posts_of": lambda cast: (cast.agent.pk,),
    "_desk": lambda cast: (cast.desk.pk,),
    "_works_at": lambda cast: (cast.agent.pk, cast.desk.pk),
    "_parts_of": lambda cast: ((cast.desk.pk,),),
    "queues_beside": lambda cast: (cast.agent.pk,),
    "_transitions_of": lambda cast: (cast.desk.pk,),
    "_kept_desks_with_statuses": lambda cast: (),
    "_kept_types": lambda cast: ((cast.desk.pk,),),
}


def test_what_is_kept_is_read_from_those_tables_alone(cast: Cast) -> None:
    importlib.import_module("otklik.config.urls")  # and with it every page
    names = [read.__name__ for read in ALL]
    assert sorted(names) == sorted(ARGUMENTS)
    for read in ALL:
        with CaptureQueriesContext(connection) as queries:
            read(*ARGUMENTS[read.__name__](cast))
        tables = {table for query in queries for table in re.findall(r'(?:FROM|JOIN) "(\w+)"', query["sql"])}
        assert tables and tables <= set(CONFIGURED_TABLES), (read.__name__, tables)


def test_a_new_version_comes_with_each_change_and_with_nothing_else(committed: Cast) -> None:
    def version() -> Any:
        return ConfigurationVersion.objects.get().version

    seen = [version()]
    Status.objects.filter(desk=committed.desk, category="new").update(name="Имя")
    seen.append(version())
    Membership.objects.filter(person=committed.lead).delete()
    seen.append(version())
    Desk.objects.filter(key="нет").update(name="")
    as_(committed.anna).get("/servicedesk/customer/portals")
    assert len(set(seen)) == 3 and version() == seen[-1]


def test_of_one_read_so_many_results_are_kept_at_most(committed: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process runs for months, and a reader may request any number of desks."""
    monkeypatch.setattr(configuration_cache, "_MOST", 3)
    read = kept(lambda number: number)
    ALL.remove(read)
    assert in_a_get(lambda: [read(number) for number in range(10)]) == [*range(10)]
    assert len(read._rows[1]) <= 3
