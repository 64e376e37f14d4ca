"""Benchmark of pages over HTTP, by one client or several at once."""

import contextlib
import html
import http.client
import math
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from typing import cast
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase

from otklik.cli.bench.cpu import database_ms, used_ms, yardstick_ms
from otklik.cli.bench.page_cost import ANSWERED, POLLS, page_cost
from otklik.cli.bench.seed import agent
from otklik.cli.bench.waits import Waits, waits_for_ever
from otklik.cli.refusals import CliRefusal
from otklik.core.errors import UnableTo
from otklik.core.search_text import to_latin
from otklik.desks.models import Desk
from otklik.mail.private_links import cleaned
from otklik.people.models import Person
from otklik.tickets.models import Ticket

# A word in nearly every ticket, and one in one of five hundred.
COMMON, RARE = "программа", "экскаватор"
PHRASE = f'"{COMMON}" -{RARE}'
# Several web processes answer in turn, and PostgreSQL uses generic plans after five runs on a connection.
_WARM_UP = 20
_POLL = re.compile(r'hx-get="([^"]+)"[^>]*hx-trigger="every ')


@dataclass(frozen=True)
class _Page:
    """A page to measure.

    `paths`: requested in turn; `polls`: measure the polling request of the open page without news.
    """

    name: str
    person: Person
    paths: list[str]
    polls: bool = False


def measure_pages(requests: int, clients: int = 1, only: str = "", rounds: int = 1) -> list[dict[str, object]]:
    """Measure the pages of the seeded desk in a web process of its own; return a row for each.

    `requests` of each page by `clients` concurrent connections; `only`: part of the pages' names. All pages are
    measured `rounds` times, one round after another, and a page's row is that of its fastest machine (the lowest
    yardstick, not the best figures). A row has p50, p95 and maximum in ms; responses per second; CPU ms per response
    including the database, and of the database alone (None if it runs elsewhere); statements; bytes; the yardstick;
    and `failed`: the status of a page that failed, without figures.
    """
    total = Ticket.objects.count()
    with waits_for_ever(agent()) as progress:
        pages = [page for page in (*_pages(requests), *_progress_pages(progress)) if only in page.name]
        if not pages:
            raise UnableTo(CliRefusal.BENCH_NO_SUCH_PAGE, only=only)
        with _web() as (port, pid):
            measures = [
                [_measured_or_failed(page, port, pid, requests, clients) for page in pages] for _round in range(rounds)
            ]
    return [
        {"tickets": total, "clients": clients, **on_the_fastest_machine(*of_page)}
        for of_page in zip(*measures, strict=True)
    ]


_FILTERS = (
    ("three conditions", "statusCategory != Done AND created >= -3650d AND assignee is EMPTY ORDER BY updated DESC"),
    ("from Jira", "statusCategory != Done AND (assignee is EMPTY OR updated <= -2d) ORDER BY priority DESC, created"),
    ("common word", f"text ~ {COMMON}"),
    ("rare word", f"text ~ {RARE}"),
    ("words never together", f'text ~ "{COMMON} принтер"'),
)


def _pages(requests: int) -> Iterator[_Page]:
    person = agent()
    desk = Desk.objects.get(memberships__person=person)
    tickets = list(Ticket.objects.filter(desk=desk).order_by("-id").select_related("requester")[:requests])
    customer = tickets[0].requester
    assert customer is not None
    queue = desk.queues.order_by("position")[0]
    theirs = list(Ticket.objects.filter(requester=customer).order_by("-id").values_list("key", flat=True))
    mine = "/servicedesk/customer/user/requests"
    portal = f"/servicedesk/customer/portal/{desk.pk}"
    yield _Page("customer: my requests", customer, [f"{mine}?status=all"])
    yield _Page("customer: search, common word", customer, [f"{mine}?status=all&filter={quote(COMMON)}"])
    yield _Page("customer: search, rare word", customer, [f"{mine}?status=all&filter={quote(RARE)}"])
    yield _Page("customer: list as CSV", customer, [f"{mine}/export.csv?status=all"])
    yield _Page("customer: card", customer, [f"{portal}/{key}" for key in theirs])
    yield _Page("customer: desk", customer, [portal])
    yield _Page("customer: centre", customer, ["/servicedesk/customer/portals"])
    yield _Page("agent: queue", person, [f"/projects/{desk.key}/queues/custom/{queue.pk}"])
    yield from (_Page(f"agent: filter, {name}", person, [f"/issues/?jql={quote(jql)}"]) for name, jql in _FILTERS)
    yield _Page("agent: search, common word", person, [f"/projects/go?q={quote(COMMON)}"])
    yield _Page("agent: search, rare word", person, [f"/projects/go?q={quote(RARE)}"])
    yield _Page("agent: search, wrong layout", person, [f"/projects/go?q={quote(to_latin(RARE))}"])
    narrowed = f"/projects/go?q={quote(COMMON)}&jql={quote('statusCategory != Done')}"
    yield _Page("agent: search, narrowed by a facet", person, [narrowed])
    yield _Page("agent: search, exact phrase without a word", person, [f"/projects/go?q={quote(PHRASE)}"])
    yield _Page("agent: similar requests", person, [f"/browse/{ticket.key}/similar" for ticket in tickets])
    yield _Page("agent: ticket", person, [f"/browse/{ticket.key}" for ticket in tickets])
    yield _Page("poll: my requests", customer, [f"{mine}?status=all"], polls=True)
    yield _Page("poll: card", customer, [f"{portal}/{theirs[0]}"], polls=True)
    yield _Page("poll: queue", person, [f"/projects/{desk.key}/queues/custom/{queue.pk}"], polls=True)
    yield _Page("poll: filter", person, [f"/issues/?jql={quote(_FILTERS[0][1])}"], polls=True)
    yield _Page("poll: ticket", person, [f"/browse/{tickets[0].key}"], polls=True)


