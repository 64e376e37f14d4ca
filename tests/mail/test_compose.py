"""Outgoing mails have our headers and one recipient, whatever texts they contain (AB-87)."""

import re
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

import pytest
from django.utils import timezone

from otklik.core import blobs
from otklik.mail.compose import UnableToCompose, compose, one_line
from otklik.mail.models import OutboundFile, OutboundMail

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
HEADERS = {
    "content-type", "mime-version", "subject", "from", "to", "date", "message-id", "auto-submitted", "precedence",
    "x-auto-response-suppress", "x-otklik-desk", "reply-to", "in-reply-to", "references",
}  # fmt: skip


def row(**changes: object) -> OutboundMail:
    values: dict[str, object] = {
        "recipient": "anna@clinic.test",
        "sender": "accredo@desk.test",
        "sender_name": "Служба технической поддержки",
        "reply_to": "accredo+abc@desk.test",
        "kind": "comment",
        "cause": f"test {OutboundMail.objects.count()}",
        "subject": "ACCREDO-4 Не печатает",
        "text": "Привет!\nСтрока\n",
        "html": "<p>Привет!</p>",
        "message_id": f"<x{OutboundMail.objects.count()}@desk.test>",
        "in_reply_to": "<a@b>",
        "references": "<root@b> <a@b>",
        "created_at": timezone.now(),
        "retry_at": AT,
    }
    return OutboundMail.objects.create(**{**values, **changes})


def test_a_mail_is_as_the_contract_says(db: None) -> None:
    raw = compose(row(created_at=AT))
    mail = BytesParser(policy=default).parsebytes(raw)
    assert {name.lower() for name in mail} == HEADERS
    assert mail["Subject"] == "ACCREDO-4 Не печатает" and b"Subject: =?" in raw
    # By hand: Python's own reader puts a blank between two encoded words of a name.
    author = next(line for line in re.sub(rb"\r\n[ \t]", b" ", raw).split(b"\r\n") if line.startswith(b"From:"))
    said = str(make_header(decode_header(author.decode().removeprefix("From: "))))
    assert said == "Служба технической поддержки <accredo@desk.test>"
    assert (mail["To"], mail["Reply-To"]) == ("anna@clinic.test", "accredo+abc@desk.test")
    assert (mail["Auto-Submitted"], mail["Precedence"], mail["X-Auto-Response-Suppress"]) == (
        "auto-generated",
        "bulk",
        "All",
    )
    assert mail["References"] == "<root@b> <a@b>" and mail["Date"] == "Mon, 02 Nov 2026 09:00:00 -0000"
    assert mail.get_body(("plain",)).get_content() == "Привет!\nСтрока\n"  # type: ignore[union-attr]
    assert b"\n" not in raw.replace(b"\r\n", b"") and b"\r" not in raw.replace(b"\r\n", b"")
    assert compose(OutboundMail.objects.get()).split(b"\r\n\r\n")[0].count(b"Message-ID: <x0@desk.test>") == 1


NASTY = [
    "x\r\nBcc: z@z.test",
    "x\nBcc: z@z.test",
    "x\rBcc: z@z.test",
    "=?utf-8?q?x=0D=0ABcc=3A_z=40z=2Etest?=",
    "=?utf-8?b?eA0KQmNjOiB6QHoudGVzdA==?=",
    "=?utf-8?q?=3D=3Futf-8=3Fq=3Fx=3D0D=3D0ABcc=3A_z=40z=2Etest=3F=3D?=",
    "a\u2028Bcc: z@z.test",
    "a\u2029Bcc: z@z.test",
    "a\x00b\x0bc\x85d",
    'quote " and, comma; <z@z.test>',
    "z@z.test, y@y.test",
    "=?utf-8?q?broken",
    "=?no-such-charset?q?x?=",
    "\udcff lone",
    "я" * 390,
    "x" * 390,
]


@pytest.mark.parametrize("words", NASTY)
def test_ab_87_no_words_make_a_header(db: None, home: Path, words: str) -> None:
    storable = words.replace("\x00", "").encode("utf-8", "replace").decode()
    mail = row(subject=storable, sender_name=storable[:200], in_reply_to=storable, references=storable)
    mail.subject, mail.sender_name = words, words[:200]
    digest, size = blobs.put(b"file")
    OutboundFile.objects.create(mail=mail, name=storable[:200], content_type=storable[:100], size=size, digest=digest)
    parsed = BytesParser(policy=default).parsebytes(compose(mail))
    assert {name.lower() for name in parsed} <= HEADERS
    assert len(parsed.get_all("To", [])) == 1 and parsed["To"] == "anna@clinic.test"
    assert [address.addr_spec for address in parsed["From"].addresses] == ["accredo@desk.test"]
    for part in parsed.walk():
        assert "bcc" not in {name.lower() for name in part}
    assert all(len(line) <= 998 for line in compose(mail).split(b"\r\n"))


@pytest.mark.parametrize(
    "address",
    [
        "a@b.test, c@d.test",
        "a@b.test\r\nBcc: z@z.test",
        '"x, y@evil.test" <a@b.test>',
        "no address",
        "a@b@c.test",
        "<a@b.test>",
        "",
    ],
)
def test_ab_87_one_recipient_or_no_mail(db: None, address: str) -> None:
    with pytest.raises(UnableToCompose):
        compose(row(recipient=address))


def test_one_line_keeps_what_is_readable() -> None:
    assert one_line("  Привет,\tмир\r\n ещё ") == "Привет, мир ещё"
    assert one_line("=?utf-8?b?0J/RgNC40LLQtdGC?= всем") == "Привет всем"
    assert "=?" not in one_line("=?utf-8?q?=3D=3Futf-8=3Fq=3F=3D3D=3D3Futf-8=3D3Fq=3D3Fx=3D3F=3D3D=3F=3D?=")


def test_files_go_along(db: None, home: Path) -> None:
    mail = row()
    for name, kind in (("скан.pdf", "application/pdf"), ("letter.eml", "message/rfc822"), ("x", "text/html; a=b")):
        digest, size = blobs.put(name.encode())
        OutboundFile.objects.create(mail=mail, name=name, content_type=kind, size=size, digest=digest)
    parsed = BytesParser(policy=default).parsebytes(compose(mail))
    files = [(part.get_filename(), part.get_content_type(), part.get_content()) for part in parsed.iter_attachments()]
    assert files == [
        ("скан.pdf", "application/pdf", "скан.pdf".encode()),
        ("letter.eml", "application/octet-stream", b"letter.eml"),
        ("x", "application/octet-stream", b"x"),
    ]


def test_long_threads_keep_the_root_and_the_last_ten(db: None) -> None:
    ids = [f"<{number}@x>" for number in range(30)]
    parsed = BytesParser(policy=default).parsebytes(compose(row(references=" ".join(ids))))
    assert str(parsed["References"]).split() == [ids[0], *ids[-10:]]


def test_a_missing_file_is_said(db: None, home: Path) -> None:
    mail = row()
    OutboundFile.objects.create(mail=mail, name="x", content_type="a/b", size=1, digest="0" * 64)
    with pytest.raises(UnableToCompose, match="BlobMissing"):
        compose(mail)
