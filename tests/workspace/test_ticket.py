"""The ticket page: what staff sees and nobody else."""

import re
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from otklik.core import blobs
from otklik.journal.models import Event
from otklik.mail.inbox import accept
from otklik.mail.models import InboundMail, Mailbox
from otklik.people.actor import Actor
from otklik.people.commands.persons import add_caller
from otklik.tickets.commands.comment import comment, hold_comment
from otklik.tickets.commands.fields import add_participant, change_subject
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import NewFile, Words
from otklik.tickets.models import Attachment, Message, Ticket, TicketLink
from tests.cast import NOTE_CANARY, START, Cast
from tests.workspace.helpers import as_, page_of, queue_url

XSS = '"><img src=x onerror=pwn(1)>{{7*7}}${7*7}'
RAW = (
    b"From: x@y.test\r\nSubject: <script>alert(1)</script>\r\nContent-Type: text/html\r\n\r\n<script>alert(1)</script>"
)


def mail(cast: Cast, raw: bytes = RAW) -> InboundMail:
    box = Mailbox.objects.get(address="accredo@desk.test")
    return accept(raw=raw, mailbox=box, transport="smtp", envelope_from="x@y.test", envelope_to=box.address, at=START)


def held(cast: Cast) -> Message:
    return hold_comment(
        at=START,
        ticket=cast.ticket,
        words=Words("Добавьте меня"),
        claimed_author="Чужой <x@y.test>",
        inbound=mail(cast),
        why="Не участник.",
    )


def test_the_page_tells_the_whole_matter(cast: Cast) -> None:
    page = page_of(as_(cast.agent).get("/browse/ACCREDO-1"))
    for words in (
        "Не открывается протокол", "ACCREDO-1", "Анна Петрова", "anna@clinic.test", "Борис Щукин", NOTE_CANARY,
        "Ошибка", "Назначить мне", "Взять в работу", "Стандартный", "Как видит заявитель", "Ответ заявителю",
        "Внутренняя заметка", "Заявитель не увидит",
        f"/servicedesk/customer/portal/{cast.desk.pk}/ACCREDO-1", 'data-status="Открытый"',
    ):  # fmt: skip
        assert words in page, words
    kinds = re.findall(r'data-message="\d+" data-kind="(\w+)"', page)
    assert kinds == ["public", "public", "internal"]
    assert page.index("Протокол комиссии") < page.index("Смотрим, ответим") < page.index(NOTE_CANARY)


def test_each_transition_is_a_form_with_one_button_of_its_name(cast: Cast) -> None:
    page = page_of(as_(cast.agent).get("/browse/ACCREDO-1"))
    forms = re.findall(r'<form method="post" action="/browse/ACCREDO-1/transition/\d+"[^>]*>(.*?)</form>', page, re.S)
    buttons = [re.findall(r"<button[^>]*>([^<]*)</button>", form) for form in forms]
    assert buttons == [["Взять в работу"], ["Ждать ответа заявителя"], ["Закрыть"]]


def test_customers_are_sent_to_the_portal_and_strangers_see_nothing(cast: Cast) -> None:
    for person in (cast.anna, cast.boris):
        response = as_(person).get("/browse/ACCREDO-1")
        assert response.headers["Location"] == f"/servicedesk/customer/portal/{cast.desk.pk}/ACCREDO-1"
        assert NOTE_CANARY not in page_of(response)
    for person in (cast.stranger, cast.agent_elsewhere):
        known, unknown = (as_(person).get(f"/browse/{key}") for key in ("ACCREDO-1", "ACCREDO-999"))
        assert (known.status_code, unknown.status_code) == (404, 404)
    response = Client().get("/browse/ACCREDO-1")
    assert response.headers["Location"].startswith("/servicedesk/customer/user/login?next=/browse/ACCREDO-1")


@pytest.mark.parametrize("method", ["get", "head", "post", "put", "patch", "delete", "options"])
def test_ab_44_strangers_get_404_for_every_method(cast: Cast, method: str) -> None:
    message = Message.objects.filter(ticket=cast.ticket).first()
    assert message is not None
    tails = (
        "", "/news", "/reply", "/note", "/transition/1", "/assign", "/take", "/priority", "/subject", "/participants",
        f"/participants/{cast.boris.pk}/remove", f"/messages/{message.pk}/admit",
        f"/messages/{message.pk}/html", "/mail/1.eml",
    )  # fmt: skip
    before = (Event.objects.count(), Message.objects.count())
    for person in (cast.stranger, cast.agent_elsewhere):
        client = as_(person)
        answers = {getattr(client, method)(f"/browse/ACCREDO-1{tail}").status_code for tail in tails}
        desks = ("", "/queues", "/create", "/create/caller", queue_url(cast.desk).removeprefix("/projects/ACCREDO"))
        answers |= {getattr(client, method)(f"/projects/ACCREDO{tail}").status_code for tail in desks}
        assert answers == {404}
    assert (Event.objects.count(), Message.objects.count()) == before


