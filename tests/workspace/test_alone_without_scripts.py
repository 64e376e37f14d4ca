"""Without scripts the forms for subject and participant are shown alone: every button submits their text as well."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.cast import Cast
from tests.workspace.test_without_scripts import assign, plain_page

pytestmark = pytest.mark.browser
__all__ = ["plain_page"]


@pytest.mark.parametrize(
    ("write", "field", "typed"),
    [("subject", "#new-subject", "Другая тема"), ("participant", "#participant", "third@clinic.test")],
)
@pytest.mark.parametrize("act", ["assign", "reply", "quote"])
def test_a_field_that_stands_alone_waits_over_every_other_button(
    plain_page: Page, live: Cast, write: str, field: str, typed: str, act: str
) -> None:
    plain_page.goto(f"/browse/ACCREDO-1?write={write}")
    plain_page.locator(field).fill(typed)
    if act == "assign":
        assign(plain_page, live)
    elif act == "quote":
        plain_page.get_by_role("button", name="Цитировать").first.click()
        expect(plain_page.locator("#reply_comment")).to_have_value(re.compile("> Здравствуйте"))
    else:
        plain_page.get_by_role("button", name="Запросить согласование").click()
        plain_page.goto("/browse/ACCREDO-1")
    expect(plain_page.locator(field)).to_have_value(typed)
    expect(plain_page.get_by_text("Ещё не сохранено").first).to_be_visible()
    own = plain_page.locator("form", has=plain_page.locator(field)).get_by_role("button")
    own.click()
    live.ticket.refresh_from_db()
    if write == "subject":
        assert live.ticket.subject == typed
    else:
        assert live.ticket.participants.filter(person__email=typed).exists()
    expect(plain_page.get_by_text("Ещё не сохранено")).to_have_count(0)
