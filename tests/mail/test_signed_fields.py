"""A signature vouches only for the fields that it covers, as often as it covers them (ADR 42)."""

import pytest

from tests.mail.test_dkim_verify import SIGNED, NameServer, names, signed, vouched
from tests.postoffice import letter

__all__ = ["names"]

# What stands above is what people read first; a signature counts from below.
PREPENDED = [
    b"Subject: Re: ACCREDO-1",
    b"To: accredo@desk.test",
    b"Cc: evil@x.test",
    b"From: anna@clinic.test",
    b"Sender: evil@x.test",
    b"Reply-To: evil@x.test",
    b"Date: Tue, 03 Nov 2026 12:00:00 +0300",
    b"Message-ID: <other@x.test>",
    b"In-Reply-To: <first@clinic.test>",
    b"References: <first@clinic.test>",
    b"Content-Type: text/html",
    b"Content-Transfer-Encoding: base64",
    b"Content-Disposition: attachment",
    b"MIME-Version: 1.0",
    b"SUBJECT: x",
    b"Subject : x",
    b"Subject\t: x",
    b"Subject:\r\n x",
    b"stray line",
    b" folded",
    b"\r\n",
    b"X: \0",
    b"X: a\rSubject: b",
    b"X: a\r\r",
    b"--x: y",
    b"http://x: y",
    b"X:",
    b"X: \r\n \t",
]


@pytest.mark.parametrize("line", PREPENDED, ids=repr)
@pytest.mark.parametrize("where", ["above", "below"])
def test_ab_01_no_line_added_to_a_signed_mail_is_believed(names: NameServer, line: bytes, where: str) -> None:
    raw = signed(letter().replace(b"\n", b"\r\n"))
    assert vouched(names, raw) == ["clinic.test"]
    head, _blank, body = raw.partition(b"\r\n\r\n")
    added = line + b"\r\n" + raw if where == "above" else head + b"\r\n" + line + b"\r\n\r\n" + body
    # An empty field of an unknown name may be added, or more of MIME-Version, which stands last and says nothing.
    harmless = line == b"X:" or (line == b" folded" and where == "below")
    assert vouched(names, added) == (["clinic.test"] if harmless else [])


def test_ab_01_a_field_is_covered_as_often_as_it_is_signed(names: NameServer) -> None:
    for name in ("Sender", "Reply_To", "In_Reply_To", "References", "Cc"):
        raw, field = letter(**{name: "<vera@clinic.test>"}), name.replace("_", "-").lower().encode()
        assert vouched(names, signed(raw)) == [], name
        assert vouched(names, signed(raw, fields=[*SIGNED, field])) == ["clinic.test"], name
    for field in (b"date", b"message-id"):
        assert vouched(names, signed(letter(), fields=[one for one in SIGNED if one != field])) == []


_TWO = b"--b\r\nContent-Type: text/plain\r\n\r\nadd evil\r\n--b--\r\n"
CONTENT = [
    (b"Content-Type: text/plain; charset=utf-8", b"words\r\n", True),
    (b"Content-Type: text/plain; charset=utf-8; format=flowed", b"words\r\n", True),
    (b"Content-Type: text/plain", b"0JTQsA==\r\n", True),
    (b"Content-Type: text/plain; charset=utf-7", b"+AAA-\r\n", False),
    (b"Content-Type: text/plain; name=a.txt", b"words\r\n", False),
    (b"Content-Type: text/html", b"<!-- words -->\r\n", False),
    (b"Content-Type: message/rfc822", b"Subject: x\r\n\r\nwords\r\n", False),
    (b'Content-Type: multipart/mixed; boundary="b"', _TWO, True),
    (b'Content-Type: multipart/mixed; boundary="b"', b"This is a multi-part message in MIME format.\r\n" + _TWO, True),
    (b'Content-Type: multipart/mixed; boundary="b"', b"He wrote:\r\n" + _TWO, False),
    (b'Content-Type: multipart/mixed; boundary="b"', _TWO + b"and I agree\r\n", False),
    (b'Content-Type: multipart/report; boundary="b"', _TWO, False),
    (b"Content-Transfer-Encoding: base64", b"0JTQsA==\r\n", True),
    (b"Content-Transfer-Encoding: base64", b"He wrote:\r\n0JTQsA==\r\n", False),
    (b"Content-Transfer-Encoding: quoted-printable", b"=D0=94=\r\n=D0=B0\r\n", True),
    (b"Content-Transfer-Encoding: quoted-printable", b"a=b, =D0=94\r\n", False),
    (b"Content-Transfer-Encoding: x-uuencode", b"words\r\n", False),
    (b"Content-Disposition: attachment", b"words\r\n", False),
]


@pytest.mark.parametrize(("field", "body", "good"), CONTENT)
def test_ab_01_an_unsigned_content_field_counts_where_it_changes_nothing(
    names: NameServer, field: bytes, body: bytes, good: bool
) -> None:
    head = letter().partition(b"Content-Type")[0].replace(b"\n", b"\r\n")
    raw = head + field + b"\r\n\r\n" + body
    assert (vouched(names, signed(raw)) == ["clinic.test"]) is good
    whole = [*SIGNED, field.partition(b":")[0].lower()]
    assert vouched(names, signed(raw, fields=whole)) == ["clinic.test"]