def test_ab_56_reading_changes_nothing(cast: Cast) -> None:
    client = as_(cast.agent)
    client.get(queue_url(cast.desk))
    tails = ("reply", "note", "take", "assign", "priority", "subject", "participants", "transition/1")
    assert {client.get(f"/browse/ACCREDO-1/{tail}").status_code for tail in tails} == {405}
    guarded = Client(enforce_csrf_checks=True)
    guarded.force_login(cast.agent)
    assert guarded.post("/browse/ACCREDO-1/take").status_code == 403


def test_a_held_message_is_marked_and_can_be_admitted(cast: Cast) -> None:
    message, client = held(cast), as_(cast.agent)
    page = page_of(client.get("/browse/ACCREDO-1"))
    assert "1 задержанное сообщение" in page and 'data-held="true"' in page and "Не участник." in page
    assert "В письме указан отправитель Чужой &lt;x@y.test&gt;" in page
    address = f"/browse/ACCREDO-1/messages/{message.pk}/admit"
    close_up = " ".join(page.split()).replace("</svg>", ">").replace(" <", "<")
    assert f'action="{address}"' in page and ">Принять один раз<" in close_up
    assert client.post(address).status_code == 302
    message.refresh_from_db()
    assert not message.held and "Принять" not in page_of(client.get("/browse/ACCREDO-1"))
    assert "уже" in page_of(client.post(address, follow=True))


def test_no_message_of_another_ticket_is_reached_through_mine(cast: Cast) -> None:
    other = open_ticket(
        actor=Actor(cast.stranger, "mail"), at=START, desk=cast.other_desk, channel="mail", subject="x",
        words=Words("тайна", html="<p>тайна</p>"), requester=cast.stranger, inbound=mail(cast),
    )  # fmt: skip
    message = Message.objects.get(ticket=other)
    client = as_(cast.agent)
    for tail in (f"messages/{message.pk}/html", f"mail/{message.inbound_id}.eml"):
        assert client.get(f"/browse/ACCREDO-1/{tail}").status_code == 404
        assert client.get(f"/browse/{other.key}/{tail}").status_code == 404
    assert client.post(f"/browse/ACCREDO-1/messages/{message.pk}/admit").status_code == 404


def test_ab_67_the_original_mail_is_a_download_that_cannot_run(cast: Cast) -> None:
    message = held(cast)
    response = as_(cast.agent).get(f"/browse/ACCREDO-1/mail/{message.inbound_id}.eml")
    assert response.content == RAW
    found = {name: response.headers[name] for name in ("Content-Type", "Content-Disposition", "X-Content-Type-Options")}
    assert found == {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": f'attachment; filename="ACCREDO-1-{message.inbound_id}.eml"',
        "X-Content-Type-Options": "nosniff",
    }
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert response.headers["Cache-Control"] == "private, no-store"


def test_ab_65_a_mails_own_html_is_sanitised_in_a_sealed_frame(cast: Cast, home: Path) -> None:
    picture, _size = blobs.put(b"\x89PNG\r\n\x1a\n" + b"0" * 20)
    script, _size = blobs.put(b"<svg onload=alert(1)>")
    html = '<p onclick="a()">Слова<script>alert(1)</script><img src="cid:one"><img src="cid:two"><img src="http://x/y"></p>'
    message = comment(
        actor=Actor(cast.anna, "mail"), at=START, ticket=cast.ticket, words=Words("Слова", html=html),
        files=[
            NewFile("one.png", "image/png", 28, picture, "<one>", inline=True),
            NewFile("two.svg", "image/svg+xml", 21, script, "two", inline=True),
        ],
    )  # fmt: skip
    client = as_(cast.agent)
    response = client.get(f"/browse/ACCREDO-1/messages/{message.pk}/html")
    body = page_of(response)
    assert "Слова" in body and "data:image/png;base64," in body
    assert not re.search(r"script|onclick|svg|http:", body)
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "sandbox allow-popups" in policy and "allow-same-origin" not in policy
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
    page = page_of(client.get("/browse/ACCREDO-1"))
    sandbox = 'sandbox="allow-popups allow-popups-to-escape-sandbox"'
    assert f'{sandbox} loading="lazy" src="/browse/ACCREDO-1/messages/{message.pk}/html"' in page
    text_only = Message.objects.filter(ticket=cast.ticket, html="").first()
    assert text_only and client.get(f"/browse/ACCREDO-1/messages/{text_only.pk}/html").status_code == 404


