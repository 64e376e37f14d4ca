"""The front server: slow, endless and massive requests block nobody (the figures are promises)."""

import http.client
import re
import socket
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from otklik.webserver.rsgi_app import Front, environ_of
from otklik.webserver.thread_pool import Threads
from tests.cli.running import Up
from tests.coroutines import in_a_thread
from tests.homes import copy_home, desk_home

pytestmark = [pytest.mark.services]
LOGIN = "/servicedesk/customer/user/login"
# A forged-request cookie, so that the body is looked for.
COOKIE = "Cookie: otklik_csrf=abcdefghijabcdefghijabcdefghijab\r\n"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    root = tmp_path_factory.mktemp("front")
    root.chmod(0o711)
    copy_home(desk_home(), root / "home")
    up = Up(root / "home").wait_until_ready()
    yield up
    assert up.end() == 0


def connect(desk: Up) -> socket.socket:
    link = socket.create_connection(("127.0.0.1", desk.http), 10)
    link.settimeout(60)
    return link


def begun(desk: Up, headers: str, body: bytes = b"", line: str = f"POST {LOGIN}") -> socket.socket:
    link = connect(desk)
    kind = "Content-Type: application/x-www-form-urlencoded\r\n"
    link.sendall(f"{line} HTTP/1.1\r\nHost: 127.0.0.1\r\n{COOKIE}{kind}{headers}\r\n".encode() + body)
    return link


