"""The RSGI application of ``otklik web``: buffers the whole request, then runs Django in a thread.

The event loop reads the bodies, up to the size that the page accepts (config.body_limits) and no slower than
LEAST_RATE. A slow sender or reader therefore ties up a connection but no thread. Django sees a plain WSGI
request (PEP 3333).
"""

import asyncio
import contextlib
import io
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import IO, Any, Protocol

from django.utils.translation import gettext as _

from otklik.core.ip_networks import place_of
from otklik.webserver.header_limits import MOST_HEAD_BYTES, bound_headers
from otklik.webserver.responses import Answer, Application, Environ, answer_of, send_response, words_only
from otklik.webserver.thread_pool import Threads

Limit = Callable[[Environ], int]

# A body may take GRACE seconds, plus one second for every LEAST_RATE bytes received.
GRACE, LEAST_RATE = 20.0, 8 * 1024
# A body up to this size is accepted without asking how much the page accepts.
ASK_ABOVE = 1024 * 1024
# The most bytes of bodies being received by one process, and of those from one network address.
ROOM, ROOM_OF_ONE = 2 * 1024**3, 512 * 1024**2
_IN_MEMORY = 64 * 1024
# After a refusal this much is still read: closing at once could lose the answer with the connection.
_DRAIN_SECONDS, _DRAIN_BYTES = 10.0, 64 * 1024**2


class Scope(Protocol):
    """The part of granian's RSGI scope that is used here."""

    http_version: str
    client: str
    server: str
    scheme: str
    method: str
    path: str
    query_string: str
    headers: Any


class TooSlow(Exception):
    """The body was sent more slowly than LEAST_RATE."""


