"""The parser's limits at their edges, and inputs that just miss each detection."""

from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from otklik.mail.parse import ParsedMail, limits, parse
from otklik.mail.parse.truncations import cuts_of

HEAD = "From: Анна <a@a.example>\r\nTo: d@d.example\r\nSubject: x\r\nMessage-ID: <1@a.example>\r\n"


def read(fields: str = "", body: str = "Слова", head: str = HEAD) -> ParsedMail:
    return parse(f"{head}{fields}\r\n{body}".encode())


def people(number: int) -> str:
    return ",\r\n ".join(f"p{n}@a.example" for n in range(number))


@pytest.mark.parametrize("name", ["To", "Cc"])
@pytest.mark.parametrize(
    ("number", "cut"), [(limits.ADDRESSES - 1, False), (limits.ADDRESSES + 1, True), (limits.ADDRESSES + 90, True)]
)
def test_more_people_than_are_read_are_told(name: str, number: int, cut: bool) -> None:
    parsed = read(head=f"From: a@a.example\r\nSubject: x\r\n{name}: {people(number)}\r\n")
    named = parsed.to if name == "To" else parsed.cc
    assert len(named) == min(number, limits.ADDRESSES)
    assert ("people" in parsed.cuts) is cut and parsed.truncated is bool(parsed.cuts)


def test_people_of_two_fields_who_were_all_read_are_not_told_as_left_out() -> None:
    half = limits.ADDRESSES * 3 // 4
    parsed = read(head=f"From: a@a.example\r\nSubject: x\r\nTo: {people(half)}\r\nCc: {people(half)}\r\n")
    assert (len(parsed.to), len(parsed.cc), parsed.cuts) == (half, half, ())


@pytest.mark.parametrize(("number", "cut"), [(limits.ATTACHMENTS, False), (limits.ATTACHMENTS + 1, True)])
def test_more_files_than_are_listed_are_told(number: int, cut: bool) -> None:
    message = EmailMessage()
    message["From"] = "a@a.example"
    message.set_content("Слова")
    for place in range(number):
        message.add_attachment(b"x", maintype="application", subtype="pdf", filename=f"{place}.pdf")
    parsed = parse(message.as_bytes())
    assert len(parsed.parts) == limits.ATTACHMENTS and parsed.parts[-1].name == f"{limits.ATTACHMENTS - 1}.pdf"
    assert (bool(parsed.cuts), parsed.truncated) == (cut, cut)


@pytest.mark.parametrize(("size", "cut"), [(limits.TEXT_CHARS, False), (limits.TEXT_CHARS + 1, True)])
def test_more_text_than_is_kept_is_told(size: int, cut: bool) -> None:
    assert cuts_of((), text="x" * size, size=1, addressees=1, truncated=False) == (("text",) if cut else ())


@pytest.mark.parametrize(("size", "cut"), [(limits.RAW_BYTES, False), (limits.RAW_BYTES + 1, True)])
def test_a_mail_larger_than_is_read_is_told(size: int, cut: bool) -> None:
    assert cuts_of((), text="x", size=size, addressees=1, truncated=False) == (("size",) if cut else ())


def test_what_no_remark_names_is_told_in_general_and_only_then() -> None:
    assert cuts_of((), text="x", size=1, addressees=1, truncated=True) == ("other",)
    remarks = ["3 more attachments stay in the original mail only"] * 2
    assert len(cuts_of(remarks, text="x", size=1, addressees=1, truncated=True)) == 1


@pytest.mark.parametrize(("size", "cut"), [(limits.HEADER_VALUE_BYTES, False), (limits.HEADER_VALUE_BYTES + 1, True)])
def test_a_field_longer_than_is_read_is_told(size: int, cut: bool) -> None:
    parsed = read(f"X-Long: {'x' * size}\r\n")
    assert (parsed.truncated, bool(parsed.cuts)) == (cut, cut) and parsed.text == "Слова"


@pytest.mark.parametrize(("number", "cut"), [(limits.HEADER_COUNT, False), (limits.HEADER_COUNT + 1, True)])
def test_more_fields_than_are_read_are_told(number: int, cut: bool) -> None:
    fields = "".join(f"X-{n}: x\r\n" for n in range(number - 1))
    parsed = parse(f"From: a@a.example\r\n{fields}\r\nСлова".encode())
    assert (parsed.truncated, bool(parsed.cuts)) == (cut, cut) and parsed.text == "Слова"


