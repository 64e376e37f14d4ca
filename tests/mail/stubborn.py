"""An SMTP and LMTP server whose every answer can be chosen: codes, texts, delays, hanging up."""

import contextlib
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from otklik.mail import deliver

STAGES = ("GREETING", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "DOT")
_FINE = {
    "GREETING": "220 stubborn.test", "EHLO": "250-stubborn.test\n250-AUTH PLAIN\n250 8BITMIME", "AUTH": "235 2.7.0 in",
    "MAIL": "250 OK", "RCPT": "250 OK", "DATA": "354 go on", "DOT": "250 taken", "RSET": "250 OK", "NOOP": "250 OK",
    "QUIT": "221 bye",
}  # fmt: skip
HANG_UP = "hang up"


@dataclass
class Stubborn:
    """State of the server.

    `answers`: what is answered at a stage, or a function of the address; `waits`: an event to wait for before that.
    `given`: (sender, recipient, bytes) of each complete mail; `taken`: of each answered with 2xx.
    """

    answers: dict[str, "str | Callable[[str], str]"] = field(default_factory=dict)
    waits: dict[str, "Callable[[str], threading.Event | None]"] = field(default_factory=dict)
    taken: list[tuple[str, str, bytes]] = field(default_factory=list)
    given: list[tuple[str, str, bytes]] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    sessions: int = 0
    port: int = 0

    def to(self, address: str) -> int:
        """Return how many copies this address got."""
        return sum(recipient == address for _, recipient, _ in self.taken)

    def answer(self, stage: str, about: str) -> str:
        chosen = self.answers.get(stage, _FINE[stage])
        return chosen(about) if callable(chosen) else chosen

    def wait(self, stage: str, about: str) -> None:
        event = self.waits[stage](about) if stage in self.waits else None
        if event is not None:
            event.wait(60)


class _Client(socketserver.StreamRequestHandler):
    server: "_Server"

    def handle(self) -> None:
        with contextlib.suppress(OSError, _Gone):
            self._talk(self.server.state)

    def _talk(self, state: Stubborn) -> None:
        state.sessions += 1
        self.sender = self.recipient = ""
        self._say("GREETING", "")
        while line := self.rfile.readline():
            command = line.decode("utf-8", "replace").strip()
            word, _, rest = command.partition(" ")
            state.heard.append(f"{word.upper()} {rest}")
            stage = "EHLO" if word.upper() in {"EHLO", "LHLO", "HELO"} else word.upper()
            about = rest.partition("<")[2].partition(">")[0]
            answer = self._say(stage, about)
            if stage == "MAIL":
                self.sender = about
            elif stage == "RCPT":
                self.recipient = about
            elif stage == "DATA" and answer.startswith("354"):
                self._content(state)
            elif stage == "QUIT":
                return

    def _content(self, state: Stubborn) -> None:
        raw = b""
        while not raw.endswith(b"\r\n.\r\n"):
            more = self.rfile.readline()
            if not more:
                return
            raw += more
        mail = (self.sender, self.recipient, raw)
        state.given.append(mail)
        answer = self._say("DOT", self.recipient)
        if answer.startswith("2"):
            state.taken.append(mail)

    def _say(self, stage: str, about: str) -> str:
        state = self.server.state
        state.wait(stage, about)
        answer = state.answer(stage, about)
        if answer == HANG_UP:
            raise _Gone
        self.wfile.write("".join(f"{line}\r\n" for line in answer.split("\n")).encode())
        if answer.startswith(("421", "554")) and stage == "GREETING":
            raise _Gone
        return answer


class _Gone(Exception):
    pass


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    state: Stubborn


@contextlib.contextmanager
def running_stubborn(settings: Any, url: str = "smtp://127.0.0.1:{port}") -> Iterator[Stubborn]:
    """Run a server that the product is configured to send to."""
    with _Server(("127.0.0.1", 0), _Client) as server:
        server.state = Stubborn(port=server.server_address[1])
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        settings.OUTGOING = url.format(port=server.state.port)
        deliver.forget()
        try:
            yield server.state
        finally:
            deliver.forget()
            server.shutdown()


def silent_port() -> tuple[socket.socket, int]:
    """Return a listening socket that never answers, and its port."""
    place = socket.socket()
    place.bind(("127.0.0.1", 0))
    place.listen()
    return place, int(place.getsockname()[1])