def _progress_pages(waits: Waits) -> Iterator[_Page]:
    """Pages that show the progress of work which the worker does not do meanwhile."""
    yield _Page("poll: act on many", waits.person, [f"/issues/bulk/{waits.run}"], polls=True)
    yield _Page("poll: files of lists", waits.person, ["/issues/exports"], polls=True)


def on_the_fastest_machine(*measures: dict[str, object]) -> dict[str, object]:
    """Return the measure of one page with the lowest yardstick; one that failed only where all did."""
    return min(measures, key=lambda measure: cast("float", measure["yardstick_ms"] or math.inf))


_FIGURES = (
    "p50_ms", "p95_ms", "max_ms", "per_s", "cpu_ms", "database_ms", "statements", "bytes", "yardstick_ms",
    "last_look_ms",
)  # fmt: skip


def _measured_or_failed(page: _Page, port: int, pid: int, requests: int, clients: int) -> dict[str, object]:
    """Return the page's figures, or its failure, so that the other pages are still measured."""
    try:
        return {"page": page.name, **_measured(page, port, pid, requests, clients), "failed": ""}
    except UnableTo as error:
        if error.refusal is not CliRefusal.BENCH_PAGE_FAILED:
            raise
        return {"page": page.name, **dict.fromkeys(_FIGURES), "failed": str(error.values["status"])}


def _measured(page: _Page, port: int, pid: int, requests: int, clients: int) -> dict[str, object]:
    cookie = f"{settings.SESSION_COOKIE_NAME}={_session(page.person).session_key}"
    paths = [_polled(path, cookie) for path in page.paths] if page.polls else page.paths
    headers = {"Cookie": cookie, **({POLLS: "true"} if page.polls else {})}
    each = [paths[number::clients] or paths for number in range(clients)]
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(lambda paths: _asked(port, paths, headers, _WARM_UP), each))
        yardstick, spent, database, start = yardstick_ms(), used_ms(pid), database_ms(), time.perf_counter()
        turns = -(-requests // clients)
        taken = sorted(
            milliseconds
            for times in pool.map(lambda paths: _asked(port, paths, headers, turns), each)
            for milliseconds in times
        )
    seconds, spent, yardstick = time.perf_counter() - start, used_ms(pid) - spent, (yardstick + yardstick_ms()) / 2
    after = database_ms()
    by_database = None if database is None or after is None else (after - database) / len(taken)
    cost = page_cost(paths[0], cookie, polled=page.polls)
    return {
        "p50_ms": round(taken[len(taken) // 2], 1),
        "p95_ms": round(taken[int(len(taken) * 0.95)], 1),
        "max_ms": round(taken[-1], 1),
        "per_s": round(len(taken) / seconds, 1),
        "cpu_ms": round(spent / len(taken) + (by_database or 0), 1),
        "database_ms": None if by_database is None else round(by_database, 1),
        "statements": cost.statements,
        "bytes": len(cost.body),
        "yardstick_ms": round(yardstick, 3),
        "last_look_ms": _last_look(cost.body),
    }


def _polled(path: str, cookie: str) -> str:
    """Return the URL that the page polls."""
    match = _POLL.search(page_cost(path, cookie).body.decode())
    if match is None:
        raise UnableTo(CliRefusal.BENCH_PAGE_FAILED, path=path, status="no poll")
    return html.unescape(match[1])


def _last_look(shown: bytes) -> float:
    """CPU time in ms of the search for our links in every response; the best of twenty rounds."""
    rounds = []
    for _round in range(20):
        start = time.process_time()
        for _time in range(10):
            cleaned(shown, "")
        rounds.append((time.process_time() - start) * 100)
    return round(min(rounds), 3)


def _asked(port: int, paths: list[str], headers: dict[str, str], times: int) -> list[float]:
    """Return the response times in ms of `times` requests over one connection."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        return [_get(link, paths[turn % len(paths)], headers) for turn in range(times)]
    finally:
        link.close()


def _get(link: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> float:
    start = time.perf_counter()
    link.request("GET", path, headers=headers)
    answer = link.getresponse()
    answer.read()
    if answer.status not in ANSWERED:
        raise UnableTo(CliRefusal.BENCH_PAGE_FAILED, path=path, status=answer.status)
    return (time.perf_counter() - start) * 1000


def _session(person: Person) -> SessionBase:
    session: SessionBase = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.set_expiry(3600)
    session.create()
    return session


@contextlib.contextmanager
def _web() -> Iterator[tuple[int, int]]:
    """Run a web process during the block; yield its port on 127.0.0.1 and its process id."""
    port = free_port()
    command = [sys.executable, "-m", "otklik.cli.main", "web", "--http", f"127.0.0.1:{port}"]
    environment = {**os.environ, "OTKLIK_HOME": str(settings.HOME), "OTKLIK_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program
    try:
        wait_until_open(port, process)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(15)


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_open(port: int, process: subprocess.Popen[bytes], seconds: float = 120) -> None:
    """Wait until the port accepts connections. Raises UnableTo if the process ends or after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise UnableTo(CliRefusal.BENCH_NOT_STARTED)