def test_ab_66_names_and_subjects_stay_text(cast: Cast) -> None:
    cast.agent.name = cast.anna.name = XSS
    cast.agent.save(), cast.anna.save()
    client = as_(cast.agent)
    change_subject(actor=Actor(cast.agent, "agent"), at=START, ticket=cast.ticket, subject=XSS)
    message = comment(
        actor=Actor(cast.anna, "mail"), at=START, ticket=cast.ticket, words=Words(XSS, quoted=XSS), why=XSS,
        inbound=mail(cast, b"1"), files=[NewFile(XSS, XSS, 1, "0" * 64)],
    )  # fmt: skip
    hold_comment(at=START, ticket=cast.ticket, words=Words(XSS), claimed_author=XSS, inbound=mail(cast, b"2"), why=XSS)
    add_participant(actor=Actor(cast.agent, "agent"), at=START, ticket=cast.ticket, person=cast.stranger)
    assert message.pk
    pages = (
        "/browse/ACCREDO-1", "/browse/ACCREDO-1?created=phone", "/browse/ACCREDO-1/news?seen=0", queue_url(cast.desk),
        "/secure/Dashboard.jspa", f"/projects/ACCREDO/create?person={cast.anna.pk}", "/projects/create",
    )  # fmt: skip
    for address in pages:
        page = page_of(client.get(address, follow=True))
        assert "<img src=x" not in page and "${49}" not in page and ">49<" not in page, address
    page = page_of(client.get("/projects/go", {"q": XSS}))
    assert "<img src=x" not in page and "&lt;img src=x" in page
    assert page_of(client.get("/browse/ACCREDO-1")).count("&lt;img src=x") > 10


def test_queries_do_not_grow_with_the_conversation(cast: Cast, home: Path) -> None:
    client = as_(cast.agent)
    actor = Actor(cast.agent, "agent")
    digest, size = blobs.put(b"x")

    def say(count: int) -> None:
        for _ in range(count):
            message = comment(actor=actor, at=START, ticket=cast.ticket, words=Words("Слова"))
            Attachment.objects.create(message=message, name="a", content_type="", size=size, digest=digest)

    say(1)
    client.get("/browse/ACCREDO-1")
    with CaptureQueriesContext(connection) as few:
        client.get("/browse/ACCREDO-1")
    say(5)
    add_participant(actor=actor, at=START, ticket=cast.ticket, person=cast.stranger)
    with CaptureQueriesContext(connection) as many:
        client.get("/browse/ACCREDO-1")
    assert len(many) == len(few)


def test_a_caller_without_an_address_is_told_from_one_with(cast: Cast) -> None:
    caller = add_caller(name="Ольга Без-Почты", at=START)
    ticket = open_ticket(
        actor=Actor(cast.agent, "agent"), at=START, desk=cast.desk, channel=Ticket.Channel.PHONE, subject="Звонок",
        words=Words(""), requester=caller,
    )  # fmt: skip
    page = page_of(as_(cast.agent).get(f"/browse/{ticket.key}"))
    assert "без адреса почты" in page and "Писем по этому запросу никто не получает" in page
    assert "Зарегистрировано сотрудником" in page and "(без текста)" not in page
    assert "<p>Звонок</p>" in page.split('data-kind="public"')[1]


def test_ab_49_a_link_to_another_desks_ticket_is_not_shown(cast: Cast) -> None:
    foreign = open_ticket(
        actor=Actor(cast.anna, "mail"), at=START, desk=cast.other_desk, channel="mail", subject="Чужая тайна",
        words=Words(""), requester=cast.anna,
    )  # fmt: skip
    TicketLink.objects.create(source=cast.ticket, target=foreign, kind="relates", added_at=START)
    page = page_of(as_(cast.agent).get("/browse/ACCREDO-1"))
    assert "Чужая тайна" not in page and foreign.key not in page


def test_small_letters_open_it_too(cast: Cast) -> None:
    assert "Не открывается протокол" in page_of(as_(cast.agent).get("/browse/accredo-1"))
