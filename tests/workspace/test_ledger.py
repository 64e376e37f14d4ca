"""The mail ledger's pages: content, access, and consistent counts."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from otklik.intake.process import process_next
from otklik.mail.inbox import accept
from otklik.mail.models import InboundMail, Mailbox, OutboundMail
from otklik.mail.parse import parse
from otklik.tickets.models import Message, Ticket
from otklik.workspace.pages.received_mail import PARTS_SHOWN, parts_of
from tests.cast import START, Cast
from tests.postoffice import letter
from tests.workspace.helpers import as_, page_of

CANARY = '"><img src=x onerror=pwn(1)>{{7*7}}${7*7}'
URL = "/projects/ACCREDO/mail"


def row(cast: Cast, number: int, **fields: object) -> InboundMail:
    """Create a settled row of the ledger."""
    box = Mailbox.objects.get(address=fields.pop("box", "accredo@desk.test"))
    made: dict[str, object] = {
        "state": "filed",
        "fate": "request",
        "from_address": f"p{number}@clinic.test",
        "subject": f"Тема {number}",
        "level": "claimed",
        "settled_at": START,
        "received_at": START + timedelta(minutes=number),
        "digest": f"{number:064}",
        "raw": letter(subject=f"Тема {number}"),
        **fields,
    }
    return InboundMail.objects.create(mailbox=box, transport="smtp", envelope_to=box.address, size=300, **made)


def subjects(page: str) -> list[str]:
    return re.findall(r"data-row-link>([^<]*)<", page)


def numbers(page: str) -> list[int]:
    """Return the page's counts: offered, filed, held, failed, waiting."""
    return [int(found) for found in re.findall(r'<a href="\?[^"]*"><strong>(\d+)</strong>', page)]


def test_rows_say_what_became_of_each_mail(cast: Cast) -> None:
    row(cast, 1, reason="Новое письмо.", ticket_key="ACCREDO-1", ticket_id=cast.ticket.pk, from_name="Зоя")
    row(cast, 2, state="held", fate="own", reason="Это наше письмо.", level="", rule="subject")
    row(cast, 3, box="other@desk.test", subject="Чужая тайна")
    row(cast, 4, ticket_key="OTHER-7")
    page = page_of(as_(cast.agent).get(URL))
    for words in ("Новое письмо.", "Зоя", "p1@clinic.test", "не подтверждён", "своё письмо или петля", "номер в теме"):
        assert words in page, words
    assert subjects(page) == ["Тема 4", "Тема 2", "Тема 1"] and 'href="/browse/ACCREDO-1"' in page
    assert "Чужая тайна" not in page and "OTHER-7" not in page


def test_the_numbers_reconcile_before_and_after(cast: Cast) -> None:
    box = Mailbox.objects.get(address="accredo@desk.test")
    row(cast, 1, state="held", fate="own")
    row(cast, 2, state="failed", fate="unreadable")
    row(cast, 3, box="other@desk.test", state="failed", fate="unreadable")
    raw = letter(sender="new@clinic.test")
    for _copy in range(2):
        accept(raw=raw, mailbox=box, transport="smtp", envelope_from="", envelope_to=box.address, at=timezone.now())
    before = page_of(as_(cast.agent).get(URL))
    assert numbers(before) == [3, 0, 1, 1, 1] and "и ещё 1 копия" in before
    process_next()
    as_(cast.agent).post(f"{URL}/{InboundMail.objects.get(subject='Тема 1').pk}/spam")
    after = numbers(page_of(as_(cast.agent).get(URL)))
    assert after == [3, 2, 0, 1, 0] and after[0] == sum(after[1:])


def test_filters_narrow_and_nonsense_is_a_page(cast: Cast) -> None:
    row(cast, 1)
    row(cast, 2, state="held", fate="held_comment", level="none", from_address="evil@elsewhere.test")
    row(cast, 3, state="held", fate="blocked")
    row(cast, 4, state="failed", fate="unreadable", received_at=START + timedelta(days=40))
    client = as_(cast.agent)
    for query, found in {
        "fate=held": ["Тема 3", "Тема 2"],
        "fate=blocked": ["Тема 3"],
        "person=on": ["Тема 4", "Тема 2"],
        "level=none": ["Тема 2"],
        "sender=EVIL": ["Тема 2"],
        "text=тема 1": ["Тема 1"],
        "until=2026-11-30": ["Тема 3", "Тема 2", "Тема 1"],
        "since=2026-11-30": ["Тема 4"],
        "fate=nonsense&since=0000&older=x&newer=99999999999999999999&text=%00": [
            "Тема 4",
            "Тема 3",
            "Тема 2",
            "Тема 1",
        ],
        "until=9999-12-31&older=0": ["Тема 4", "Тема 3", "Тема 2", "Тема 1"],
    }.items():
        response = client.get(f"{URL}?{query}")
        assert (response.status_code, subjects(page_of(response))) == (200, found), query


