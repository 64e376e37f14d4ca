"""Attachments: only for readers of the message, and never executed on our origin."""

from pathlib import Path

import pytest
from django.http import HttpResponseBase, StreamingHttpResponse
from django.test import Client

from otklik.core import blobs
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.commands.comment import comment, hold_comment
from otklik.tickets.content import NewFile, Words
from otklik.tickets.models import Attachment, Message
from tests.cast import START, Cast
from tests.core.test_images import bomb
from tests.portal.helpers import as_, card, inbound_mail

PNG = b"\x89PNG\r\n\x1a\n" + b"0123456789" * 30


def attached(
    cast: Cast, data: bytes = PNG, name: str = "снимок.png", kind: str = "public", content_type: str = "image/png"
) -> Attachment:
    digest, size = blobs.put(data)
    file = NewFile(name=name, content_type=content_type, size=size, digest=digest)
    actor = Actor(cast.agent, "agent")
    message = comment(actor=actor, at=START, ticket=cast.ticket, words=Words("файл"), files=[file], kind=kind)
    return message.attachments.get()


def at(file: Attachment, place: str = "attachment") -> str:
    return f"/servicedesk/customershim/secure/{place}/{file.pk}/name"


def body(response: HttpResponseBase) -> bytes:
    assert isinstance(response, StreamingHttpResponse)
    return b"".join(response)


def test_people_on_the_request_get_the_bytes(cast: Cast, home: Path) -> None:
    file = attached(cast)
    for person in (cast.anna, cast.boris, cast.agent, cast.admin):
        response = as_(person).get(at(file))
        assert response.status_code == 200 and body(response) == PNG
        assert response["Content-Length"] == str(len(PNG))


@pytest.mark.parametrize("place", ["attachment", "thumbnail"])
def test_ab_45_strangers_get_nothing_by_any_method(cast: Cast, home: Path, place: str) -> None:
    address = at(attached(cast), place)
    for person in (cast.stranger, cast.agent_elsewhere):
        for response in (
            as_(person).get(address),
            as_(person).head(address),
            as_(person).get(address, headers={"Range": "bytes=0-3"}),
        ):
            assert response.status_code == 404 and PNG[:8] not in getattr(response, "content", b"")
    assert Client().get(address)["Location"].startswith("/servicedesk/customer/user/login?next=")
    assert as_(cast.stranger).get(address.replace("/name", "/999")).status_code == 404


def test_ab_48_files_of_notes_are_for_the_staff(cast: Cast, home: Path) -> None:
    file = attached(cast, kind="internal", name="NOTE-9f3a.txt")
    assert as_(cast.anna).get(at(file)).status_code == 404
    assert "NOTE-9f3a" not in as_(cast.anna).get(card(cast)).content.decode()
    assert "NOTE-9f3a" not in as_(cast.agent).get(card(cast)).content.decode()
    assert as_(cast.agent).get(at(file)).status_code == 200


def test_ab_48_files_of_held_mails_wait_with_them(cast: Cast, home: Path) -> None:
    digest, size = blobs.put(b"x")
    file = NewFile(name="held.txt", content_type="text/plain", size=size, digest=digest)
    mail = inbound_mail()
    hold_comment(
        at=START, ticket=cast.ticket, words=Words("x"), claimed_author="x@y.test", inbound=mail, files=[file], why="why"
    )
    assert as_(cast.anna).get(at(Attachment.objects.get(name="held.txt"))).status_code == 404
    assert "held.txt" not in as_(cast.anna).get(card(cast)).content.decode()


def test_ab_46_no_form_attaches_a_file_that_was_not_sent(cast: Cast, home: Path) -> None:
    file = attached(cast, kind="internal")
    words = {"comment": f'<img src="{at(file)}"> cid:x', "attachments": str(file.pk), "attachment_ids": str(file.pk)}
    as_(cast.anna).post(card(cast, "/comment"), words)
    assert Message.objects.latest("id").attachments.count() == 0
    assert Attachment.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "content_type", "data"),
    [
        ("x.html", "text/html", b"<script>alert(1)</script>"),
        ("x.svg", "image/svg+xml", b"<svg onload='alert(1)'/>"),
        ("x.xml", "application/xml", b"<?xml version='1.0'?><x/>"),
        ("x.xhtml", "application/xhtml+xml", b"<html/>"),
        ("x.mht", "message/rfc822", b"MIME-Version: 1.0"),
        ("x.pdf", "application/pdf", b"%PDF-1.4"),
        ("x.js", "text/javascript", b"alert(1)"),
        ("x.swf", "application/x-shockwave-flash", b"CWS"),
        ("x", "", b"<html><script>alert(1)</script>"),
        ("x.png", "image/png", b"<html><script>alert(1)</script>"),
    ],
)
def test_ab_67_nothing_runs_on_our_origin(cast: Cast, home: Path, name: str, content_type: str, data: bytes) -> None:
    file = attached(cast, data, name, content_type=content_type)
    response = as_(cast.anna).get(at(file))
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Type"] == "application/octet-stream"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert response["Cache-Control"] == "private, no-store"
    assert as_(cast.anna).get(at(file, "thumbnail")).status_code == 404


