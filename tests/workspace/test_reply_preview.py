"""An agent sees the whole mail of a reply before it is sent."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from otklik.journal.models import Event
from otklik.mail.models import OutboundMail
from otklik.notify.texts.reply_preview import reply_mail
from otklik.people.actor import Actor
from otklik.tickets.commands.pending import say
from otklik.tickets.commands.status import allowed_transitions
from otklik.tickets.content import AS_USUAL, written
from otklik.tickets.models import Message, Participant
from otklik.tickets.ratings import reopen_token, stop_token
from tests.browser import watched_tab
from tests.cast import Cast
from tests.postoffice import run_all
from tests.workspace.helpers import as_, composer, page_of

WORDS = "**Готово.** Смотрите:\n\n- раз\n- два"


@pytest.fixture(autouse=True)
def no_mail_server(settings: Settings, home: object) -> None:
    settings.OUTGOING = ""


def bare(text: str) -> str:
    """Return the text with every address that carries a token cut off after its place."""
    return re.sub(r"(/servicedesk/customer/\w+/)[\w:.=&?-]+", r"\1…", text)


@pytest.mark.parametrize("category", ["", "done", "waiting"])
def test_it_is_the_mail_that_is_sent(cast: Cast, category: str) -> None:
    possible = allowed_transitions(Actor(cast.agent, "agent"), cast.ticket)
    transition = next(step for step in possible if step.target.category == category) if category else None
    said: dict[str, Any] = {"actor": Actor(cast.agent, "agent"), "at": timezone.now(), "ticket": cast.ticket}
    said |= {"words": written(WORDS), "step": transition, "recipients": AS_USUAL}
    before = [Message.objects.count(), Event.objects.count(), OutboundMail.objects.count()]
    shown = reply_mail(**said)
    assert [Message.objects.count(), Event.objects.count(), OutboundMail.objects.count()] == before
    say(**said)
    run_all(deliver_too=False)
    sent = OutboundMail.objects.filter(person=cast.anna, kind="comment").latest("id")
    assert shown is not None and shown.recipients == ("anna@clinic.test", "boris@clinic.test")
    assert (shown.letter.subject, shown.sender) == (sent.subject, f"{sent.sender_name} <{sent.sender}>")
    assert bare(shown.letter.text) == bare(sent.text) and bare(shown.letter.html) == bare(sent.html)
    participant = Participant.objects.get(ticket=cast.ticket, person=cast.anna)
    for token in (stop_token(participant), reopen_token(participant)):
        assert token not in shown.letter.html, "an agent gets no customer's link"
    assert stop_token(participant) in sent.html


def shown_to(cast: Cast, **more: Any) -> str:
    client = as_(cast.agent)
    answer = client.post("/browse/ACCREDO-1/reply/preview", composer(client, cast.ticket, WORDS, **more))
    assert answer.status_code == 200 and "sandbox" in answer["Content-Security-Policy"]
    return page_of(answer)


def test_the_page_names_sender_and_recipients_and_escapes_the_words(cast: Cast) -> None:
    page = shown_to(cast, left_out=[cast.boris.pk], added="olga@clinic.test", comment="<script>alert(1)</script>")
    assert "anna@clinic.test, olga@clinic.test" in page and "accredo@desk.test" in page
    assert "<script>" not in page and "&lt;script&gt;" in page


def test_what_cannot_be_sent_is_said_and_nothing_is_written(cast: Cast) -> None:
    assert "«x» — не адрес почты" in shown_to(cast, added="x")
    assert "Письма никто не получит." in shown_to(cast, left_out=[cast.anna.pk, cast.boris.pk])
    file = SimpleUploadedFile("скан.pdf", b"%PDF-1.4")
    assert "Готово" in shown_to(cast, attachments=[file])
    assert not Message.objects.filter(text=WORDS).exists()


def test_to_somebody_added_alone_it_is_shown_as_well(cast: Cast) -> None:
    assert "Готово" in shown_to(cast, left_out=[cast.anna.pk, cast.boris.pk], added="olga@clinic.test")


@pytest.mark.browser
@pytest.mark.parametrize("scripts", [True, False])
def test_it_opens_beside_the_composer_which_keeps_its_words(
    live: Cast, live_server: LiveServer, browser: Browser, scripts: bool
) -> None:
    with watched_tab(browser, live_server.url, live.agent, java_script_enabled=scripts) as page:
        page.goto("/browse/ACCREDO-1")
        page.locator("#reply_comment").fill("Всё готово")
        for _twice in range(2):
            with page.context.expect_page() as opened:
                page.get_by_role("button", name="Показать письмо").click()
            mail = opened.value
            expect(mail.locator("body")).to_contain_text("Всё готово")
            expect(mail.locator("body")).to_contain_text("anna@clinic.test")
            mail.close()
        expect(page.locator("#reply_comment")).to_have_value("Всё готово")
        page.get_by_role("button", name="Отправить заявителю").click()
        expect(page.locator(".message-public.message-agent, .message-pending").last).to_contain_text("Всё готово")
