"""How long the pages take, asked for one after the other by one client."""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from rich.console import Console
from rich.progress import track

from otklik.cli.bench.seed import agent
from otklik.config.private_links import cleaned
from otklik.core.errors import UnableTo
from otklik.core.search_text import to_latin
from otklik.desks.models import Desk
from otklik.people.models import Person
from otklik.tickets.models import Ticket

# In nearly every ticket, and in one of five hundred.
COMMON, RARE = "программа", "экскаватор"


def measure_pages(requests: int) -> list[dict[str, object]]:
    """p50, p95 and slowest answer in ms of each page on the seeded desk; starts and ends a web process of its own."""
    person = agent()
    desk = Desk.objects.get(memberships__person=person)
    tickets = list(Ticket.objects.filter(desk=desk).order_by("-id").select_related("requester")[:requests])
    customer = tickets[0].requester
    assert customer is not None
    queue = desk.queues.order_by("position")[0]
    theirs = list(Ticket.objects.filter(requester=customer).order_by("-id").values_list("key", flat=True))
    mine = "/servicedesk/customer/user/requests"
    portal = f"/servicedesk/customer/portal/{desk.pk}"
    pages = (
        ("customer: my requests", customer, [f"{mine}?status=all"]),
        ("customer: search, common word", customer, [f"{mine}?status=all&filter={quote(COMMON)}"]),
        ("customer: search, rare word", customer, [f"{mine}?status=all&filter={quote(RARE)}"]),
        ("customer: list as CSV", customer, [f"{mine}/export.csv?status=all"]),
        ("customer: card", customer, [f"{portal}/{key}" for key in theirs]),
        ("customer: desk", customer, [portal]),
        ("agent: queue", person, [f"/projects/{desk.key}/queues/custom/{queue.pk}"]),
        ("agent: search, common word", person, [f"/projects/go?q={quote(COMMON)}"]),
        ("agent: search, rare word", person, [f"/projects/go?q={quote(RARE)}"]),
        ("agent: search, wrong layout", person, [f"/projects/go?q={quote(to_latin(RARE))}"]),
        ("agent: ticket", person, [f"/browse/{ticket.key}" for ticket in tickets]),
    )
    total = Ticket.objects.count()
    with _web() as port:
        return [{"tickets": total, **_page(port, *page, requests)} for page in pages]


def _page(port: int, name: str, person: Person, paths: list[str], requests: int) -> dict[str, object]:
    cookie = f"{settings.SESSION_COOKIE_NAME}={_session(person).session_key}"
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for warm in range(5):
        _get(link, paths[warm % len(paths)], cookie)
    shown = _body(link, paths[0], cookie)
    turns = track(range(requests), description=name, console=Console(stderr=True), transient=True)
    taken = sorted(_get(link, paths[turn % len(paths)], cookie) for turn in turns)
    link.close()
    return {
        "page": name,
        "p50_ms": round(taken[len(taken) // 2], 1),
        "p95_ms": round(taken[int(len(taken) * 0.95)], 1),
        "max_ms": round(taken[-1], 1),
        "kb": round(len(shown) / 1000),
        "last_look_ms": _last_look(shown),
    }


def _last_look(shown: bytes) -> float:
    """CPU time in ms of the look for links of ours that every page gets; the best of twenty rounds."""
    rounds = []
    for _round in range(20):
        start = time.process_time()
        for _time in range(10):
            cleaned(shown, "")
        rounds.append((time.process_time() - start) * 100)
    return round(min(rounds), 3)


def _get(link: http.client.HTTPConnection, path: str, cookie: str) -> float:
    start = time.perf_counter()
    _body(link, path, cookie)
    return (time.perf_counter() - start) * 1000


def _body(link: http.client.HTTPConnection, path: str, cookie: str) -> bytes:
    link.request("GET", path, headers={"Cookie": cookie})
    answer = link.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise UnableTo(f"{path} answered {answer.status}; nothing to measure.")
    return body


def _session(person: Person) -> SessionBase:
    session: SessionBase = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.set_expiry(3600)
    session.create()
    return session


@contextlib.contextmanager
def _web() -> Iterator[int]:
    """A web process on a free port of 127.0.0.1, for as long as the block runs."""
    port = free_port()
    command = [sys.executable, "-m", "otklik.cli.main", "web", "--http", f"127.0.0.1:{port}"]
    environment = {**os.environ, "OTKLIK_HOME": str(settings.HOME), "OTKLIK_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program
    try:
        wait_until_open(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(15)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_open(port: int, process: subprocess.Popen[bytes], seconds: float = 120) -> None:
    """Return when the port takes connections. Raises UnableTo when the process ends or the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise UnableTo("The process to be measured did not start.")
