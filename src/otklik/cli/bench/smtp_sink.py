"""A cheap SMTP server that accepts everything, so that the benchmark measures the product alone."""

import asyncio
import re
import threading
import time
from typing import Self

_ANSWERED = re.compile(rb"^in-reply-to:\s*<([^>]+)>", re.IGNORECASE | re.MULTILINE)
_LARGEST = 2**26


class Sink:
    """The server, running in a thread during the block.

    `arrived`: time (`time.monotonic()`) of the first mail that replies to a Message-ID, without angle brackets.
    Invitations are no replies.
    """

    def __init__(self) -> None:
        self.arrived: dict[str, float] = {}
        self.total = 0
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        started = asyncio.start_server(self._converse, "127.0.0.1", 0, limit=_LARGEST)
        server = asyncio.run_coroutine_threadsafe(started, self._loop).result(10)
        self.port = server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a connection (RFC 5321): accept every command and mail."""
        writer.write(b"220 sink ESMTP\r\n")
        while line := await reader.readline():
            word = line[:4].upper()
            if word == b"EHLO":
                writer.write(b"250-sink\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n")
            elif word == b"DATA":
                writer.write(b"354 go on\r\n")
                self._take(await reader.readuntil(b"\r\n.\r\n"))
                writer.write(b"250 taken\r\n")
            elif word == b"QUIT":
                writer.write(b"221 bye\r\n")
                break
            else:
                writer.write(b"250 fine\r\n")
        writer.close()

    def _take(self, mail: bytes) -> None:
        self.total += 1
        match = _ANSWERED.search(mail.partition(b"\r\n\r\n")[0])
        if match:
            self.arrived.setdefault(match.group(1).decode("ascii", "replace"), time.monotonic())
