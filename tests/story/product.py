"""The whole product as users run it: `otklik up` as a process, and a real mail server to send to."""

import contextlib
import email
import os
import signal
import smtplib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller


def free_port() -> int:
    """Return a port of 127.0.0.1 that is free at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Letter:
    """A mail as the sink received it: envelope and parsed message."""

    sender: str
    recipients: list[str]
    message: EmailMessage

    @property
    def text(self) -> str:
        return str(self.message.get_body(("plain",)).get_content())  # type: ignore[union-attr]

    @property
    def html(self) -> str:
        return str(self.message.get_body(("html",)).get_content())  # type: ignore[union-attr]

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])


@dataclass
class Sink:
    """An outside mail server that accepts everything."""

    letters: list[Letter] = field(default_factory=list)
    news: threading.Condition = field(default_factory=threading.Condition)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        message = email.message_from_bytes(envelope.content, policy=default)
        with self.news:
            self.letters.append(Letter(envelope.mail_from, list(envelope.rcpt_tos), message))  # type: ignore[arg-type]
            self.news.notify_all()
        return "250 taken"

    def wait_for(self, wanted: Callable[[Letter], bool], seconds: float = 20) -> Letter:
        """Return the first matching letter, waiting up to `seconds`; fail when none comes."""
        end = time.monotonic() + seconds
        with self.news:
            while True:
                for letter in self.letters:
                    if wanted(letter):
                        return letter
                if not self.news.wait(end - time.monotonic()):
                    seen = [(letter.recipients, letter.subject) for letter in self.letters]
                    raise AssertionError(f"the expected letter did not come; there are {seen}")

    def to(self, address: str) -> list[Letter]:
        """Return every letter to one address so far."""
        return [letter for letter in self.letters if letter.recipients == [address]]


@contextlib.contextmanager
def sink() -> Iterator[tuple[Sink, int]]:
    """Run a sink; yields it and its port."""
    server = Sink()
    controller = Controller(server, hostname="127.0.0.1", port=free_port(), data_size_limit=2**26)
    controller.start()
    try:
        yield server, controller.port
    finally:
        controller.stop()


@dataclass
class Product:
    """A running product."""

    url: str
    smtp: int
    home: Path
    process: "subprocess.Popen[str]"

    def send(self, message: EmailMessage | bytes, sender: str, to: str) -> None:
        """Deliver a mail to the intake by SMTP, as a mail server would."""
        raw = message if isinstance(message, bytes) else message.as_bytes()
        with smtplib.SMTP("127.0.0.1", self.smtp, timeout=20) as link:
            link.sendmail(sender, [to], raw)

    def otklik(self, *arguments: str, stdin: str = "") -> str:
        """Run a command in the same home; return its standard output."""
        done = subprocess.run(
            [sys.executable, "-m", "otklik.cli.main", *arguments],
            env=environment(self.home),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return the environment of a new user, with this home."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("OTKLIK_", "DATABASE_", "DJANGO_"))
    }
    return {**inherited, "OTKLIK_HOME": str(home), **more}


@contextlib.contextmanager
def running(home: Path, *arguments: str, **settings: str) -> Iterator[Product]:
    """Run `otklik up` with these arguments and yield it once it is ready; SIGTERM must end it within 12 s."""
    http, smtp = free_port(), free_port()
    command = [sys.executable, "-m", "otklik.cli.main", "up", "--http", f"127.0.0.1:{http}"]
    command += ["--smtp", f"127.0.0.1:{smtp}", *arguments]
    log = (home.parent / f"{home.name}.log").open("w")
    process = subprocess.Popen(
        command, env=environment(home, **settings), stdout=subprocess.PIPE, stderr=log, text=True
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        assert line == "ready", f"{line!r}: {(home.parent / f'{home.name}.log').read_text()[-2000:]}"
        yield Product(f"http://127.0.0.1:{http}", smtp, home, process)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(12)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        finally:
            log.close()
