"""Fixtures and hooks of every test. The database is the embedded PostgreSQL; nothing is mocked."""

import gc
import os
import re
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.backends.signals import connection_created
from django.test import TransactionTestCase
from pytest_django.fixtures import Settings
from pytest_django.plugin import DjangoDbBlocker

from otklik.core.embedded_postgres import Embedded
from tests import before_commit, clock, ready, second_try
from tests.browser import browser, live
from tests.cast import cast
from tests.today import DAY

__all__ = ["browser", "cast", "live"]  # fixtures of every test

# Test databases need not survive a power failure, so PostgreSQL does not wait for the disk.
HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}
SLOW_SECONDS = 300


_JOINS = re.compile(r"\bJOIN\b|\bFROM\s+\S+\s*,", re.IGNORECASE)
_LOCKS = re.compile(r"\bFOR (?:NO KEY )?(?:UPDATE|SHARE)\b", re.IGNORECASE)


def joins_while_locking(sql: str) -> bool:
    """Return whether the statement locks rows of a join, which misses a row changed by a concurrent transaction (ADR
    52)."""
    return _LOCKS.search(sql) is not None and _JOINS.search(sql) is not None


def _watched(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
    assert not joins_while_locking(str(sql)), sql
    return execute(sql, params, many, context)


def _watch(connection: Any, **_: object) -> None:
    if _watched not in connection.execute_wrappers:
        connection.execute_wrappers.append(_watched)


connection_created.connect(_watch)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that selects the tests of `make test-fast`."""
    parser.addoption("--before-commit", action="store_true", help="guards, tests of what changed, and a sample")


def pytest_configure(config: pytest.Config) -> None:
    """Register the plugins: conftest hooks do not see session fixtures, a plugin's do."""
    if config.getoption("--before-commit"):
        config.pluginmanager.register(before_commit)
    config.pluginmanager.register(clock)
    config.pluginmanager.register(second_try)


def pytest_report_header() -> str:
    """Name the day that selects the examples of this run (tests/today.py)."""
    return f"examples of day {DAY}"


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Disable garbage collection while tests are collected; it would take a third of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
    django_db_modify_db_settings_parallel_suffix: None,
) -> Iterator[None]:
    """Share one server among all processes of the run: the first starts it, the last stops it.

    Each has its own database.
    """
    server = Embedded(Path(os.environ["OTKLIK_TEST_HOME"]), HASTY)
    with server.hold(), django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patched:
        ready.connect_to_copy(server)
        # Called by pytest-django after a test that commits.
        patched.setattr(TransactionTestCase, "_fixture_teardown", lambda _: ready.empty())
        yield
        connection.close()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deal the slow tests out evenly and first, so that no process is left alone with one at the end of the run.

    pytest-xdist splits the list into equal parts from the front; processes that finish early steal from others' ends.
    """
    processes = getattr(config, "workerinput", {}).get("workercount", 1)
    slow, rest = list[list[pytest.Item]](), list[pytest.Item]()
    for item in items:
        together = item.get_closest_marker("xdist_group")
        if item.get_closest_marker("slow") is not None and item.get_closest_marker("timeout") is None:
            # Twenty seconds on an idle machine are two minutes on a busy one, without a hang.
            item.add_marker(pytest.mark.timeout(SLOW_SECONDS))
        if item.get_closest_marker("slow") is None:
            rest.append(item)
        elif slow and together is not None and together == slow[-1][0].get_closest_marker("xdist_group"):
            slow[-1].append(item)
        else:
            slow.append([item])
    size, ordered = -(-len(items) // processes), list[pytest.Item]()
    for number in range(processes):
        first_share = [item for group in slow[number::processes] for item in group]
        fill = max(0, size - len(first_share))
        ordered += [*first_share, *rest[:fill]]
        rest = rest[fill:]
    items[:] = [*ordered, *rest]


@pytest.fixture(autouse=True)
def _no_queue_is_full() -> Iterator[None]:
    """What a page may show of a queue for some seconds without counting is nothing to the next test, which has its own
    requests under the same ids."""
    yield
    if (known := sys.modules.get("otklik.workspace.full_queues")) is not None:
        known.FULL.forget()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the test home, in the process that made it."""
    home = os.environ.get("OTKLIK_TEST_HOME", "")
    if home and not hasattr(config, "workerinput"):
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def home(tmp_path: Path, settings: Settings) -> Path:
    """Return an empty home for this test; received files are stored in it."""
    settings.HOME = tmp_path
    settings.FILES = tmp_path / "files"
    return tmp_path


@pytest.fixture
def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that is free at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
