"""Limits of request bodies by address and login; responses and threads of the front server."""

import asyncio
import io
import re
import threading
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from otklik.config.body_limits import most_bytes_for
from otklik.core import blobs
from otklik.tickets.models import Attachment, Message
from otklik.webserver import rsgi_app
from otklik.webserver.responses import answer_of
from otklik.webserver.thread_pool import Threads
from tests.cast import Cast
from tests.coroutines import in_a_thread
from tests.portal.helpers import as_, card, form
from tests.test_matrix import make_places

MEGABYTE = 1024 * 1024


@pytest.fixture(autouse=True)
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the end of a request from closing the test's connection, as Django's test client does."""
    monkeypatch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)


def environ(path: str, client: Client, **more: Any) -> dict[str, Any]:
    cookie = "; ".join(f"{name}={one.value}" for name, one in client.cookies.items())
    return dict(RequestFactory().get(path, HTTP_COOKIE=cookie, **more).environ)


def test_five_megabytes_without_login_or_without_a_field_for_files(cast: Cast) -> None:
    anna, agent, nobody = as_(cast.anna), as_(cast.agent), Client()
    for client, path in (
        (nobody, "/servicedesk/customer/user/login"),
        (nobody, form(cast)),
        (nobody, card(cast, "/comment")),
        (nobody, "/servicedesk/customer/user/files"),
        (nobody, "/nothing/here"),
        (anna, "/servicedesk/customer/user/profile"),
        (anna, card(cast, "/rating")),
        (agent, "/browse/ACCREDO-1"),
    ):
        assert most_bytes_for(environ(path, client)) == 5 * MEGABYTE, path
    forged = Client()
    forged.cookies[settings.SESSION_COOKIE_NAME] = "x" * 32
    assert most_bytes_for(environ(card(cast, "/comment"), forged)) == 5 * MEGABYTE


def test_ten_files_where_a_field_takes_them(cast: Cast) -> None:
    for client, paths in (
        (
            as_(cast.anna),
            (form(cast), f"{form(cast)}/upload", card(cast, "/comment"), "/servicedesk/customer/user/files"),
        ),
        (as_(cast.agent), ("/browse/ACCREDO-1/reply", "/browse/ACCREDO-1/note", "/projects/ACCREDO/create")),
    ):
        for path in paths:
            assert most_bytes_for(environ(path, client)) == 255 * MEGABYTE, path


def test_a_desk_open_to_strangers_takes_their_files_on_its_form_alone(cast: Cast) -> None:
    cast.desk.anonymous = True
    cast.desk.save()
    assert most_bytes_for(environ(form(cast), Client())) == 30 * MEGABYTE
    assert most_bytes_for(environ("/servicedesk/customer/user/login", Client())) == 5 * MEGABYTE
    assert most_bytes_for(environ(f"{form(cast)}/upload", Client())) == 5 * MEGABYTE


def test_too_much_is_refused_in_words_before_it_is_read(cast: Cast) -> None:
    for client, path in ((Client(), "/servicedesk/customer/user/login"), (as_(cast.anna), card(cast, "/rating"))):
        sent = client.post(path, {"a": "b"}, CONTENT_LENGTH=5 * MEGABYTE + 1)
        assert sent.status_code == 413 and "больше, чем принимает этот сайт" in sent.content.decode()
    huge = Client().post(card(cast, "/comment"), {"a": "b"}, CONTENT_LENGTH="9" * 30)
    assert huge.status_code == 413


def patterns(resolver: URLResolver) -> list[URLPattern]:
    found: list[URLPattern] = []
    for one in resolver.url_patterns:
        found += patterns(one) if isinstance(one, URLResolver) else [one]
    return found


def test_every_page_that_reads_files_says_so() -> None:
    """A module that reads request.FILES in any way has at least one marked view."""
    marked = {
        one.callback.__module__ for one in patterns(get_resolver()) if getattr(one.callback, "takes_files", False)
    }
    source = Path(__file__).parents[2] / "src"
    reading = {
        ".".join(path.relative_to(source).with_suffix("").parts)
        for path in source.rglob("views/*.py")
        if "request.FILES" in path.read_text("utf-8")
    }
    helpers = {"otklik.portal.views.anonymous"}  # called by `create`, which is marked
    assert reading - helpers <= marked


def test_every_button_beside_a_composer_leads_where_its_files_are_taken(cast: Cast, home: Path) -> None:
    """Such a button submits its whole form."""
    make_places(cast)
    for who, address in (
        (cast.agent, "/browse/ACCREDO-1"), (cast.agent, "/projects/ACCREDO/create"), (cast.anna, card(cast)),
    ):  # fmt: skip
        found = set(re.findall(r' formaction="([^"?#]+)', as_(who).get(address).content.decode()))
        assert found, address
        assert [one for one in sorted(found) if not getattr(resolve(one).func, "takes_files", False)] == []


def test_a_stored_file_and_its_part_go_out_from_the_disk(cast: Cast, home: Path) -> None:
    digest, size = blobs.put(b"0123456789" * 1000)
    message = Message.objects.filter(ticket=cast.ticket, kind=Message.Kind.PUBLIC)[0]
    file = Attachment.objects.create(
        message=message, name="a.bin", content_type="application/octet-stream", size=size, digest=digest
    )
    path = f"/servicedesk/customershim/secure/attachment/{file.pk}/a.bin"
    anna = as_(cast.anna)
    whole = answer_of(WSGIHandler(), environ(path, anna))
    assert (whole.status, whole.path, whole.part) == (200, str(blobs.path_of(digest)), (0, 10_000))
    part = answer_of(WSGIHandler(), environ(path, anna, HTTP_RANGE="bytes=10-19"))
    assert (part.status, part.part) == (206, (10, 20)) and dict(part.headers)["Content-Length"] == "10"
    assert answer_of(WSGIHandler(), {**environ(path, anna), "REQUEST_METHOD": "HEAD"}).content == b""
    assert answer_of(WSGIHandler(), environ(path, Client())).status == 302


def test_a_long_answer_lies_in_a_file_and_not_in_memory() -> None:
    def application(environ: dict[str, Any], start: Any) -> list[bytes]:
        start("200 OK", [("Content-Type", "text/plain")])
        return [b"a" * 400_000, b"b" * 400_000]

    answer = answer_of(application, {"REQUEST_METHOD": "GET"})
    assert answer.content == b"" and answer.file is not None
    with Path(f"/proc/self/fd/{answer.file.fileno()}").open("rb") as again:
        assert again.read() == b"a" * 400_000 + b"b" * 400_000
    answer.file.close()
    head = answer_of(application, {"REQUEST_METHOD": "HEAD"})
    assert (head.status, head.content, head.file) == (200, b"", None)


def test_threads_are_no_more_than_said_work_in_turn_and_end_when_idle() -> None:
    threads, running, most = Threads(3, 3, idle_seconds=0.2), set[str](), 0
    lock = threading.Lock()

    def work() -> str:
        nonlocal most
        with lock:
            running.add(threading.current_thread().name + str(threading.get_ident()))
            most = max(most, len(running))
        time.sleep(0.02)
        with lock:
            running.discard(threading.current_thread().name + str(threading.get_ident()))
        return "done"

    def fail() -> None:
        raise ValueError("no")

    async def all_of_them() -> list[str]:
        with pytest.raises(ValueError, match="no"):
            await threads.run(fail)
        return list(await asyncio.gather(*(threads.run(work) for _ in range(30))))

    assert in_a_thread(all_of_them()) == ["done"] * 30 and most == 3
    end = time.monotonic() + 10
    while threads._alive and time.monotonic() < end:
        time.sleep(0.02)
    assert threads._alive == 0
    assert in_a_thread(threads.run(work)) == "done"


def test_one_job_after_the_other_has_one_thread_and_after_a_rush_the_others_end() -> None:
    threads = Threads(8, 8, idle_seconds=0.3)

    async def rush_then_one_by_one() -> set[int]:
        await asyncio.gather(*(threads.run(lambda: time.sleep(0.02)) for _ in range(8)))
        used, end = set[int](), time.monotonic() + 20
        while threads._alive > 1 and time.monotonic() < end:
            # A thread has told its result a moment before it waits for the next job.
            while len(threads._idle) < threads._alive:
                await asyncio.sleep(0.001)
            used.add(await threads.run(threading.get_ident))
            await asyncio.sleep(0.01)
        return used

    assert len(in_a_thread(rush_then_one_by_one())) == 1
    assert threads._alive == 1


def test_few_threads_do_short_work_and_slow_work_gets_more() -> None:
    threads = Threads(2, 5, patience=0.2, idle_seconds=5)
    go_on = threading.Event()

    async def short() -> int:
        await asyncio.gather(*(threads.run(lambda: time.sleep(0.005)) for _ in range(20)))
        return threads._alive

    async def slow() -> tuple[int, str]:
        held = [asyncio.create_task(threads.run(lambda: go_on.wait(20))) for _ in range(4)]
        await asyncio.sleep(0)
        quick = await threads.run(lambda: "done")
        alive = threads._alive
        go_on.set()
        assert all(await asyncio.gather(*held))
        return alive, quick

    assert in_a_thread(short()) == 2
    assert in_a_thread(slow()) == (5, "done")


def test_a_machine_without_room_for_a_thread_loses_no_later_request(monkeypatch: pytest.MonkeyPatch) -> None:
    threads, start, go_on = Threads(1, 2, patience=0.05, idle_seconds=5), threading.Thread.start, threading.Event()

    def full(thread: threading.Thread) -> None:
        if thread.name == "page":
            raise RuntimeError("can't start new thread")
        start(thread)

    async def short_of_threads() -> list[str]:
        monkeypatch.setattr(threading.Thread, "start", full)
        for _time in range(3):
            with pytest.raises(RuntimeError):
                await asyncio.wait_for(threads.run(lambda: "lost"), 5)
        monkeypatch.setattr(threading.Thread, "start", start)
        slow = asyncio.create_task(threads.run(lambda: str(go_on.wait(20))))
        await asyncio.sleep(0)
        monkeypatch.setattr(threading.Thread, "start", full)
        waiting = asyncio.create_task(threads.run(lambda: "done"))
        await asyncio.sleep(0.3)
        go_on.set()
        return list(await asyncio.wait_for(asyncio.gather(slow, waiting), 5))

    assert in_a_thread(short_of_threads()) == ["True", "done"]


def test_what_is_on_its_way_is_bounded_for_each_sender_and_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rsgi_app, "ROOM", 300)
    monkeypatch.setattr(rsgi_app, "ROOM_OF_ONE", 200)
    door = rsgi_app.Front(application=None, most_bytes=None, threads=None)  # type: ignore[arg-type]
    door._hold("one", 200)
    with pytest.raises(rsgi_app.NoRoom):
        door._hold("one", 1)
    door._hold("two", 100)
    with pytest.raises(rsgi_app.NoRoom):
        door._hold("three", 1)


@pytest.mark.parametrize("ends", [[b""], [b"", b""]])
def test_what_has_come_takes_no_room_any_more(ends: list[bytes]) -> None:
    door = rsgi_app.Front(application=None, most_bytes=None, threads=None)  # type: ignore[arg-type]

    async def pieces() -> AsyncIterator[bytes]:
        for piece in (b"abc", b"de", *ends):
            yield piece

    async def taken() -> None:
        with suppress(rsgi_app.HungUp):
            await door._take({"CONTENT_LENGTH": "5", "REMOTE_ADDR": "192.0.2.1"}, pieces(), io.BytesIO())

    for _ in range(2):
        in_a_thread(taken())
    assert not door._held


LOGIN, FORM = "/servicedesk/customer/user/login", "application/x-www-form-urlencoded"


@pytest.mark.parametrize("piece", [b"%", b"%g", b"%zz", "%é".encode(), "%41é".encode(), "éa".encode()])
def test_ab_93_a_form_made_to_be_slow_to_read_is_refused_at_once(cast: Cast, piece: bytes) -> None:
    body = b"login=%41" + piece * 250_000
    answer = Client().post(LOGIN, body, content_type=FORM)
    assert answer.status_code == 400


@pytest.mark.parametrize("piece", ["%D0%90", "%41a", "a", "+"])
def test_a_long_form_as_browsers_write_it_is_read(cast: Cast, piece: str) -> None:
    body = "login=" + piece * 250_000
    assert Client().post(LOGIN, body, content_type=FORM).status_code == 422


def test_a_few_broken_escapes_are_words(cast: Cast) -> None:
    shown = Client().post(LOGIN, "login=100%25+%+100%zz&password=x", content_type=FORM)
    assert "100% % 100%zz" in shown.content.decode()
