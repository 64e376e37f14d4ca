"""The sender's identity: only unambiguous ones count."""

from datetime import UTC, datetime

import pytest

from otklik.mail.parse import ParsedMail, parse


def mail(headers: str, body: str = "Текст") -> ParsedMail:
    return parse(f"{headers}\r\n\r\n{body}".encode())


DOUBTFUL = [
    '"victim"evil@x.example',
    '"victim@corp.example" evil@x.example',
    'evil@x.example"victim"',
    "victim@corp.example <evil@x.example>",
    "<victim@corp.example>evil@x.example",
    "<victim@corp.example> <evil@x.example>",
    "victim@corp.example, evil@x.example",
    "victim@corp.example)evil@x.example",
    "victim(@evil.example)@corp.example",
    "victim@corp.example (evil@x.example)",
    "=?utf-8?q?victim=40corp.example?=@evil.example",
    "=?utf-8?b?PHZpY3RpbUBjb3JwLmV4YW1wbGU+?=",
    "victim＠corp.example <evil@x.example>",
    "<@evil.example:victim@corp.example>",
    "group: victim@corp.example, evil@x.example;",
    "group: victim@corp.example;",
    "victim@corp.example <>",
    "victim@corp.example <Вера>",
    "Вера <> <victim@corp.example>",
    "Вера <evil＠x.example> <victim@corp.example>",
    "Вера <=?utf-8?q?evil=40x.example?=> <victim@corp.example>",
    '"victim"@corp.example',
    "victim@[192.0.2.1]",
    "victim@corp.example\x00@evil.example",
    "victim@corp.example\t<evil@x.example>",
    "a@victim@corp.example",
    "<victim@corp.example",
    "victim@corp.example>",
    ".victim@corp.example",
    "vic..tim@corp.example",
    "victim@-corp.example",
    "victim@corp..example",
    "v" * 65 + "@corp.example",
    "ſupport@corp.example",
    "Вера <ﬁn@корп.example>",
    "вера@клиника.example <evil@x.example>",
    "Вера, victim@corp.example <evil@x.example>",
    "Вера <evil@x.example> victim@corp.example",
    "Вера victim@corp.example evil@x.example",
    "=?utf-8?b?0LLQtdGA0LDAY29ycA==?= victim＠corp.example <evil@x.example>",
    "victim@corp.example, <evil@x.example>",
    "Вера <victim@corp.example>, <evil@x.example>",
    'Вера "<victim@corp.example> <evil@x.example>',
    '"Вера \\" <victim@corp.example>',
    "Вера (a (victim@corp.example) b) <evil@x.example>",
    "Вера (a (b) <victim@corp.example>",
    "Вера <<victim@corp.example>> <evil@x.example>",
    "victim@corp.example (a) <evil@x.example>",
    "victim@corp.example (evil@x.example, victim@corp.example)",
    '"victim@corp.example" "evil@x.example"',
    "Вера <victim@corp.example..>",
    "",
]


# A second address where no reader can take it for the mailbox: the angle brackets name who wrote, never the victim.
SHOWN_BESIDE = [
    '"victim@corp.example" <evil@x.example>',
    '"<victim@corp.example>" <evil@x.example>',
    '"Вера (касса) / victim@corp.example" <evil@x.example>',
    "=?utf-8?q?victim=40corp=2Eexample?= <evil@x.example>",
    "=?utf-8?b?0JvQtdCyIDx2aWN0aW1AY29ycC5leGFtcGxlPg==?= <evil@x.example>",
    'Вера "victim@corp.example" <evil@x.example>',
    "Вера (victim@corp.example) <evil@x.example>",
    "<evil@x.example> (victim@corp.example)",
]


@pytest.mark.parametrize("value", SHOWN_BESIDE)
def test_ab_09_an_address_in_a_quoted_name_or_a_remark_is_not_the_author(value: str) -> None:
    parsed = mail(f"From: {value}")
    assert parsed.from_address == "evil@x.example"
    assert [one.address for one in parsed.claims] in ([], ["victim@corp.example"])


@pytest.mark.parametrize("value", DOUBTFUL)
def test_ab_09_a_doubtful_from_is_nobody(value: str) -> None:
    parsed = mail(f"From: {value}\r\nSubject: x")
    assert parsed.from_address is None
    assert parsed.from_malformed
    assert parsed.text == "Текст"


