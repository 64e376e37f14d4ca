"""Deterministic mails: new requests, replies to earlier ones, some with a file; three charsets, three encodings."""

import base64
import quopri
import random
from collections.abc import Iterator
from dataclasses import dataclass
from email.header import Header
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from pathlib import Path

_CHARSETS = ("utf-8", "koi8-r", "windows-1251")
_WORDS = (
    "здравствуйте прошу помочь срочно сегодня утром после обновления система сообщает ошибку доступа отдел этаж "
    "сотрудник просит проверить настройки сети письмо спасибо заранее рабочее место подключение программа документ"
).split()
SENDERS = 300


@dataclass(frozen=True, slots=True)
class BenchMail:
    """A mail: sender, Message-ID without angle brackets, bytes, and the Message-ID that it replies to or ""."""

    sender: str
    message_id: str
    raw: bytes
    answers: str


def mails(count: int, to: str) -> Iterator[BenchMail]:
    """Yield `count` mails to one address: of ten, seven are new, two are replies, one has a file of 100 kB."""
    draw = random.Random(20261122)  # noqa: S311 - the same mails every time is the point
    opened: list[tuple[str, str]] = []
    for number in range(count):
        kind = number % 10
        message_id = f"bench{number:06d}.{draw.randrange(16**8):08x}@client.example"
        answers = ""
        sender = f"user{number * 7 % SENDERS:03d}@client{number % 17}.example"
        if kind in {4, 8}:
            answers, sender = draw.choice(opened)
        else:
            opened.append((message_id, sender))
        yield BenchMail(sender, message_id, _raw(number, message_id, sender, to, answers, draw, kind == 9), answers)


def _raw(number: int, message_id: str, sender: str, to: str, answers: str, draw: random.Random, big: bool) -> bytes:
    charset = _CHARSETS[number % 3]
    subject = f"{'Re: ' if answers else ''}Замер {number:06d} {draw.choice(_WORDS)}"
    lines = [f"MARK-{number:06d}", *(" ".join(draw.choices(_WORDS, k=12)) + "." for _ in range(draw.randint(3, 9)))]
    head = {
        "From": f"{Header('Заявитель', charset).encode()} <{sender}>",
        "To": to,
        "Subject": Header(subject, charset).encode(),
        "Message-ID": f"<{message_id}>",
        "Date": "Mon, 02 Nov 2026 10:00:00 +0300",
        "MIME-Version": "1.0",
        **({"In-Reply-To": f"<{answers}>", "References": f"<{answers}>"} if answers else {}),
    }
    encoding, body = _encoded("\r\n".join(lines).encode(charset), number // 3 % 3)
    part = f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode()
    top = "".join(f"{name}: {value}\r\n" for name, value in head.items()).encode()
    return top + (_with_file(part + body, draw) if big else part + body) + b"\r\n"


def _encoded(body: bytes, way: int) -> tuple[str, bytes]:
    if way == 0:
        return "base64", base64.encodebytes(body).replace(b"\n", b"\r\n")
    if way == 1:
        return "quoted-printable", quopri.encodestring(body.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    return "8bit", body


def _with_file(text_part: bytes, draw: random.Random) -> bytes:
    file = base64.encodebytes(draw.randbytes(100_000)).replace(b"\n", b"\r\n")
    return (
        b'Content-Type: multipart/mixed; boundary="bench"\r\n\r\n--bench\r\n' + text_part + b"\r\n--bench\r\n"
        b'Content-Type: application/pdf; name="act.pdf"\r\nContent-Transfer-Encoding: base64\r\n'
        b'Content-Disposition: attachment; filename="act.pdf"\r\n\r\n' + file + b"--bench--\r\n"
    )


def mails_of(folder: Path) -> Iterator[BenchMail]:
    """Yield the mails of a folder's .eml files, by file name; replies are recognised by In-Reply-To."""
    for file in sorted(folder.glob("*.eml")):
        raw = file.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        head = BytesHeaderParser().parsebytes(raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
        sender = parseaddr(str(head.get("From", "")))[1]
        message_id = str(head.get("Message-ID", "")).strip("<> ")
        yield BenchMail(sender, message_id, raw, str(head.get("In-Reply-To", "")).strip("<> "))
