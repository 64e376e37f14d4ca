"""Real mail servers for tests: the product's own intake, and a sink that receives what it sends."""

import contextlib
import logging
import smtplib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from pytest_django.fixtures import Settings

from otklik.intake.process import SLOW_LANES, process_next
from otklik.intake.smtpd import serve
from otklik.mail import deliver
from otklik.mail.inbox import accept
from otklik.mail.models import InboundMail, Mailbox
from otklik.tickets.pumps.bulk_runs import work_next
from otklik.tickets.pumps.pending_replies import release_next
from otklik.worker import queue_polling
from otklik.worker.dispatch import dispatch_next
from tests.cast import START, Cast, build_cast


@dataclass
class Taken:
    """One mail that the sink received."""

    sender: str
    recipients: list[str]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        parsed = BytesParser(policy=default).parsebytes(self.raw)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def text(self) -> str:
        part = self.message.get_body(("plain",))
        return str(part.get_content()) if part else ""

    @property
    def html(self) -> str:
        part = self.message.get_body(("html",))
        return str(part.get_content()) if part else ""

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])


@dataclass
class Sink:
    """A mail server.

    `answers` maps (stage, recipient) or (stage, "*") to answers; each is used once, the last one repeatedly.
    """

    taken: list[Taken] = field(default_factory=list)
    answers: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    attempts: list[tuple[str, str]] = field(default_factory=list)
    port: int = 0
    sessions: int = 0
    servers: list[Any] = field(default_factory=list)

    def hang_up(self) -> None:
        """Close every connection, as servers do with idle ones."""
        for server in self.servers:
            if server.transport is not None:
                server.loop.call_soon_threadsafe(server.transport.close)
        time.sleep(0.1)

    async def handle_EHLO(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.sessions += 1
        self.servers.append(server)
        return responses

    def answer(self, stage: str, *answers: str, to: str = "*") -> None:
        self.answers[(stage, to)] = list(answers)

    def next_answer(self, stage: str, recipient: str) -> str:
        self.attempts.append((stage, recipient))
        for key in ((stage, recipient), (stage, "*")):
            if waiting := self.answers.get(key):
                return waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return "250 OK"

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        envelope.mail_from = address
        return self.next_answer("MAIL", address)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        answer = self.next_answer("RCPT", address)
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        answer = self.next_answer("DATA", envelope.rcpt_tos[0])
        if answer in {"drop", "take and drop"}:
            if answer == "take and drop":
                self.taken.append(Taken(envelope.mail_from, list(envelope.rcpt_tos), envelope.original_content))
            server.transport.abort()
            return "421 gone"
        if answer.startswith("2"):
            self.taken.append(Taken(envelope.mail_from, list(envelope.rcpt_tos), envelope.original_content))
        return answer

    def to(self, address: str) -> list[Taken]:
        return [mail for mail in self.taken if mail.recipients == [address]]


@contextlib.contextmanager
def running_sink(settings: Any, **options: Any) -> Iterator[Sink]:
    """Run a sink that the product is configured to send to."""
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=0, **options)
    # The controller connects to its configured port to check itself, so 0 (any port) cannot be used.
    controller.port = _free_port()
    controller.start()
    sink.port = controller.port
    settings.OUTGOING = f"smtp://127.0.0.1:{sink.port}"
    deliver.forget()
    try:
        yield sink
    finally:
        deliver.forget()
        controller.stop()


@contextlib.contextmanager
def running_intake(*, lmtp: bool = False) -> Iterator[int]:
    """Run the product's intake on a free port; yields the port."""
    stop, bound = threading.Event(), threading.Event()
    places: list[tuple[str, int]] = []

    def ready(addresses: list[tuple[str, int]]) -> None:
        places.extend(addresses)
        bound.set()

    place = ("127.0.0.1", 0)
    thread = threading.Thread(
        target=serve, args=(None if lmtp else place, place if lmtp else None, stop, ready), daemon=True
    )
    thread.start()
    assert bound.wait(10)
    try:
        yield places[0][1]
    finally:
        stop.set()
        thread.join(15)
        assert not thread.is_alive()


def letter(
    *,
    sender: str = "Анна Петрова <anna@clinic.test>",
    to: str = "accredo@desk.test",
    subject: str = "Не открывается протокол",
    text: str = "Здравствуйте! Помогите, пожалуйста.",
    **headers: str,
) -> bytes:
    """Return a mail as a person's program writes it; keyword `In_Reply_To` becomes the header In-Reply-To."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Message-ID"] = headers.pop("Message_ID", f"<{time.monotonic_ns()}@clinic.test>")
    message["Date"] = "Mon, 02 Nov 2026 12:00:00 +0300"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def put_mail(words: bytes = b"words") -> InboundMail:
    """Store a mail of anna's in the ledger, not processed yet."""
    return accept(
        raw=b"From: anna@clinic.test\r\nTo: accredo@desk.test\r\nSubject: x\r\n\r\n" + words + b"\r\n",
        mailbox=Mailbox.objects.get(address="accredo@desk.test"),
        transport="smtp",
        envelope_from="anna@clinic.test",
        envelope_to="accredo@desk.test",
        at=START,
    )


def post(port: int, raw: bytes, *, to: str = "accredo@desk.test", sender: str = "anna@clinic.test") -> None:
    """Send a mail to a server by SMTP."""
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as smtp:
        smtp.sendmail(sender, [to], raw)


def answer_to(mail: Taken, text: str, *, sender: str, **changes: str) -> bytes:
    """Return the mail that a mail program makes of "Reply"."""
    received = mail.message
    values = {
        "to": str(received["Reply-To"] or received["From"]),
        "subject": f"Re: {mail.subject}",
        "In_Reply_To": str(received["Message-ID"]),
        "References": f"{received['References'] or ''} {received['Message-ID']}".strip(),
        "sender": sender,
    }
    quoted = "\n".join(f"> {line}" for line in mail.text.splitlines())
    return letter(text=f"{text}\n\n02.11.2026 12:00, desk пишет:\n{quoted}\n", **{**values, **changes})


def run_all(*, deliver_too: bool = True) -> None:
    """Run the worker's steps until none has anything to do, each only when its polling query finds work."""
    steps: list[tuple[Callable[[], object], Callable[[], bool]]] = [
        *(
            (partial(queue_polling.waiting_mail, slow=lane), step)
            for lane, step in enumerate((process_next, *SLOW_LANES))
        ),
        (queue_polling.waiting_reply, release_next),
        (queue_polling.active_bulk_run, work_next),
        (queue_polling.undispatched_event, dispatch_next),
    ]
    if deliver_too:
        steps.append((queue_polling.queued_mail, deliver.deliver_next))
    while any([waits() and step() for waits, step in steps]):  # noqa: C419  # each step, not only the first with work
        pass


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def people(transactional_db: None, home: Path) -> Cast:
    """Return the cast, committed and so visible to other threads; none of its events waits to be mailed."""
    return build_cast()


@pytest.fixture
def sink(transactional_db: None, settings: Settings) -> Iterator[Sink]:
    """Run a mail server that receives the product's mail."""
    with running_sink(settings) as running:
        yield running


@pytest.fixture
def intake(transactional_db: None, home: Path) -> Iterator[int]:
    """Run the product's SMTP intake; yields its port."""
    with running_intake() as port:
        yield port