class TooLarge(Exception):
    """The body is larger than the page accepts. `size`: the bytes that were received or announced."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size


class NoRoom(Exception):
    """Bodies being received take up ROOM or ROOM_OF_ONE already."""


class HungUp(Exception):
    """The client closed the connection before the body was complete."""


@dataclass
class Front:
    """The application of one web process. Belongs to one event loop.

    `most_bytes`: returns the largest body that a request's page accepts; `threads`: where Django runs; `proxies`: the
    number of trusted proxies in front (OTKLIK_TRUSTED_PROXIES).
    """

    application: Application
    most_bytes: Limit
    threads: Threads
    proxies: int = 0
    _held: Counter[str] = field(default_factory=Counter)

    async def __rsgi__(self, scope: Scope, proto: Any) -> None:
        """Answer one request; here with 400, 408, 431 or 503 if it cannot be received, else by Django."""
        if _head_bytes(scope) > MOST_HEAD_BYTES:
            # The server's own limit lets up to twice as much pass, depending on how the bytes arrive.
            return send_response(proto, words_only(431, _("The address or the fields of this request are too long.")))
        environ, pieces = environ_of(scope), aiter(proto)
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as body:
            try:
                await self._take(environ, pieces, body)
            except HungUp:
                send_response(proto, words_only(400, _("What you sent broke off. Please send it again.")))
            except TooSlow:
                send_response(
                    proto, words_only(408, _("What you sent did not come to its end in time. Please send it again."))
                )
            except (NoRoom, OSError):
                send_response(
                    proto, words_only(503, _("Too much is being sent just now. Please try again in a minute."))
                )
            except TooLarge as refusal:
                # Django sees that it is too large and says so in the reader's language.
                environ["CONTENT_LENGTH"] = str(refusal.size)
                send_response(proto, await self._answer(environ, body), last=True)
                if "HTTP_EXPECT" not in environ:
                    await _drain(pieces)
            else:
                environ["CONTENT_LENGTH"] = str(body.tell() or "")
                body.seek(0)
                send_response(proto, await self._answer(environ, body))

    async def _answer(self, environ: Environ, body: IO[bytes]) -> Answer:
        environ["wsgi.input"] = body
        return await self.threads.run(lambda: answer_of(self.application, environ))

    async def _take(self, environ: Environ, pieces: Any, body: IO[bytes]) -> None:
        """Write the request's body into `body`.

        Raises TooLarge (before reading anything if Content-Length says so), TooSlow, NoRoom and HungUp.
        """
        declared = int(environ.get("CONTENT_LENGTH") or -1)
        if declared < 1 and "HTTP_TRANSFER_ENCODING" not in environ:
            return
        most, held, whose = await self._most(environ, declared), 0, self._sender(environ)
        try:
            async for chunk in _chunks(pieces):
                if held + len(chunk) > most:
                    most = await self._most(environ, held + len(chunk))
                self._hold(whose, len(chunk))
                held += len(chunk)
                body.write(chunk)
        finally:
            self._held[whose] -= held
            self._held += Counter()  # drops senders whose count is zero
        if declared >= 0 and held != declared:
            raise HungUp

    async def _most(self, environ: Environ, size: int) -> int:
        """Return the largest body that this request may have. Raises TooLarge if `size` exceeds it."""
        if size <= ASK_ABOVE:
            return ASK_ABOVE
        most = await self.threads.run(lambda: self.most_bytes(environ))
        if size > most:
            raise TooLarge(size)
        return most

    def _hold(self, whose: str, size: int) -> None:
        if self._held[whose] + size > ROOM_OF_ONE or self._held.total() + size > ROOM:
            raise NoRoom
        self._held[whose] += size

    def _sender(self, environ: Environ) -> str:
        """Return the client's network address, which its bytes count for.

        Uses only what our proxies added to X-Forwarded-For.
        """
        hops = [part.strip() for part in str(environ.get("HTTP_X_FORWARDED_FOR", "")).split(",")]
        from_our_proxy = hops[-self.proxies] if 0 < self.proxies <= len(hops) else ""
        return place_of(from_our_proxy or str(environ["REMOTE_ADDR"]))


async def _chunks(pieces: Any) -> AsyncIterator[bytes]:
    """The body, chunk by chunk. Raises TooSlow and HungUp.

    Granian ends a body with one empty chunk, and one that broke off with two.
    """
    loop, ended = asyncio.get_running_loop(), False
    began, size = loop.time(), 0
    while True:
        try:
            async with asyncio.timeout_at(began + GRACE + size / LEAST_RATE):
                chunk = await anext(pieces)
        except TimeoutError:
            raise TooSlow from None
        except StopAsyncIteration:
            return
        if ended:
            raise HungUp
        ended = not chunk
        size += len(chunk)
        if chunk:
            yield chunk


async def _drain(pieces: Any) -> None:
    """Read and discard the rest of a body, for _DRAIN_SECONDS and _DRAIN_BYTES at most."""
    size = 0
    with contextlib.suppress(TooSlow, HungUp, TimeoutError):
        async with asyncio.timeout(_DRAIN_SECONDS):
            async for chunk in _chunks(pieces):
                size += len(chunk)
                if size > _DRAIN_BYTES:
                    return


def _head_bytes(scope: Scope) -> int:
    """Return the size of the request's URL and header fields, in bytes."""
    fields = sum(len(name) + len(value) for name, value in scope.headers.items())
    return fields + len(scope.path) + len(scope.query_string)


def environ_of(scope: Scope) -> Environ:
    """Return the request as a WSGI environ (PEP 3333), without its body.

    Header fields with an underscore are dropped (AB-96); repeated fields are joined.
    """
    host, _colon, port = scope.server.rpartition(":")
    environ: Environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string.encode().decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "SERVER_NAME": host.strip("[]"),
        "SERVER_PORT": port,
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "SERVER_SOFTWARE": "Granian",
        "GATEWAY_INTERFACE": "CGI/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.errors": sys.stderr,
        "wsgi.input": io.BytesIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        if "_" in name:
            continue  # it would pass for the one with a hyphen, which may be a proxy's alone (AB-96)
        key = name.upper().replace("-", "_")
        key = key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"
        separator = ";" if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{separator}{value}" if key in environ else value
    environ.setdefault("HTTP_HOST", getattr(scope, "authority", None) or "")
    return bound_headers(environ)
