"""The outside world: mail servers that retry until they are answered 250, and one that accepts mail at random."""

import contextlib
import logging
import queue
import random
import re
import smtplib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from tests.homes import ADDRESS
from tests.reliability.house import steady_port

MARK = re.compile(r"mark-\d{4}-[0-9a-f]{8}")
_KOI8 = "Здравствуйте! Пароль не подходит."


@dataclass(frozen=True, slots=True)
class Got:
    """A mail that the outside server received from the product."""

    recipient: str
    subject: str
    message_id: str
    reply_to: str


@dataclass
class MoodySink:
    """A mail server that refuses or drops connections at random. `mood`: the probability of trouble at each step."""

    mood: float = 0.0
    seed: int = 1
    got: list[Got] = field(default_factory=list)
    troubles: int = 0
    port: int = 0

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self._is_bad():
            return "451 4.7.1 not now"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self._is_bad():
            # Both kinds of a lost connection: before the mail was stored and, unknown to the sender, after it.
            if self._dice.random() < 0.5:
                self._take(envelope)
            server.transport.abort()
            return "421 gone"
        if self._is_bad():
            return "452 4.3.1 no room just now"
        self._take(envelope)
        return "250 taken"

    def ids(self) -> list[str]:
        """Return the Message-ID of each mail received, repeated for a mail received twice."""
        return [mail.message_id for mail in self.got]

    def _is_bad(self) -> bool:
        bad = self._dice.random() < self.mood
        self.troubles += bad
        return bad

    def _take(self, envelope: Any) -> None:
        head = BytesHeaderParser(policy=default).parsebytes(envelope.content)
        self.got.append(
            Got(envelope.rcpt_tos[0], str(head["Subject"]), str(head["Message-ID"]), str(head["Reply-To"] or ""))
        )


@contextlib.contextmanager
def moody_sink(mood: float = 0.0, seed: int = 1) -> Iterator[MoodySink]:
    """Run a MoodySink."""
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    sink = MoodySink(mood, seed)
    controller = Controller(sink, hostname="127.0.0.1", port=steady_port(), data_size_limit=2**26)
    controller.start()
    sink.port = controller.port
    try:
        yield sink
    finally:
        controller.stop()


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail of a customer. The same bytes are sent at each try."""

    mark: str
    sender: str
    to: str
    raw: bytes
    is_reply: bool = False
    transport: str = "smtp"


def new_mail(number: int, dice: random.Random) -> Mail:
    """Return a mail with a new request; every third has a file, every third is raw KOI8-R."""
    mark = f"mark-{number:04d}-{dice.randbytes(4).hex()}"
    sender = f"person{number}@clinic{number % 40}.test"
    head = f"From: {sender}\r\nTo: {ADDRESS}\r\nMessage-ID: <{mark}@clinic.test>\r\nSubject: request {mark}\r\n"
    if number % 3 == 1:
        body = "Content-Type: text/plain; charset=koi8-r\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        return Mail(mark, sender, ADDRESS, head.encode() + body.encode() + f"{_KOI8} {mark}\r\n".encode("koi8-r"))
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, ADDRESS, f"Запрос {mark}"
    message["Message-ID"] = f"<{mark}@clinic.test>"
    message.set_content(f"Здравствуйте! {mark}")
    if number % 3 == 2:
        message.add_attachment(dice.randbytes(20_000), maintype="image", subtype="png", filename=f"{number}.png")
    return Mail(mark, sender, ADDRESS, message.as_bytes())


def reply_to(got: Got, number: int, dice: random.Random) -> Mail:
    """Return the customer's answer to a mail of the product."""
    mark = f"mark-{number:04d}-{dice.randbytes(4).hex()}"
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = got.recipient, got.reply_to, f"Re: {got.subject}"
    message["Message-ID"], message["In-Reply-To"] = f"<{mark}@clinic.test>", got.message_id
    message.set_content(f"Ещё одно: {mark}\n")
    return Mail(mark, got.recipient, got.reply_to, message.as_bytes(), is_reply=True)


@dataclass
class Senders:
    """Four mail servers that send mails at random moments within `seconds` and retry until they are answered 250.

    `drop`: puts a mail into the mailbox that the product fetches; if given, every third mail goes this way.
    """

    port: int
    sink: MoodySink
    count: int
    seconds: float
    seed: int
    drop: Callable[[bytes], None] | None = None
    taken: list[Mail] = field(default_factory=list)
    refusals: "Counter[int]" = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)
        self._lock = threading.Lock()
        self._queue: queue.SimpleQueue[tuple[float, int]] = queue.SimpleQueue()
        for number, at in enumerate(sorted(self._dice.random() * self.seconds for _ in range(self.count))):
            self._queue.put((at, number))
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(4)]

    def start(self) -> None:
        """Start the sending threads."""
        self._began = time.monotonic()
        for thread in self._threads:
            thread.start()

    def wait(self, patience: float) -> None:
        """Wait until every mail was accepted; fail after `patience` seconds or on a permanent refusal."""
        end = time.monotonic() + patience
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        assert not self.errors, self.errors
        assert len(self.taken) == self.count, f"only {len(self.taken)} of {self.count} mails were taken"

    def _work(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                at, number = self._queue.get_nowait()
                time.sleep(max(0.0, self._began + at - time.monotonic()))
                self._give(self._mail(number), number)

    def _mail(self, number: int) -> Mail:
        """Return the next mail; every fifth is an answer to a mail about a ticket, if one was received yet.

        Mails about accounts are not answered: their Reply-To is not an address of a desk.
        """
        with self._lock:
            answerable = [mail for mail in self.sink.got if "+" in mail.reply_to] if number % 5 == 4 else []
            if answerable:
                return reply_to(self._dice.choice(answerable), number, self._dice)
            return new_mail(number, self._dice)

    def _give(self, mail: Mail, number: int) -> None:
        if self.drop is None or number % 3:
            self._hand_over(mail)
            return
        self.drop(mail.raw)
        with self._lock:
            self.taken.append(replace(mail, transport="imap"))

    def _hand_over(self, mail: Mail) -> None:
        while True:
            try:
                with smtplib.SMTP("127.0.0.1", self.port, timeout=20) as link:
                    link.sendmail(mail.sender, [mail.to], mail.raw, ["BODY=8BITMIME"])
            except smtplib.SMTPSenderRefused as refused:
                self._note(mail, refused.smtp_code)
            except smtplib.SMTPRecipientsRefused as refused:
                self._note(mail, next(iter(refused.recipients.values()))[0])
            except smtplib.SMTPDataError as refused:
                self._note(mail, refused.smtp_code)
            except (OSError, smtplib.SMTPException):
                self._note(mail, 421)
            else:
                with self._lock:
                    self.taken.append(mail)
                return
            if self.errors:
                return
            time.sleep(0.2)

    def _note(self, mail: Mail, code: int) -> None:
        """Record a refusal to be retried.

        A permanent refusal is an error: the desk must never refuse these mails for good.
        """
        with self._lock:
            self.refusals[code] += 1
            if 500 <= code < 600:
                self.errors.append(f"{mail.mark} was refused for good: {code}")
