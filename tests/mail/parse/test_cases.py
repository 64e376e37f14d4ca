"""Our own sample mails, each beside its expected result."""

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from otklik.mail.parse import parse
from otklik.mail.parse.parsed_json import as_dict

CASES = Path(__file__).parents[1] / "cases"


def _words(value: str) -> list[str]:
    """Split a text, so that line breaks and spaces do not matter."""
    return unicodedata.normalize("NFC", value).split()


def _bounce(parsed: Any) -> dict[str, str]:
    assert parsed.bounce is not None
    first = parsed.bounce.recipients[0]
    return {
        "recipient": first.address,
        "status": first.status,
        "original_message_id": parsed.bounce.original_message_id,
    }


@pytest.mark.parametrize("path", sorted(CASES.glob("*.eml")), ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    parsed = parse(path.read_bytes())
    found = as_dict(parsed)
    for key, value in expected.items():
        if key == "bounce":
            assert _bounce(parsed) == value
        elif key in {"text", "reply_text"}:
            assert _words(found[key]) == _words(value)
        else:
            assert found[key] == value, key


def test_every_case_says_what_it_expects() -> None:
    mails = {path.stem for path in CASES.glob("*.eml")}
    assert len(mails) > 200
    assert mails == {path.stem for path in CASES.glob("*.json")}


def test_lists_tables_and_links_of_html_stay_readable() -> None:
    parsed = parse((CASES / "html_layout.eml").read_bytes())
    assert parsed.text.split("\n")[:2] == ["Кабинет\t12", "Этаж\t3"]
    assert "* раз\n* два" in parsed.text
    assert "1. первый\n2. второй" in parsed.text
    assert "инструкцию <https://portal.example/x>" in parsed.text
    assert "portal.example <" not in parsed.text


def _in_words(header: str, body: str) -> list[tuple[str, str]]:
    head = f"From: Mail Delivery Subsystem <mailer-daemon@mx.test>\r\nSubject: Undelivered Mail\r\n{header}"
    bounce = parse(f"{head}\r\nContent-Type: text/plain\r\n\r\n{body}".encode()).bounce
    assert bounce is not None
    return [(one.address, one.status) for one in bounce.recipients]


def test_a_report_in_words_speaks_of_the_first_address_and_one_that_names_them_of_twenty() -> None:
    said = "550 5.1.1 <Ivan@x.test>: no such user. Ask admin@mx.test or help@mx.test, please.\r\n"
    assert _in_words("", said) == [("ivan@x.test", "5.1.1")]
    many = [f"n{number}@x.test" for number in range(25)]
    found = _in_words(f"X-Failed-Recipients: {', '.join([*many[:3], *many])}\r\n", said)
    assert found == [(one, "5.1.1") for one in many[:20]]


def test_of_a_field_that_stands_twice_in_a_report_the_first_counts() -> None:
    report = "\r\n".join(
        [
            "From: mailer-daemon@mx.test", "Subject: Undelivered Mail",
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"', "",
            "--b", "Content-Type: text/plain", "", "no such user", "--b", "Content-Type: message/delivery-status", "",
            "Reporting-MTA: dns; mx.test", "",
            "Final-Recipient: rfc822; ivan@x.test", "Final-Recipient: rfc822; other@x.test", "Action: failed",
            "Status: 5.1.1", "Diagnostic-Code: smtp; 550", " 5.1.1 no such user", "--b--", "",
        ]
    )  # fmt: skip
    (failed,) = parse(report.encode()).bounce.recipients  # type: ignore[union-attr]  # it is a report
    assert (failed.address, failed.status) == ("ivan@x.test", "5.1.1")
    assert failed.diagnostic.endswith("550 5.1.1 no such user")


_STATUS = "Reporting-MTA: dns; mx.test\r\n\r\nFinal-Recipient: rfc822; ivan@x.test\r\nAction: {}\r\nStatus: 4.1.1\r\n"


@pytest.mark.parametrize(
    ("kind", "fields", "action", "report"),
    [
        ("multipart/report", "", "delayed", "delayed"),
        ("multipart/report", "", "failed", "failed"),
        ("multipart/mixed", "", "delayed", ""),
        ("multipart/mixed", "Return-Path: <anna@x.test>\r\nAuto-Submitted: no\r\n", "delayed", ""),
        ("multipart/mixed", "Return-Path: <>\r\n", "delayed", "delayed"),
        ("multipart/mixed", "Auto-Submitted: auto-replied\r\n", "delayed", "delayed"),
    ],
)
def test_a_report_that_a_person_forwards_is_no_report(kind: str, fields: str, action: str, report: str) -> None:
    parts = ["Content-Type: text/plain\r\n\r\nСмотрите", f"Content-Type: message/delivery-status\r\n\r\n{_STATUS}"]
    body = "".join(f"--b\r\n{part.format(action)}\r\n" for part in parts)
    head = f"From: anna@x.test\r\nSubject: x\r\n{fields}Content-Type: {kind}; boundary=b"
    assert parse(f"{head}\r\n\r\n{body}--b--\r\n".encode()).report == report
    signed = (
        f"--s\r\nContent-Type: {kind}; boundary=b\r\n\r\n{body}--b--\r\n--s\r\nContent-Type: x/y\r\n\r\nx\r\n--s--\r\n"
    )
    head = f"From: anna@x.test\r\nSubject: x\r\n{fields}Content-Type: multipart/signed; boundary=s"
    assert parse(f"{head}\r\n\r\n{signed}".encode()).report == report
