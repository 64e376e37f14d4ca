"""The search box: a number opens its request at once."""

import re
from datetime import timedelta
from html import unescape

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test.utils import CaptureQueriesContext

from otklik.desks.commands.create import set_role
from otklik.people.actor import Actor, system
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import Words
from otklik.tickets.models import Ticket
from tests.cast import NOTE_CANARY, START, Cast
from tests.workspace.helpers import as_, page_of


def open_many(cast: Cast, count: int, desk: str = "desk") -> None:
    for number in range(count):
        open_ticket(
            actor=Actor(cast.stranger, "mail"),
            at=START + timedelta(minutes=number),
            desk=getattr(cast, desk),
            channel="mail",
            subject=f"Вопрос {number} про расписание",
            words=Words(""),
            requester=cast.stranger,
        )


@pytest.mark.parametrize(
    "words",
    ["ACCREDO-14", "accredo-14", " Accredo 14 ", "ACCREDO14", "14", "№14", "# 14", "014", "ФССКУВЩ-14", "фсскувщ14"],
)
def test_a_number_opens_its_request(cast: Cast, words: str) -> None:
    open_many(cast, 14)
    response = as_(cast.agent).get("/projects/go", {"q": words})
    assert response.headers["Location"] == "/browse/ACCREDO-14"


def test_digits_that_two_desks_know_give_a_list(cast: Cast) -> None:
    open_many(cast, 1, "other_desk")
    set_role(actor=system(), at=START, desk=cast.other_desk, person=cast.agent, role="agent")
    page = page_of(as_(cast.agent).get("/projects/go", {"q": "1"}))
    assert "ACCREDO-1<" in page and "OTHER-1<" in page


def test_ab_47_another_desks_number_is_nobody(cast: Cast) -> None:
    for words in ("ACCREDO-1", "1", "протокол", "Анна", "anna@clinic.test"):
        page = page_of(as_(cast.agent_elsewhere).get("/projects/go", {"q": words}))
        assert "Ничего не найдено" in page and "/browse/ACCREDO" not in page


@pytest.mark.parametrize("words", ["протокол", "ПРОТОКОЛ", "анна", "Петрова", "anna@clinic"])
def test_words_search_subject_and_requester(cast: Cast, words: str) -> None:
    open_many(cast, 2)
    page = page_of(as_(cast.agent).get("/projects/go", {"q": words}))
    assert "ACCREDO-1<" in page and "ACCREDO-2<" not in page and f'value="{words}"' in page


def test_any_address_of_a_person_finds_them(cast: Cast) -> None:
    EmailAddress.objects.create(user=cast.anna, email="anna@home.test", verified=True)
    assert "ACCREDO-1<" in page_of(as_(cast.agent).get("/projects/go", {"q": "anna@home"}))


@pytest.mark.parametrize(
    "words", ["", "   ", "%", "_", "\\", "'; --", "\0", "9" * 40, "ACCREDO-" + "9" * 30, "я" * 999]
)
def test_anything_else_finds_nothing_and_breaks_nothing(cast: Cast, words: str) -> None:
    response = as_(cast.agent).get("/projects/go", {"q": words})
    assert response.status_code == 200 and "/browse/" not in page_of(response)


def test_many_found_are_cut_and_cost_the_same(cast: Cast) -> None:
    client = as_(cast.agent)
    open_many(cast, 2)
    with CaptureQueriesContext(connection) as few:
        client.get("/projects/go", {"q": "расписание"})
    open_many(cast, 55)
    with CaptureQueriesContext(connection) as many:
        page = page_of(client.get("/projects/go", {"q": "расписание"}))
    assert len(many) == len(few) and page.count("<tr") == 52 and "Показать ещё" in page


