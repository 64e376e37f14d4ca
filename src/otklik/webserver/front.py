"""The RSGI application of ``otklik web``: takes a request in whole before it costs a thread, then lets Django answer.

Bodies are read here, by the event loop: no more than the page takes (config.bodies), no slower than LEAST_RATE. Who
sends slowly, or reads slowly, holds a connection and nothing else. Django sees a plain WSGI request (PEP 3333).
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

from otklik.core.networks import place_of
from otklik.webserver.answers import Answer, Application, Environ, answer_of, give, words_only
from otklik.webserver.request_head import MOST_HEAD_BYTES, bounded
from otklik.webserver.threads import Threads

Limit = Callable[[Environ], int]

# A body may take GRACE seconds, and one more for each LEAST_RATE bytes that came.
GRACE, LEAST_RATE = 20.0, 8 * 1024
# Up to so many bytes nobody is asked how much a page takes.
ASK_ABOVE = 1024 * 1024
# What all bodies on their way into one process may come to, and those of one network address.
ROOM, ROOM_OF_ONE = 2 * 1024**3, 512 * 1024**2
_IN_MEMORY = 64 * 1024
# After a refusal so much is still taken from the line, so that the answer is read and not lost with the connection.
_DRAIN_SECONDS, _DRAIN_BYTES = 10.0, 64 * 1024**2


class Scope(Protocol):
    """What granian tells of a request."""

    http_version: str
    client: str
    server: str
    scheme: str
    method: str
    path: str
    query_string: str
    headers: Any


class TooSlow(Exception):
    """The body did not come in time."""


class TooLarge(Exception):
    """The body is larger than the page takes; says how many bytes came or are said to come."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size


class NoRoom(Exception):
    """Too much is on its way already."""


class HungUp(Exception):
    """The sender went away before the body had come."""


@dataclass
class Front:
    """One for each web process. `proxies`: how many trusted ones stand before it (OTKLIK_TRUSTED_PROXIES)."""

    application: Application
    most_bytes: Limit
    threads: Threads
    proxies: int = 0
    _held: Counter[str] = field(default_factory=Counter)

    async def __rsgi__(self, scope: Scope, proto: Any) -> None:
        """Answer one request."""
        if _head_bytes(scope) > MOST_HEAD_BYTES:
            # The server's own limit lets up to twice as much pass, depending on how the bytes arrive.
            return give(proto, words_only(431, _("The address or the fields of this request are too long.")))
        environ, pieces = environ_of(scope), aiter(proto)
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as body:
            try:
                await self._take(environ, pieces, body)
            except HungUp:
                give(proto, words_only(400, _("What you sent broke off. Please send it again.")))
            except TooSlow:
                give(proto, words_only(408, _("What you sent did not come to its end in time. Please send it again.")))
            except (NoRoom, OSError):
                give(proto, words_only(503, _("Too much is being sent just now. Please try again in a minute.")))
            except TooLarge as refusal:
                # Django sees that it is too large and says so in the reader's language.
                environ["CONTENT_LENGTH"] = str(refusal.size)
                give(proto, await self._answer(environ, body), last=True)
                if "HTTP_EXPECT" not in environ:
                    await _drain(pieces)
            else:
                environ["CONTENT_LENGTH"] = str(body.tell() or "")
                body.seek(0)
                give(proto, await self._answer(environ, body))

    async def _answer(self, environ: Environ, body: IO[bytes]) -> Answer:
        environ["wsgi.input"] = body
        return await self.threads.run(lambda: answer_of(self.application, environ))

    async def _take(self, environ: Environ, pieces: Any, body: IO[bytes]) -> None:
        """Write the request's body into `body`.

        Raises TooLarge (before anything is read, where the sender says how much will come), TooSlow, NoRoom, HungUp.
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
            self._held += Counter()  # forgets who has nothing on the way
        if declared >= 0 and held != declared:
            raise HungUp

    async def _most(self, environ: Environ, size: int) -> int:
        """How much may come, where so much does. Raises TooLarge when that is more."""
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
        """The network address that the room is counted for; what untrusted proxies claim is not looked at."""
        hops = [part.strip() for part in str(environ.get("HTTP_X_FORWARDED_FOR", "")).split(",")]
        told_by_ours = hops[-self.proxies] if 0 < self.proxies <= len(hops) else ""
        return place_of(told_by_ours or str(environ["REMOTE_ADDR"]))


async def _chunks(pieces: Any) -> AsyncIterator[bytes]:
    """The body as it comes. Raises TooSlow and HungUp.

    Granian ends a body with one empty piece, and one that broke off with two.
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
    """Take from the line what is on its way, for a while, and throw it away."""
    size = 0
    with contextlib.suppress(TooSlow, HungUp, TimeoutError):
        async with asyncio.timeout(_DRAIN_SECONDS):
            async for chunk in _chunks(pieces):
                size += len(chunk)
                if size > _DRAIN_BYTES:
                    return


def _head_bytes(scope: Scope) -> int:
    """What the address and the fields of the request come to."""
    fields = sum(len(name) + len(value) for name, value in scope.headers.items())
    return fields + len(scope.path) + len(scope.query_string)


def environ_of(scope: Scope) -> Environ:
    """The request as PEP 3333 wants it, without its body."""
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
            continue  # it would pass for the field with a hyphen, which only a trusted proxy may write (AB-96)
        key = name.upper().replace("-", "_")
        key = key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"
        parted = ";" if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{parted}{value}" if key in environ else value
    environ.setdefault("HTTP_HOST", getattr(scope, "authority", None) or "")
    return bounded(environ)