@pytest.mark.parametrize(
    ("value", "address", "name"),
    [
        ("ivan@zavod.example", "ivan@zavod.example", ""),
        ("<Ivan@Zavod.Example>", "ivan@zavod.example", ""),
        ("Иван Петров <ivan@zavod.example>", "ivan@zavod.example", "Иван Петров"),
        ('"Петров, Иван" <ivan@zavod.example>', "ivan@zavod.example", "Петров, Иван"),
        ("=?koi8-r?B?6dfBziDwxdTSz9c=?= <ivan@zavod.example>", "ivan@zavod.example", "Иван Петров"),
        ("=?iso-8859-1?Q?B=FCrling,=20Andreas?= <a@zavod.example>", "a@zavod.example", "Bürling, Andreas"),
        ("ivan@zavod.example (Иван Петров)", "ivan@zavod.example", "Иван Петров"),
        ('"ivan@zavod.example" <ivan@zavod.example>', "ivan@zavod.example", "ivan@zavod.example"),
        ('ООО "Ромашка" <info@zavod.example>', "info@zavod.example", None),
        ('Цех "Север" и "Юг" <info@zavod.example>', "info@zavod.example", None),
        ("Иван Петров <ivan@zavod.example> (приёмная)", "ivan@zavod.example", None),
        ("ivan@zavod.example <ivan@zavod.example>", "ivan@zavod.example", None),
        ("Ivan@Zavod.example <ivan@zavod.example>", "ivan@zavod.example", None),
        ("Петров, Иван <ivan@zavod.example>", "ivan@zavod.example", "Петров, Иван"),
        ("Петров, Иван, цех 5 <ivan@zavod.example>", "ivan@zavod.example", "Петров, Иван, цех 5"),
        ("<ivan@zavod.example> Иван", "ivan@zavod.example", None),
        ("Иван [цех 5] <ivan@zavod.example>", "ivan@zavod.example", None),
        ("Отдел: Иван <ivan@zavod.example>", "ivan@zavod.example", None),
        ("Иван Петров ivan@zavod.example", "ivan@zavod.example", None),
        ('"Иван, цех" ivan@zavod.example', "ivan@zavod.example", None),
        ('ivan@zavod.example "Иван"', "ivan@zavod.example", None),
        ("Иван <ivan@zavod.example>,", "ivan@zavod.example", None),
        ("ivan@zavod.example;", "ivan@zavod.example", None),
        ("Иван <mailto:ivan@zavod.example>", "ivan@zavod.example", None),
        ("(цех) Иван (мастер) <ivan@zavod.example>", "ivan@zavod.example", None),
        ("Вера <вера@клиника.example>", "вера@xn--80apagcdp.example", "Вера"),
        ("вера.ильина@клиника.example", "вера.ильина@xn--80apagcdp.example", None),
        ("вера@почта.рф <вера@почта.рф>", "вера@xn--80a1acny.xn--p1ai", None),
        ("Иван (цех (5) мастер) <ivan@zavod.example>", "ivan@zavod.example", None),
        ('"Иван <ivan@zavod.example>', "ivan@zavod.example", None),
        ('ООО "Ромашка <ivan@zavod.example>', "ivan@zavod.example", None),
        ("ivan@zavod.example, Ivan@zavod.example", "ivan@zavod.example", None),
        ("Иван <ivan@zavod.example>, Иван П. <ivan@zavod.example>", "ivan@zavod.example", None),
        ("Иван <ivan@zavod.example.>", "ivan@zavod.example", None),
        ("Иван Петров <ivan@zavod.example", "ivan@zavod.example", "Иван Петров"),
        ("(Отдел (кадров)) ivan@zavod.example (склад)", "ivan@zavod.example", "Отдел кадров склад"),
        ("Иван <мастер> Петров <ivan@zavod.example>", "ivan@zavod.example", "Иван Петров"),
        ("<ivan@zavod.example> <цех 5>", "ivan@zavod.example", None),
        ("ivan@zavod.example (ivan@zavod.example)", "ivan@zavod.example", None),
        ("<ivan@zavod.example> (Ivan@Zavod.example)", "ivan@zavod.example", None),
        ("<<ivan@zavod.example>>", "ivan@zavod.example", None),
        ("Иван > Петров <ivan@zavod.example>", "ivan@zavod.example", None),
        ("Иван < Петров <ivan@zavod.example>", "ivan@zavod.example", None),
        ("Иван :-) <ivan@zavod.example>", "ivan@zavod.example", None),
        ("Иван) <ivan@zavod.example>", "ivan@zavod.example", None),
        ("Цех\\Иван <ivan@zavod.example>", "ivan@zavod.example", None),
        ("Иван <<ivan@zavod.example>>", "ivan@zavod.example", "Иван"),
        ("mailto:ivan@zavod.example", "ivan@zavod.example", ""),
        ("Иван [mailto:ivan@zavod.example]", "ivan@zavod.example", "Иван"),
        ('"ivan@zavod.example"', "ivan@zavod.example", "ivan@zavod.example"),
        ("ООО «Ромашка»: отдел кадров <ivan@zavod.example>", "ivan@zavod.example", "ООО «Ромашка»: отдел кадров"),
        ("Иван <ivan@почта.рф>", "ivan@xn--80a1acny.xn--p1ai", "Иван"),
    ],
)
def test_ab_09_a_plain_from_is_somebody(value: str, address: str, name: str | None) -> None:
    parsed = mail(f"From: {value}")
    assert parsed.from_address == address and name in {None, parsed.from_name}
    assert not parsed.from_malformed