class Proto:
    """The part of Granian's protocol that the front uses: the body's chunks, and the response's status."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces, self.given = pieces, list[int]()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece

    def response_bytes(self, status: int, headers: object, content: bytes) -> None:
        self.given.append(status)


def answer(link: socket.socket) -> http.client.HTTPResponse:
    response = http.client.HTTPResponse(link)
    response.begin()
    return response


def page(desk: Up, path: str = LOGIN) -> float:
    """Return the seconds that the page took."""
    start = time.monotonic()
    link = http.client.HTTPConnection("127.0.0.1", desk.http, timeout=10)
    link.request("GET", path)
    response = link.getresponse()
    assert response.status == 200 and response.read()
    link.close()
    return time.monotonic() - start


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_five_hundred_slow_senders_hold_up_nobody_and_are_sent_away(desk: Up) -> None:
    half = [begun(desk, "Content-Length: 1000\r\n", b"a=1") for _ in range(350)]
    half += [begun(desk, "Transfer-Encoding: chunked\r\n", b"3\r\na=1\r\n") for _ in range(100)]
    heads = [connect(desk) for _ in range(50)]
    for link in heads:
        link.sendall(b"POST / HTTP/1.1\r\nHost: ")
    start = time.monotonic()
    while time.monotonic() - start < 8:
        # One byte a second is too slow as well.
        for link in half[::10]:
            link.sendall(b"1\r\nb\r\n")
        assert page(desk) < 5
        time.sleep(0.5)
    for link in half:
        assert answer(link).status == 408
        link.close()
    assert time.monotonic() - start < 60
    for link in heads:
        link.close()


def test_who_reads_slowly_holds_up_nobody(desk: Up) -> None:
    link = http.client.HTTPConnection("127.0.0.1", desk.http, timeout=10)
    link.request("GET", LOGIN)
    css = re.search(r'href="(/static/[^"]+\.css)"', link.getresponse().read().decode())
    assert css
    readers = []
    for _ in range(80):
        reader = socket.socket()
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        reader.connect(("127.0.0.1", desk.http))
        reader.sendall(f"GET {css[1]} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        readers.append(reader)
    assert max(page(desk) for _ in range(5)) < 5
    for reader in readers:
        reader.close()


@pytest.mark.parametrize("size", [5 * 1024 * 1024 + 1, 1_500_000_000, 2**63 - 1])
def test_a_body_that_says_it_is_too_large_is_refused_before_it_comes(desk: Up, size: int) -> None:
    response = answer(begun(desk, f"Content-Length: {size}\r\n"))
    assert response.status == 413 and response.headers["Connection"] == "close"
    assert "больше, чем принимает этот сайт" in response.read().decode()


def test_a_body_without_end_is_refused_where_it_gets_too_large(desk: Up) -> None:
    link = begun(desk, "Transfer-Encoding: chunked\r\n")
    piece = b"186a0\r\n" + b"a" * 100_000 + b"\r\n"
    for _ in range(60):
        link.sendall(piece)
    response = answer(link)
    assert response.status == 413 and "больше, чем принимает этот сайт" in response.read().decode()


def test_what_is_sent_in_pieces_is_read_like_any_other(desk: Up) -> None:
    # Django reads no body without a length; the forged-request check looks for its token in it.
    token = "abcdefghijabcdefghijabcdefghijab"
    words = f"csrfmiddlewaretoken={token}&login=nobody%40clinic.test&password=wrong".encode()
    link = begun(desk, "Transfer-Encoding: chunked\r\n", b"%x\r\n%s\r\n0\r\n\r\n" % (len(words), words))
    assert answer(link).status == 422


def test_after_a_refused_act_the_connection_goes_on(desk: Up) -> None:
    link = http.client.HTTPConnection("127.0.0.1", desk.http, timeout=20)
    for turn in range(100):
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        link.request("POST", (LOGIN, "/robots.txt", "/nothing/here")[turn % 3], b"a" * 300_000, headers)
        response = link.getresponse()
        assert response.read() and response.status in {403, 404, 405}
        kept = link.sock
        link.request("GET", "/robots.txt")
        response = link.getresponse()
        assert response.read() and response.status == 200 and link.sock is kept
    link.close()


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ("Content-Length: 5\r\nContent-Length: 6\r\n", b"a=1&b=2"),
        ("Content-Length: -5\r\n", b""),
        ("Content-Length: 99999999999999999999999\r\n", b""),
        ("Transfer-Encoding: chunked\r\n", b"zz\r\naaa"),
        *((f"X: {'a' * size}\r\n", b"") for size in (131_072, 150_000, 200_000, 240_000)),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_request_that_makes_no_sense_is_refused_as_such(desk: Up, headers: str, body: bytes) -> None:
    assert answer(begun(desk, headers, body)).status in {400, 431}


@pytest.mark.parametrize(
    "field",
    [
        'Content-Type: a/b;"' + ";" * 100_000,
        'Content-Type: multipart/form-data; boundary="' + ";" * 100_000,
        'Cookie: a="' + "\\" * 100_000 + '"',
        'Cookie: a="' + '\\"' * 50_000 + '"',
        'Cookie: a=b\r\nCookie: a="' + '\\"' * 50_000 + '"',
        'Accept: a/b;"' + ";" * 100_000,
        "If-None-Match: " + 'W/"' * 30_000,
        "Accept-Language: " + "a-" * 50_000,
        "X-Forwarded-For: " + "1.1.1.1," * 12_000,
        'Content-Disposition: form-data;"' + ";" * 90_000,
    ],
    ids=lambda field: field[:45],
)
def test_ab_93_no_field_of_a_request_takes_long_to_read(desk: Up, field: str) -> None:
    link = connect(desk)
    begun_at = time.monotonic()
    head = f"POST {LOGIN} HTTP/1.1\r\nHost: 127.0.0.1\r\n{field}\r\nContent-Length: 3\r\n\r\n"
    link.sendall(head.encode() + b"a=1")
    assert answer(link).status in {400, 403}
    assert time.monotonic() - begun_at < 10


def test_ab_96_a_field_with_an_underscore_passes_for_no_other() -> None:
    fields = {"x-forwarded-for": "192.0.2.1", "x_forwarded_for": "6.6.6.6", "content_length": "x", "content_type": "a"}
    scope = SimpleNamespace(
        server="127.0.0.1:80", client="127.0.0.1:9", scheme="http", method="GET", path="/", query_string="",
        http_version="1.1", headers=fields,
    )  # fmt: skip
    environ = environ_of(scope)
    assert environ["HTTP_X_FORWARDED_FOR"] == "192.0.2.1"
    assert not {"CONTENT_LENGTH", "CONTENT_TYPE"} & set(environ)


def test_a_body_that_breaks_off_reaches_no_page(desk: Up) -> None:
    link = begun(desk, "Content-Length: 1000\r\n", b"a=1")
    link.shutdown(socket.SHUT_WR)
    assert answer(link).status == 400


@pytest.mark.parametrize(
    ("head", "pieces"),
    [
        ({"content-length": "9"}, [b"a=1"]),
        ({"content-length": "9"}, [b"a=1", b""]),
        ({"content-length": "2"}, [b"a=1", b""]),
        ({"transfer-encoding": "chunked"}, [b"a=1", b"", b""]),
    ],
)
def test_what_broke_off_reaches_no_page_however_the_server_tells_it(head: dict[str, str], pieces: list[bytes]) -> None:
    """Granian ends a body with one empty chunk, and with two if the client hung up."""
    reached, proto = list[object](), Proto(pieces)

    def application(environ: object, start: object) -> list[bytes]:
        reached.append(environ)
        return []

    async def run() -> None:
        scope = SimpleNamespace(
            client="192.0.2.1:5", server="127.0.0.1:80", scheme="http", method="POST", path="/", query_string="",
            http_version="1.1", headers=head,
        )  # fmt: skip
        front = Front(application, lambda environ: 100, Threads(1, 1))
        await front.__rsgi__(scope, proto)

    in_a_thread(run())
    assert proto.given == [400] and not reached


def test_a_stop_is_not_held_up_by_slow_senders(tmp_path: Path) -> None:
    tmp_path.chmod(0o711)
    copy_home(desk_home(), tmp_path / "home")
    up = Up(tmp_path / "home").wait_until_ready()
    links = [begun(up, "Content-Length: 1000\r\n", b"a=1") for _ in range(20)]
    start = time.monotonic()
    assert up.end() == 0
    assert time.monotonic() - start < 12
    for link in links:
        link.close()