@pytest.mark.parametrize(
    "name", ["a\r\nb.html", "../a\r\nSet-Cookie: x=1", 'a";filename="x.exe', "\u202efdp.exe", "\x00", "я" * 200]
)
def test_ab_68_the_senders_words_make_no_header(cast: Cast, home: Path, name: str) -> None:
    file = attached(cast, name="ok")
    # As an older version, or another way in, might have stored it.
    Attachment.objects.filter(pk=file.pk).update(name=name.replace("\x00", ""), content_type="text/html; x=\r\ny")
    response = as_(cast.anna).get(at(file))
    value = response["Content-Disposition"]
    assert "\r" not in value and "\n" not in value and "%E2%80%AE" not in value
    assert value.startswith("attachment; filename") and value.count("filename") <= 2
    assert "Set-Cookie" not in response.headers and response["Content-Type"] == "application/octet-stream"
    assert as_(cast.anna).get(card(cast)).status_code == 200


def test_ab_80_a_picture_that_unpacks_into_gigabytes_is_a_download(cast: Cast, home: Path) -> None:
    file = attached(cast, bomb(60_000))
    assert as_(cast.anna).get(at(file, "thumbnail")).status_code == 404
    assert as_(cast.anna).get(at(file)).status_code == 200


def test_a_picture_is_shown_by_its_bytes(cast: Cast, home: Path) -> None:
    response = as_(cast.anna).get(at(attached(cast, content_type="image/png"), "thumbnail"))
    assert response["Content-Type"] == "image/png" and response["Content-Disposition"].startswith("inline")
    assert "sandbox" in response["Content-Security-Policy"] and body(response) == PNG


@pytest.mark.parametrize(
    ("wanted", "status", "part", "told"),
    [
        ("bytes=0-3", 206, PNG[:4], f"bytes 0-3/{len(PNG)}"),
        ("bytes=300-", 206, PNG[300:], f"bytes 300-307/{len(PNG)}"),
        ("bytes=-5", 206, PNG[-5:], f"bytes 303-307/{len(PNG)}"),
        ("bytes=5-99999", 206, PNG[5:], f"bytes 5-307/{len(PNG)}"),
        ("bytes=0-1,4-5", 200, PNG, ""),
        ("lines=1-2", 200, PNG, ""),
        ("bytes=-", 200, PNG, ""),
    ],
)
def test_parts_of_a_file(cast: Cast, home: Path, wanted: str, status: int, part: bytes, told: str) -> None:
    response = as_(cast.anna).get(at(attached(cast)), headers={"Range": wanted})
    assert (response.status_code, body(response), response.headers.get("Content-Range", "")) == (status, part, told)
    assert response["Content-Length"] == str(len(part))


@pytest.mark.parametrize("wanted", ["bytes=308-", "bytes=9-3", "bytes=-0"])
def test_parts_that_do_not_exist(cast: Cast, home: Path, wanted: str) -> None:
    response = as_(cast.anna).get(at(attached(cast)), headers={"Range": wanted})
    assert (response.status_code, response["Content-Range"]) == (416, f"bytes */{len(PNG)}")


def test_head_and_an_empty_file(cast: Cast, home: Path) -> None:
    head = as_(cast.anna).head(at(attached(cast)))
    assert (head.status_code, head["Content-Length"], head.content) == (200, str(len(PNG)), b"")
    empty = as_(cast.anna).get(at(attached(cast, b"", "empty.txt")))
    assert (empty.status_code, body(empty), empty["Content-Length"]) == (200, b"", "0")


def test_rl_39_a_lost_file_does_not_break_the_page(cast: Cast, home: Path) -> None:
    file = attached(cast)
    blobs.path_of(file.digest).unlink()
    assert as_(cast.anna).get(card(cast)).status_code == 200
    assert as_(cast.anna).get(at(file)).status_code == 404
    assert as_(cast.anna).get(at(file, "thumbnail")).status_code == 404


def test_who_joined_late_gets_no_older_file(cast: Cast, home: Path) -> None:
    file = attached(cast)
    as_(cast.anna).post(card(cast, "/share"), {"email": "late@clinic.test"})
    late = Person.objects.get(email="late@clinic.test")
    assert as_(late).get(card(cast)).status_code == 200
    assert as_(late).get(at(file)).status_code == 404
