"""Owners of secret links, and whether a secret can be read out of some bytes (S-02, S-03, S-10)."""

import base64
import io
import re
import zipfile
from collections.abc import Iterator
from email import message_from_bytes
from html import unescape
from urllib.parse import unquote

from tests.postoffice import Sink

LINK = re.compile(
    r"/(?:secure/[A-Za-z]+|servicedesk/customer/(?:rating|approval|reopen|unsubscribe|confirm))/([^\s\"'?<>]+)"
)
ADDRESS = re.compile(r"\+(1[0-9a-z]{27,40})@|<(1[0-9a-z]{27,40})\.")


def secrets_of(sink: Sink) -> dict[str, str]:
    """Return every secret in the mails that were sent, with the address it was sent to."""
    owners: dict[str, str] = {}
    for mail in sink.taken:
        head = mail.raw.decode("latin-1").partition("\r\n\r\n")[0]
        own_fields = "\n".join(line for line in head.splitlines() if line.startswith(("Reply-To", "Message-ID")))
        for secret in LINK.findall(unescape(f"{mail.text}\n{mail.html}\n{head}")):
            owners.setdefault(secret, mail.recipients[0])
        for pair in ADDRESS.findall(own_fields):
            owners.setdefault("".join(pair), mail.recipients[0])
    return owners


def readings(data: bytes, depth: int = 0) -> Iterator[str]:
    """Yield the bytes in every form in which they can be read: unpacked, decoded, unescaped, lines joined."""
    yield from _texts(data.decode("latin-1"))
    if depth > 6:
        return
    if data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield from readings(archive.read(name), depth + 1)
    elif re.match(rb"(?:[A-Za-z-]+: )", data):
        for part in message_from_bytes(data).walk():
            content = part.get_payload(decode=True)
            if isinstance(content, bytes) and content.strip() != data.strip():
                yield from readings(content, depth + 1)


def _texts(text: str) -> Iterator[str]:
    seen = {text, unescape(text), unquote(text), unquote(unquote(unescape(text)))}
    for run in re.findall(r"[A-Za-z0-9+/_-]{60,}", re.sub(r"\r?\n[> ]*", "", text)):
        for start in range(4):
            piece = run[start : start + (len(run) - start) // 4 * 4]
            seen.add(base64.b64decode(piece.replace("-", "+").replace("_", "/")).decode("latin-1"))
    for form in seen:
        yield form
        yield re.sub(r"=?\r?\n[> \t|]*", "", form)