def test_a_day_of_the_filter_ends_before_midnight(cast: Cast) -> None:
    midnight = datetime(2026, 12, 1, tzinfo=timezone.get_default_timezone())
    row(cast, 1, received_at=midnight - timedelta(microseconds=1))
    row(cast, 2, received_at=midnight)
    client = as_(cast.agent)
    assert subjects(page_of(client.get(f"{URL}?until=2026-11-30"))) == ["Тема 1"]
    assert subjects(page_of(client.get(f"{URL}?since=2026-12-01"))) == ["Тема 2"]


def test_pages_by_keys_hold_each_mail_once(cast: Cast) -> None:
    for number in range(120):
        row(cast, number // 2, digest=f"d{number}", subject=f"Тема {number}")
    client, url, seen = as_(cast.agent), f"{URL}?fate=filed", list[str]()
    while url:
        page = page_of(client.get(url))
        seen += subjects(page)
        following = re.search(r'rel="next" href="(\?[^"]*)"', page)
        url = URL + following[1].replace("&amp;", "&") if following else ""
    assert sorted(seen) == sorted(f"Тема {number}" for number in range(120))
    newer = re.search(r'rel="prev" href="(\?[^"]*)"', page)
    assert newer and subjects(page_of(client.get(URL + newer[1].replace("&amp;", "&")))) == seen[50:100]


def test_as_many_queries_for_three_rows_as_for_one(cast: Cast) -> None:
    client = as_(cast.agent)
    row(cast, 1, ticket_key="ACCREDO-1")
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get(URL)
    for number in (2, 3):
        row(cast, number, state="held", fate="own", ticket_key="ACCREDO-1")
    with CaptureQueriesContext(connection) as three:
        client.get(URL)
    assert len(three) == len(one)


def test_late_mail_raises_an_alarm(cast: Cast) -> None:
    OutboundMail.objects.all().delete()
    client = as_(cast.agent)
    assert 'role="alert"' not in page_of(client.get(URL)).partition("ledger-numbers")[0].partition("ws-title")[2]
    row(cast, 1, state="waiting", fate="", settled_at=None, received_at=timezone.now() - timedelta(minutes=16))
    OutboundMail.objects.create(
        recipient="a@b.test", sender="accredo@desk.test", kind="x", cause="x", subject="x", text="x", message_id="<x>",
        created_at=timezone.now() - timedelta(minutes=90), retry_at=timezone.now(),
    )  # fmt: skip
    page = page_of(client.get(URL))
    assert "ждёт обработки уже 16 мин." in page and "ждёт отправки уже 90 мин." in page


def test_the_sidebar_counts_what_needs_a_person_up_to_99(cast: Cast) -> None:
    client = as_(cast.agent)
    assert "ws-count-alarm" not in page_of(client.get(URL))
    row(cast, 1, state="held", fate="blocked")
    row(cast, 2, state="held", fate="own")
    row(cast, 3, box="other@desk.test", state="failed", fate="unreadable")
    assert re.search(r"ws-count-alarm\">.*?</span>1</span>", page_of(client.get("/browse/ACCREDO-1")))
    for number in range(10, 110):
        row(cast, number, state="failed", fate="unreadable")
    assert "99+" in page_of(client.get("/browse/ACCREDO-1"))


def test_ab_66_hostile_words_stay_words(cast: Cast, home: object) -> None:
    box = Mailbox.objects.get(address="accredo@desk.test")
    raw = f"From: {CANARY} <x@y.test>\r\nSubject: {CANARY}\r\nX-Y: \u202e{CANARY}\r\n\r\n{CANARY}\r\n".encode()
    mail = accept(raw=raw, mailbox=box, transport="smtp", envelope_from=CANARY, envelope_to=CANARY, at=timezone.now())
    process_next()
    InboundMail.objects.filter(pk=mail.pk).update(
        subject=CANARY, from_name=CANARY, from_address=f"{CANARY}@y.test", reason=CANARY, error=CANARY,
        message_id=CANARY, silent=CANARY, rule=CANARY[:40], transport="smtp",
    )  # fmt: skip
    client = as_(cast.agent)
    message = Message.objects.get(inbound=mail)
    for address in (
        URL, f"{URL}/{mail.pk}", f"{URL}/{mail.pk}/parts", f"{URL}/senders", f"{URL}?sender={CANARY}&text={CANARY}",
        f"/browse/{message.ticket.key}/messages/{message.pk}/move",
    ):  # fmt: skip
        page = page_of(client.get(address))
        assert "<img src=x" not in page, address
        # What a template engine would have made of the canary's sums.
        assert "pwn(1)&gt;49" not in page and "$49" not in page and "}}49" not in page, address
        assert "\u202e" not in page, address
    assert "onerror=pwn(1)&gt;{{7*7}}" in page_of(client.get(f"{URL}/{mail.pk}"))


def test_one_mail_tells_everything_and_its_parts_come_when_asked(cast: Cast, home: object) -> None:
    box = Mailbox.objects.get(address="accredo@desk.test")
    raw = (
        b"From: Z <z@clinic.test>\r\nTo: accredo@desk.test\r\nSubject: scan\r\nMessage-ID: <abc@clinic.test>\r\n"
        b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nwords\r\n--b\r\n"
        b'Content-Type: text/html; name="<b>.html"\r\nContent-Disposition: attachment\r\n\r\n'
        b"<script>1</script>\r\n--b--\r\n"
    )
    mail = accept(raw=raw, mailbox=box, transport="smtp", envelope_from="z@clinic.test", envelope_to="a@b", at=START)
    process_next()
    client = as_(cast.agent)
    page = page_of(client.get(f"{URL}/{mail.pk}"))
    for words in ("abc@clinic.test", "SMTP", "не подтверждён", "Новое письмо", "hx-get", "Message-ID: &lt;abc"):
        assert words in page, words
    ticket = Ticket.objects.get(desk=cast.desk, number=2)
    assert f"/browse/{ticket.key}#message-" in page
    fragment = page_of(client.get(f"{URL}/{mail.pk}/parts", headers={"HX-Request": "true"}))
    assert "text/html" in fragment and "<html" not in fragment and "<b>.html" not in fragment
    whole = page_of(client.get(f"{URL}/{mail.pk}/parts"))
    assert "text/html" in whole and "<html" in whole and "<script>1" not in whole


def test_what_a_mail_holds_is_listed_to_a_bound(cast: Cast) -> None:
    raw = (
        "From: z@clinic.test\r\nTo: Desk <accredo@desk.test>, b@x.test\r\nCc: c@x.test\r\nSubject: s\r\n"
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename=one.csv\r\n\r\n1;2\r\n"
        "--b\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename=two.csv\r\n\r\n1;2\r\n--b--\r\n"
    )
    parsed = parse(raw.encode())
    found = parts_of(parsed)
    assert [(row.name, row.kind) for row in found.rows] == [("one.csv", "text/csv"), ("two.csv", "text/csv")]
    assert (found.more, found.to, found.cc, found.trouble) == (0, "accredo@desk.test, b@x.test", "c@x.test", "")
    long = parts_of(replace(parsed, parts=parsed.parts * PARTS_SHOWN, defects=("odd",) * 30))
    assert (len(long.rows), long.more, len(long.defects)) == (PARTS_SHOWN, PARTS_SHOWN, 20)
    nameless = replace(parsed.parts[0], name="", full_name="")
    assert parts_of(replace(parsed, parts=(nameless,))).rows[0].name == "(без имени)"


def test_a_mail_says_how_long_it_took_or_when_somebody_settled_it(cast: Cast) -> None:
    soon = row(cast, 1, received_at=START - timedelta(seconds=1.25))
    later = row(cast, 2, received_at=START - timedelta(minutes=10), settled_at=timezone.now())
    client = as_(cast.agent)
    assert "Обработано за" in (page := page_of(client.get(f"{URL}/{soon.pk}"))) and re.search("1,[23] с<", page)
    page = page_of(client.get(f"{URL}/{later.pk}"))
    assert "Обработано за" not in page and re.search(r"Разобрано</\w+>\s*<[^>]+>Сегодня", page)


def test_ab_67_the_bytes_are_a_download(cast: Cast) -> None:
    mail = row(cast, 1)
    response = as_(cast.agent).get(f"{URL}/{mail.pk}.eml")
    assert response.content == bytes(mail.raw) and response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment") and "sandbox" in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("tail", ["", ".eml", "/parts", "/spam", "/attach"])
def test_ab_44_another_desks_mail_is_not_there(cast: Cast, tail: str) -> None:
    foreign = row(cast, 1, box="other@desk.test")
    for who, key in ((cast.agent, "ACCREDO"), (cast.agent, "OTHER"), (cast.anna, "ACCREDO")):
        for method in ("get", "post"):
            response = getattr(as_(who), method)(f"/projects/{key}/mail/{foreign.pk}{tail}")
            assert response.status_code == 404
    assert InboundMail.objects.get(pk=foreign.pk).fate == "request"


def test_a_source_of_exactly_what_is_shown_is_whole(cast: Cast) -> None:
    head = letter(subject="Длинное")
    for more, is_cut in ((0, False), (1, True)):
        raw = head + b"x" * (64 * 1024 - len(head) + more)
        page = page_of(as_(cast.agent).get(f"{URL}/{row(cast, 1 + more, raw=raw).pk}"))
        assert ("Здесь только начало; целиком письмо можно скачать." in page) == is_cut