def test_what_is_behind_the_page_comes_page_by_page_with_and_without_scripts(cast: Cast) -> None:
    client = as_(cast.agent)
    open_many(cast, 104)
    comment(
        actor=Actor(cast.agent, "agent"), at=START + timedelta(days=9), ticket=cast.ticket, words=Words("расписание")
    )
    shown, address, pages = list[str](), "/projects/go?q=расписание", list[str]()
    while address:
        pages.append(page_of(client.get(address)))
        bodies = client.get(address, headers={"HX-Request": "true"}).content.decode()
        assert len(pages) == 1 or ("<html" not in bodies and bodies.count("<tr") == pages[-1].count("<tr") - 1)
        shown += re.findall(r'class="key" data-label="Номер"><a href="/browse/([A-Z0-9-]+)"', pages[-1])
        more = re.search(r'hx-get="([^"]+)" hx-target="closest tbody"', pages[-1])
        address = unescape(more[1]) if more else ""
        # What was changed meanwhile goes to the beginning; nothing is shown twice or left out for that.
        Ticket.objects.filter(key="ACCREDO-104").update(updated_at=START + timedelta(days=10))
    assert [page.count("<tr") for page in pages] == [52, 52, 6]
    subjects = sorted((f"ACCREDO-{number}" for number in range(2, 106)), key=lambda key: -int(key[8:]))
    assert shown == [*subjects, "ACCREDO-1"], "the words in the subject come before a newer message with them"
    assert "К лучшим совпадениям" not in pages[0] and "К лучшим совпадениям" in pages[2]


@pytest.mark.parametrize("after", ["x", "1.2", "1..3", "2.1.1", "1.-1.1", f"0.{'9' * 16}.{'9' * 18}", "1.0.0", "٣.1.1"])
def test_a_place_that_nobody_wrote_is_a_page_all_the_same(cast: Cast, after: str) -> None:
    for headers in ({}, {"HX-Request": "true"}):
        assert (
            as_(cast.agent).get("/projects/go", {"q": "протокол", "after": after}, headers=headers).status_code == 200
        )


@pytest.mark.parametrize("words", ["сервера", "ошибок", "ghjnjrjk", "протоколы анна", NOTE_CANARY])
def test_messages_and_notes_are_searched_in_any_form_and_layout(cast: Cast, words: str) -> None:
    page = page_of(as_(cast.agent).get("/projects/go", {"q": words}))
    assert ("ACCREDO-1<" in page) is (words != "протоколы анна")


def test_found_words_are_shown_where_they_stand_and_harmless(cast: Cast) -> None:
    open_many(cast, 1)
    comment(
        actor=Actor(cast.agent, "agent"),
        at=START + timedelta(hours=1),
        ticket=cast.ticket,
        words=Words("<b>Журнал</b> отправлен"),
        kind="internal",
    )
    page = page_of(as_(cast.agent).get("/projects/go", {"q": "журналы"}))
    assert "&gt;<mark>Журнал</mark>&lt;/b&gt; отправлен" in page


def test_results_are_narrowed_by_state_and_desk(cast: Cast) -> None:
    open_many(cast, 1)
    open_many(cast, 1, "other_desk")
    set_role(actor=system(), at=START, desk=cast.other_desk, person=cast.agent, role="agent")
    agent = as_(cast.agent)
    both = page_of(agent.get("/projects/go", {"q": "расписание"}))
    assert "ACCREDO-2<" in both and "OTHER-1<" in both and "Все службы" in both
    one = page_of(agent.get("/projects/go", {"q": "расписание", "desk": "OTHER"}))
    assert "ACCREDO-2<" not in one and "OTHER-1<" in one
    assert "OTHER-1<" in page_of(agent.get("/projects/go", {"q": "расписание", "state": "open"}))
    assert "OTHER-1<" not in page_of(agent.get("/projects/go", {"q": "расписание", "state": "closed"}))
    assert "OTHER-1<" not in page_of(as_(cast.lead).get("/projects/go", {"q": "расписание", "desk": "OTHER"}))