def test_of_many_references_the_last_count() -> None:
    number = limits.REFERENCES + 5
    parsed = read("References: " + "\r\n ".join(f"<r{n}@a.example>" for n in range(number)) + "\r\n")
    assert parsed.references == tuple(f"r{n}@a.example" for n in range(5, number))


def test_a_subject_is_as_long_as_is_stored() -> None:
    for size in (limits.SUBJECT_CHARS, limits.SUBJECT_CHARS + 1):
        parsed = parse(f"From: a@a.example\r\nSubject: {'я' * size}\r\n\r\nx".encode())
        assert parsed.subject == "я" * limits.SUBJECT_CHARS


def test_an_id_without_brackets_is_cut() -> None:
    assert len(read(head=f"From: a@a.example\r\nMessage-ID: {'x' * 1500}\r\n").message_id) == limits.MESSAGE_ID_CHARS


@pytest.mark.parametrize(("place", "named"), [(limits.PARAMETERS, True), (limits.PARAMETERS + 1, False)])
def test_so_many_parameters_are_read(place: int, named: bool) -> None:
    before = "".join(f"; x{n}=1" for n in range(place - 1))
    parsed = read(f"Content-Type: application/pdf{before}; name=a.pdf\r\nContent-Disposition: attachment\r\n")
    assert [part.name for part in parsed.parts] == (["a.pdf"] if named else [""])


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Wed, 31 Dec 1969 12:00:00 +0000", None),
        ("Thu, 01 Jan 1970 12:00:00 +0000", datetime(1970, 1, 1, 12, tzinfo=UTC)),
        ("Thu, 01 Jan 9998 12:00:00 +0000", datetime(9998, 1, 1, 12, tzinfo=UTC)),
        ("Fri, 01 Jan 9999 12:00:00 +0000", None),
        ("Mon, 30 Nov 2026 12:00:60 +0000", datetime(2026, 11, 30, 12, 0, 59, tzinfo=UTC)),
        ("Mon, 30 Nov 2026 25:00:00 +0000", None),
    ],
)
def test_a_date_that_makes_sense(written: str, expected: datetime | None) -> None:
    assert read(f"Date: {written}\r\n").date_claim == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [("", None), ("Return-Path: <>\r\n", ""), ("Return-Path: <b@b.example>\r\n", "b@b.example"),
     ("Return-Path: b@b.example\r\n", "b@b.example")],
)  # fmt: skip
def test_an_empty_return_path_is_not_a_missing_one(written: str, expected: str | None) -> None:
    assert read(written).return_path == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("Reply-To: b@b.example\r\n", ["b@b.example"]),
        ("Reply-To: A@a.example\r\n", []),
        ("X-Original-From: b@b.example\r\n", ["b@b.example"]),
        ("Reply-To: c@c.example\r\nX-Original-From: b@b.example\r\n", ["b@b.example", "c@c.example"]),
        ("X-Envelope-From: b@b.example\r\nX-Forwarded-Sender: c@c.example\r\nX-SMTP-From: d@d.example\r\n", []),
        ("Author: nobody\r\n", []),
        ("Sender: s@b.example\r\nReply-To: c@c.example\r\n", ["c@c.example", "s@b.example"]),
        ("Resent-From: r@b.example\r\nX-Original-From: b@b.example\r\n", ["b@b.example", "r@b.example"]),
        ("Sender: list-bounces@b.example\r\n", []),
        ("Sender: bounce+12.ab-vera=a.example@b.example\r\n", []),
        ("Sender: No-Reply@b.example\r\n", []),
        ("Sender: administrator@b.example\r\n", ["administrator@b.example"]),
        ("Reply-To: b@b.example, c@c.example, d@d.example, e@e.example\r\n",
         ["b@b.example", "c@c.example", "d@d.example"]),
    ],
)  # fmt: skip
def test_who_else_is_named_as_the_author(fields: str, expected: list[str]) -> None:
    assert [claim.address for claim in read(fields).claims] == expected


# --- machines -------------------------------------------------------------------------------------------------------

AWAY = "From: a@a.example\r\nTo: d@d.example\r\nSubject: {}\r\n"


