"""A colleague and another request are named in the composer by "@" and "#", by keyboard alone."""

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from otklik.mail.models import OutboundMail
from otklik.tickets.models import Message
from tests.browser import watched_tab
from tests.cast import Cast
from tests.postoffice import run_all
from tests.workspace.helpers import as_
from tests.workspace.test_queue import more_tickets

OPTIONS = ".canned-list [role=option]"


def test_the_choices_are_requests_of_the_desk_by_number_or_words(cast: Cast, home: object) -> None:
    (one, _two), client = more_tickets(cast, 2), as_(cast.agent)
    by_number = client.get("/browse/ACCREDO-1/choices/requests", {"q": one.key}).json()["choices"]
    text = f"[{one.key}]({settings.PUBLIC_URL}/browse/{one.key}) "
    assert [(choice["label"], choice["detail"], choice["text"]) for choice in by_number] == [
        (one.key, one.subject, text)
    ]
    by_words = client.get("/browse/ACCREDO-1/choices/requests", {"q": "запрос номер"}).json()["choices"]
    assert len(by_words) == 2
    for nothing in ("", "ACCREDO-1", "нет такого"):
        assert client.get("/browse/ACCREDO-1/choices/requests", {"q": nothing}).json()["choices"] == [], nothing


@pytest.mark.browser
def test_a_colleague_is_named_in_a_note_and_told(agents_page: Page, live: Cast) -> None:
    agents_page.goto("/browse/ACCREDO-1")
    agents_page.keyboard.press("KeyN")
    box, options = agents_page.locator("#note_comment"), agents_page.locator(OPTIONS)
    expect(box).to_be_focused()
    agents_page.keyboard.type("Пишите на anna@")
    expect(options).to_have_count(0)
    agents_page.keyboard.type("clinic.test. Смотрите, @")
    expect(options).not_to_have_count(0)
    name = live.lead.name
    agents_page.keyboard.type(name.split()[-1][:3].lower())
    expect(options).to_have_count(1)
    agents_page.keyboard.press("Enter")
    expect(box).to_have_value(f"Пишите на anna@clinic.test. Смотрите, @{name} ")
    agents_page.keyboard.type("пожалуйста")
    expect(agents_page.locator(".canned-list:visible")).to_have_count(0)
    agents_page.keyboard.press("Control+Enter")
    expect(agents_page.locator(".message-internal").last).to_contain_text(f"@{name} пожалуйста")
    run_all(deliver_too=False)
    mail = OutboundMail.objects.get(kind="mentioned")
    assert mail.recipient == live.lead.email and "пожалуйста" not in mail.text and "/browse/ACCREDO-1" in mail.text


@pytest.mark.browser
@pytest.mark.parametrize("sign", ["#", "№"])
def test_a_request_is_linked_by_its_number(agents_page: Page, live: Cast, sign: str) -> None:
    (other,) = more_tickets(live, 1)
    agents_page.goto("/browse/ACCREDO-1")
    box, options = agents_page.locator("#reply_comment"), agents_page.locator(OPTIONS)
    box.focus()
    agents_page.keyboard.type(f"Уже есть {sign}")
    expect(agents_page.locator(".canned-list")).to_have_count(0)
    agents_page.keyboard.type(str(other.number))
    expect(options).to_have_text([f"{other.key} {other.subject} {other.status.name}"])
    agents_page.keyboard.press("Tab")
    expect(box).to_have_value(f"Уже есть [{other.key}]({settings.PUBLIC_URL}/browse/{other.key}) ")
    agents_page.keyboard.press("Control+Enter")
    link = agents_page.locator(".message-agent").last.get_by_role("link", name=other.key)
    expect(link).to_have_attribute("href", f"{settings.PUBLIC_URL}/browse/{other.key}")
    assert Message.objects.filter(text__contains=other.key).exists()


@pytest.mark.browser
def test_without_scripts_the_name_is_typed(live: Cast, live_server: LiveServer, browser: Browser) -> None:
    with watched_tab(browser, live_server.url, live.agent, java_script_enabled=False) as page:
        page.goto("/browse/ACCREDO-1?write=note")
        page.locator("#note_comment").fill(f"@{live.lead.name}, посмотрите")
        page.get_by_role("button", name="Сохранить заметку").click()
        expect(page.locator(".message-internal").last).to_contain_text("посмотрите")
    run_all(deliver_too=False)
    assert OutboundMail.objects.get(kind="mentioned").recipient == live.lead.email
