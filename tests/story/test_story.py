"""The story that must always work, steps 1 to 9, with real mail in both directions and a real browser."""

import re
from email.header import Header
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.story.product import Letter, Product, Sink, running, sink

pytestmark = [pytest.mark.browser, pytest.mark.services, pytest.mark.slow, pytest.mark.timeout(300)]

DESK = "accredo@desk.example"
ME = "petrova@hospital.example"
PASSWORD = "незабудка на лугу 7"
SUBJECT = "Не могу войти в личный кабинет"
TEXT = "Здравствуйте! После смены телефона не приходит код. Что делать?"


def first_mail() -> bytes:
    """Return a mail as an old Outlook writes it: koi8-r, raw eight-bit."""

    head = (
        f"From: {Header('Анна Петрова', 'koi8-r').encode()} <{ME}>\r\nTo: {DESK}\r\n"
        f"Subject: {Header(SUBJECT, 'koi8-r').encode()}\r\nMessage-ID: <first.1@hospital.example>\r\n"
        "Date: Mon, 02 Nov 2026 10:00:00 +0300\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=koi8-r\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    )
    return head.encode() + TEXT.encode("koi8-r") + b"\r\n"


def reply_to(letter: Letter, words: str) -> EmailMessage:
    """Return what a mail program sends on "reply": to Reply-To, in the thread, with the quotation below."""
    made = EmailMessage()
    made["From"] = f"Анна Петрова <{ME}>"
    made["To"] = letter.message["Reply-To"]
    made["Subject"] = f"Re: {letter.subject}"
    made["Message-ID"] = f"<reply.{abs(hash(words))}@hospital.example>"
    made["In-Reply-To"] = letter.message["Message-ID"]
    made["References"] = f"{letter.message['References'] or ''} {letter.message['Message-ID']}".strip()
    quoted = "\n".join(f"> {line}" for line in letter.text.splitlines())
    text = f"{words}\n\n02.11.2026 14:25, Служба поддержки пишет:\n{quoted}\n"
    # Old mail programs write question marks for what their charset lacks, long dashes among it.
    made.set_content(text.encode("koi8-r", "replace").decode("koi8-r"), charset="koi8-r", cte="8bit")
    return made


def link_in(letter: Letter, part: str) -> str:
    found = re.search(rf"https?://\S*{part}[^\s\"<>)]*", letter.text)
    assert found, letter.text
    return found.group(0)


def log_in(page: Page, url: str, address: str, password: str) -> None:
    page.goto(f"{url}/servicedesk/customer/user/login")
    page.fill('input[name="login"]', address)
    page.fill('input[name="password"]', password)
    page.locator('input[name="password"]').press("Enter")
    page.wait_for_url(lambda found: "/user/login" not in found)


def test_the_whole_story(tmp_path: Path, browser: Browser, page: Page) -> None:
    with (
        sink() as (outside, port),
        running(tmp_path / "home", "--demo", OTKLIK_OUTGOING=f"smtp://127.0.0.1:{port}") as product,
    ):
        activate(product, outside, page)
        look_at_the_portal(product, page)
        agent = browser.new_context(locale="en-US").new_page()
        answer(product, agent)
        reply_by_mail(product, outside, page)
        close_and_reopen(product, outside, page, agent)
        forgot_password(product, outside, browser)


def activate(product: Product, outside: Sink, page: Page) -> None:
    """Steps 1 to 3: send the mail, receive two, press the button, set a password, see the portal."""
    product.send(first_mail(), ME, DESK)
    invitation = outside.wait_for(lambda x: x.recipients == [ME] and "Активировать мой аккаунт" in x.html)
    accepted = outside.wait_for(lambda x: x.recipients == [ME] and "ACCREDO-4" in x.subject)
    assert "Активировать" not in accepted.html
    assert "/secure/ActivateAccount" not in accepted.text + accepted.html
    assert accepted.message["Auto-Submitted"] in {"auto-replied", "auto-generated"}
    assert accepted.message["X-Auto-Response-Suppress"] == "All"
    page.goto(link_in(invitation, "/secure/ActivateAccount/"))
    page.fill('input[name="password1"]', PASSWORD)
    page.fill('input[name="password2"]', PASSWORD)
    page.locator('input[name="password2"]').press("Enter")
    page.wait_for_url(lambda url: "activate" not in url.lower())
    expect(page.get_by_text("Центр поддержки").first).to_be_visible()
    page.goto(link_in(invitation, "/secure/ActivateAccount/"))
    expect(page.locator('input[name="password1"]')).to_have_count(0)  # a link works once


def look_at_the_portal(product: Product, page: Page) -> None:
    """Steps 5 to 7: open help centre, desk, list and card."""
    page.goto(f"{product.url}/servicedesk/customer/portals")
    page.get_by_text("Непрерывное медицинское образование в части подсистемы аккредитации").first.click()
    for words in (
        "Добро пожаловать! С помощью предоставленных опций можно создать запрос",
        "В чем требуется помощь?",
        "Ошибка",
        "Получить техническую консультацию",
        "Поддержка по общим ИТ-проблемам и вопросам",
        "Получить новую учетную запись",
        "Запросите новую учетную запись для внутренней системы",
    ):
        expect(page.get_by_text(words).first).to_be_visible()
    page.goto(f"{product.url}/servicedesk/customer/user/requests")
    body = page.locator("body")
    for words in ("Открытые запросы", "Созданные мной", "Любой тип запроса", "1-1 из 1", SUBJECT, "ACCREDO-4"):
        expect(body).to_contain_text(words)
    for column in ("Тип", "Ссылка", "Тема", "Служба поддержки", "Статус"):
        expect(page.get_by_role("columnheader", name=column, exact=False).first).to_be_visible()
    page.get_by_role("link", name=SUBJECT).first.click()
    expect(page.locator("[data-status]").first).to_have_text(re.compile("открытый", re.IGNORECASE))
    for words in ("Активность", "Подробнее", "Описание", "Приоритет", "Стандартный", TEXT):
        expect(body).to_contain_text(words)
    expect(page.get_by_placeholder(re.compile("Прокомментировать запрос"))).to_be_visible()
    assert page.goto(f"{product.url}/servicedesk/customer/portal/1/ACCREDO-1").status == 404  # type: ignore[union-attr]


def answer(product: Product, agent: Page) -> None:
    """Steps 8 and 11: the agent finds the ticket in a queue and answers; a note is not mailed."""
    log_in(agent, product.url, "agent@desk.example", "otklik-demo-2026")
    agent.goto(f"{product.url}/projects/ACCREDO/queues")
    assert re.search(r"/projects/ACCREDO/queues/custom/\d+$", agent.url)
    agent.get_by_role("link", name=SUBJECT).first.click()
    agent.wait_for_url("**/browse/ACCREDO-4")
    for tab, path, words in (
        ("Внутренняя заметка", "note", "NOTE-9f3a внутри"),
        ("Ответ заявителю", "reply", "Анна, проверьте, пожалуйста, номер телефона."),
    ):
        agent.locator("label").filter(has_text=tab).first.click()
        form = agent.locator(f'form[action$="/{path}"]')
        form.locator('textarea[name="comment"]').fill(words)
        form.locator("button.btn-primary, button.btn-note").first.click()
        expect(agent.locator("[data-message]").filter(has_text=words).first).to_be_visible()
    assert agent.locator('[data-message][data-kind="internal"]').count() == 1


def reply_by_mail(product: Product, outside: Sink, page: Page) -> None:
    """Step 8: the answer is mailed with its text; the reply becomes a comment without the quotation."""
    letter = outside.wait_for(lambda x: x.recipients == [ME] and "проверьте, пожалуйста, номер" in x.text)
    assert letter.subject.startswith("ACCREDO-4 ")
    assert "/servicedesk/customer/portal/1/ACCREDO-4" in letter.text
    product.send(reply_to(letter, "Номер верный, код так и не пришёл."), ME, str(letter.message["Reply-To"]))
    page.goto(f"{product.url}/servicedesk/customer/portal/1/ACCREDO-4")
    newest = page.locator('[data-message][data-kind="public"]').first
    for _ in range(40):
        if "код так и не пришёл" in newest.inner_text():
            break
        page.wait_for_timeout(250)
        page.reload()
    expect(newest).to_contain_text("Номер верный, код так и не пришёл.")
    expect(newest.locator("p").first).not_to_contain_text("проверьте, пожалуйста")
    expect(page.locator("body")).to_contain_text("ПОСЛЕДНИЙ", ignore_case=True)
    expect(page.locator("body")).to_contain_text(re.compile(r"Сегодня \d\d:\d\d"))
    expect(page.locator("body")).not_to_contain_text("NOTE-9f3a")


def close_and_reopen(product: Product, outside: Sink, page: Page, agent: Page) -> None:
    """Step 9: a closed ticket leaves the list of open ones; a reply reopens it."""
    agent.goto(f"{product.url}/browse/ACCREDO-4")
    agent.get_by_role("button", name="Закрыть", exact=True).first.click()
    expect(agent.locator("[data-status]").first).to_have_text(re.compile("закрыт", re.IGNORECASE))
    closed = outside.wait_for(
        lambda x: x.recipients == [ME] and "ACCREDO-4" in x.subject and "закрыт" in x.text.lower()
    )
    for status, there in (("open", 0), ("closed", 1), ("all", 1)):
        page.goto(f"{product.url}/servicedesk/customer/user/requests?status={status}")
        assert page.get_by_role("link", name=SUBJECT).count() == there, status
    product.send(reply_to(closed, "Снова не работает."), ME, str(closed.message["Reply-To"]))
    outside_list = f"{product.url}/servicedesk/customer/user/requests?status=open"
    for _ in range(40):
        page.goto(outside_list)
        if page.get_by_role("link", name=SUBJECT).count():
            break
        page.wait_for_timeout(250)
    expect(page.get_by_role("link", name=SUBJECT).first).to_be_visible()
    for letter in outside.letters:
        assert "NOTE-9f3a" not in letter.text + letter.html
        assert len(letter.recipients) == 1


def forgot_password(product: Product, outside: Sink, browser: Browser) -> None:
    """Step 4: reset the password; the page is the same for an unknown address."""
    page = browser.new_context(locale="en-US").new_page()
    said = []
    for address in (ME, "nobody@hospital.example"):
        page.goto(f"{product.url}/secure/ForgotLoginDetails.jspa")
        page.fill('input[name="email"]', address)
        page.locator('input[name="email"]').press("Enter")
        page.wait_for_load_state()
        said.append(page.locator("main").inner_text().replace(address, ""))
    assert said[0] == said[1]
    letter = outside.wait_for(lambda x: x.recipients == [ME] and "/secure/ResetPassword" in x.text)
    page.goto(link_in(letter, "/secure/ResetPassword"))
    page.fill('input[name="password1"]', PASSWORD + "!")
    page.fill('input[name="password2"]', PASSWORD + "!")
    page.locator('input[name="password2"]').press("Enter")
    page.wait_for_url(lambda found: "ResetPassword" not in found)
    fresh = browser.new_context(locale="en-US").new_page()
    log_in(fresh, product.url, ME, PASSWORD + "!")
    assert outside.to("nobody@hospital.example") == []