@pytest.mark.parametrize(
    ("subject", "fields", "expected"),
    [
        ("Out of office", "", True),
        ("Out of office", "List-Id: <x>\r\nPrecedence: list\r\n", False),
        ("Out of office", "List-Id: <x>\r\nPrecedence: bulk\r\n", False),
        ("Out of office", "List-Id: <x>\r\n", True),
        ("Out of office", "Precedence: list\r\n", True),
        ("Re: Out of office", "", False),
        ("Re: Out of office", "Auto-Submitted: auto-generated\r\n", True),
        ("Report", "Auto-Submitted: auto-generated\r\n", False),
        ("Report", "Auto-Submitted: auto-replied\r\n", True),
        ("Report", "Auto-Submitted: Auto-Replied (vacation)\r\n", True),
        ("Report", "Auto-Submitted: no\r\n", False),
        ("Report", "Precedence: auto_reply\r\n", True),
        ("Report", "Precedence: bulk\r\n", False),
        ("Report", "X-Autoreply: yes\r\n", True),
        ("Report", "X-Autoreply: no\r\n", False),
        ("Report", "X-Autoreply: 0\r\n", False),
        ("Report", "X-Vacation: true\r\n", True),
        ("Report", "X-XYAutoresponder: vacation\r\n", True),
        ("Report", "X-NoAutoReply: yes\r\n", False),
        ("Report", "X-Mailer: vacation 1.2\r\n", True),
        ("Report", "X-Mailer: The Bat!\r\n", False),
        ("Report", "X-Autogenerated: Reply\r\n", True),
        ("Report", "X-Autogenerated: Forward\r\n", False),
        ("Report", "Delivered-To: autoresponder@x.example\r\n", True),
        ("Report", "Delivered-To: d@d.example\r\n", False),
    ],
)
def test_what_is_an_automatic_answer_and_what_is_none(subject: str, fields: str, expected: bool) -> None:
    assert read(fields, head=AWAY.format(subject)).is_auto_reply is expected


STATUS = "Reporting-MTA: dns; m.example\r\n\r\nFinal-Recipient: rfc822; b@b.example\r\nAction: {}\r\nStatus: {}\r\n"


def report(action: str, status: str, *, whole: bool, fields: str = "") -> ParsedMail:
    """Return a parsed delivery report; `whole` False: as a part of a mail with its own text."""
    kind = "multipart/report; report-type=delivery-status" if whole else "multipart/mixed"
    body = (
        "--B\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nСм. ниже\r\n--B\r\nContent-Type: message/delivery-status"
        f"\r\n\r\n{STATUS.format(action, status)}\r\n--B--\r\n"
    )
    return read(f"{fields}Content-Type: {kind}; boundary=B\r\n", body)


@pytest.mark.parametrize(
    ("action", "status", "bounce", "told"),
    [
        ("failed", "5.1.1", True, "failed"),
        ("failure", "5.1.1", True, "failed"),
        ("Failed (no such user)", "5.1.1", True, "failed"),
        ("delayed", "4.4.1", False, "delayed"),
        ("delivered", "2.0.0", False, "delivered"),
        ("relayed", "2.0.0", False, "relayed"),
    ],
)
def test_only_a_failed_delivery_is_a_bounce(action: str, status: str, bounce: bool, told: str) -> None:
    parsed = report(action, status, whole=True)
    assert (parsed.is_bounce, parsed.report) == (bounce, told)
    failed = [recipient.address for recipient in parsed.bounce.recipients] if parsed.bounce else []
    assert failed == (["b@b.example"] if bounce else [])


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ("", ""),
        ("Return-Path: <a@a.example>\r\n", ""),
        ("Auto-Submitted: no\r\n", ""),
        ("Return-Path: <>\r\n", "failed"),
        ("Auto-Submitted: auto-replied\r\n", "failed"),
    ],
)
def test_a_report_that_somebody_sends_on_with_own_words_is_none(fields: str, told: str) -> None:
    assert report("failed", "5.1.1", whole=False, fields=fields).report == told


def test_of_several_recipients_only_those_who_got_nothing_have_failed() -> None:
    body = (
        "--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; m.example\r\n\r\n"
        "Final-Recipient: rfc822; b@b.example\r\nAction: delivered\r\nStatus: 2.0.0\r\n\r\n"
        "Final-Recipient: rfc822; c@c.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        "Final-Recipient: rfc822; e@e.example\r\nAction: delayed\r\nStatus: 4.4.1\r\n\r\n--B--\r\n"
    )
    parsed = read("Content-Type: multipart/report; report-type=delivery-status; boundary=B\r\n", body)
    assert parsed.bounce is not None and [one.address for one in parsed.bounce.recipients] == ["c@c.example"]