@pytest.mark.parametrize(
    "headers",
    [
        "From: victim@corp.example\r\nFrom: evil@x.example",
        "From: evil@x.example\r\nfrom: victim@corp.example",
        "From: friends: victim@corp.example;",
        "From:\r\nSender: victim@corp.example",
        "Sender: victim@corp.example\r\nResent-From: victim@corp.example",
        "Subject: nobody wrote this",
    ],
)
def test_ab_10_none_or_several_authors_are_nobody(headers: str) -> None:
    parsed = mail(headers)
    assert parsed.from_address is None
    assert parsed.from_malformed
    assert parsed.text == "Текст"


def test_ab_11_results_above_the_first_received_are_counted() -> None:
    parsed = mail(
        "Authentication-Results: mx.desk.example;\r\n dmarc=pass header.from=a.example\r\n"
        "Received: by mx\r\nAuthentication-Results: evil.example; dmarc=pass\r\nFrom: a@a.example"
    )
    assert parsed.authentication_results[0] == "mx.desk.example; dmarc=pass header.from=a.example"
    assert len(parsed.authentication_results) == 2
    assert parsed.authentication_results_above_received == 1


def test_ab_12_reply_to_is_kept_apart_from_the_author() -> None:
    parsed = mail("From: a@a.example\r\nReply-To: Evil <evil@x.example>\r\nSender: s@a.example")
    assert (parsed.from_address, parsed.reply_to, parsed.sender) == ("a@a.example", "evil@x.example", "s@a.example")


def test_ab_87_headers_hold_no_line_ends() -> None:
    parsed = mail(
        "From: =?utf-8?q?a=0D=0ABcc=3A?= <a@a.example>\r\nSubject: =?utf-8?q?x=0D=0ABcc=3A_z=40z=2Ez=E2=80=A8y=00?="
    )
    assert parsed.subject == "x Bcc: z@z.z y"
    assert parsed.from_name == "a Bcc:"


@pytest.mark.parametrize(
    "date",
    [
        "",
        "yesterday",
        "Fri, 31 Feb 2025 10:00:00 +0000",
        "Fri, 14 Mar 9999 10:00:00 -2359",
        "Fri, 14 Mar 2025 99:99",
        "1",
    ],
)
def test_rl_17_a_date_without_sense_is_none(date: str) -> None:
    assert mail(f"From: a@a.example\r\nDate: {date}").date_claim is None


def test_rl_17_a_date_is_aware() -> None:
    found = mail("Date: Fri, 14 Mar 2025 10:00:00 +0300").date_claim
    assert found is not None
    assert found.astimezone(UTC) == datetime(2025, 3, 14, 7, tzinfo=UTC)


def test_threading_headers() -> None:
    many = " ".join(f"<r{number}@x.example>" for number in range(50))
    parsed = mail(f"Message-ID: <m@x.example>\r\nIn-Reply-To: your mail <a@x.example>\r\nReferences: {many}")
    assert parsed.message_id == "m@x.example"
    assert parsed.in_reply_to == ("a@x.example",)
    assert parsed.references == tuple(f"r{number}@x.example" for number in range(30, 50))


def test_loop_headers() -> None:
    parsed = mail(
        "Return-Path: <>\r\nReceived: a\r\nReceived: b\r\nX-Loop: desk\r\nX-Otklik-Desk: ACCREDO\r\n"
        "Precedence: bulk\r\n"
        "List-Id: News <news.example>\r\nAuto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All"
    )
    assert parsed.return_path == ""
    assert parsed.received_count == 2
    assert (parsed.x_loop, parsed.x_otklik_desk, parsed.precedence) == ("desk", "ACCREDO", "bulk")
    assert (parsed.list_id, parsed.auto_submitted) == ("News <news.example>", "auto-generated")
    assert parsed.x_auto_response_suppress == "All"
    assert mail("From: a@a.example").return_path is None


@pytest.mark.parametrize(
    ("text", "language"), [("Портал не открывается", "ru"), ("The portal is down", "en"), ("12", None)]
)
def test_language_is_guessed(text: str, language: str | None) -> None:
    assert mail("From: a@a.example", text).language == language
