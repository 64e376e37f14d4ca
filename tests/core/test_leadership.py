"""Leader election among the processes of one database."""

import threading
from collections.abc import Iterator

import psycopg
import pytest

from otklik.core.direct_connection import parameters
from otklik.core.leadership import Leadership
from otklik.worker import pumps
from otklik.worker.pumps import Pump, PumpThread
from otklik.worker.run import SHARES

NAME = "test sweeps"


@pytest.fixture
def two(db: None) -> Iterator[tuple[Leadership, Leadership]]:
    """Yield two contenders, as in two processes."""
    both = Leadership(NAME), Leadership(NAME)
    yield both
    for one in both:
        one.give_up()


def test_one_has_it_and_keeps_it(two: tuple[Leadership, Leadership]) -> None:
    first, second = two
    assert [first.is_mine(), second.is_mine(), first.is_mine()] == [True, False, True]


def test_who_ends_leaves_it_to_the_next(two: tuple[Leadership, Leadership]) -> None:
    first, second = two
    assert first.is_mine() and first.is_mine() and not second.is_mine()
    first.give_up()
    assert second.is_mine() and not first.is_mine()


def test_who_loses_the_connection_loses_it_and_may_get_it_again(two: tuple[Leadership, Leadership]) -> None:
    first, second = two
    assert first.is_mine() and first._link is not None
    pid = first._link.info.backend_pid
    with psycopg.connect(**parameters(), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    assert not first.is_mine(), "the answer of a broken connection is no"
    assert first.is_mine() and not second.is_mine()


def test_a_pump_that_runs_once_waits_while_another_worker_does_it(
    two: tuple[Leadership, Leadership], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = two
    monkeypatch.setattr(pumps, "SWEEPS", second)
    done: list[str] = []

    def drain(*, once: bool) -> None:
        thread = PumpThread(Pump("x", "", lambda: bool(done.append("x")), once=once), threading.Event())
        thread._drain()

    assert first.is_mine()
    drain(once=True)
    assert done == []
    drain(once=False)
    assert done == ["x"]
    first.give_up()
    drain(once=True)
    assert done == ["x", "x"]


def test_what_is_swept_hourly_is_swept_once() -> None:
    assert {pump.name for share in SHARES.values() for pump in share if pump.once} == {
        "retention", "rewording", "tidying", "unused files"
    }  # fmt: skip
