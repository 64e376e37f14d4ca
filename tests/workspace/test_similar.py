"""Similar tickets beside a ticket: solved ones first, with their solution."""

import re
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from otklik.desks.commands.create import set_role
from otklik.desks.models import Desk
from otklik.people.actor import Actor, system
from otklik.people.models import Person
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import Words
from otklik.tickets.models import Ticket
from otklik.tickets.search import similar
from otklik.tickets.search.similar import telling_words
from tests.cast import START, Cast
from tests.workspace.helpers import as_, page_of

LATER = START + timedelta(days=1)


def opened(
    cast: Cast, subject: str, text: str = "Здравствуйте", *, desk: Desk | None = None, person: Person | None = None
) -> Ticket:
    person = person or cast.stranger
    return open_ticket(
        actor=Actor(person, "portal"), at=START, desk=desk or cast.desk, channel="portal", subject=subject,
        words=Words(text), requester=person,
    )  # fmt: skip


def solved(cast: Cast, ticket: Ticket, at: datetime = LATER) -> None:
    done = ticket.desk.statuses.filter(category="done")[0]
    Ticket.objects.filter(pk=ticket.pk).update(closed_at=at, status=done)


def said(
    cast: Cast, ticket: Ticket, text: str, *, at: datetime = LATER, kind: str = "public", by: Person | None = None
) -> None:
    actor = Actor(by, "portal") if by else Actor(cast.agent, "agent")
    comment(actor=actor, at=at, ticket=ticket, words=Words(text), kind=kind)


def shown(client_page: str) -> list[str]:
    return re.findall(r'class="ticket-key" href="/browse/([A-Z0-9-]+)"', client_page)


def similar_to(cast: Cast, ticket: Ticket, person: Person | None = None) -> str:
    return page_of(as_(person or cast.agent).get(f"/browse/{ticket.key}/similar"))


def test_solved_ones_come_first_with_the_answer_that_solved_them(cast: Cast) -> None:
    still_open = opened(cast, "Сканер не сканирует в папку на сервере отдела")
    before = opened(cast, "Сканер не сохраняет в папку")
    said(cast, before, "Какая модель?", at=LATER - timedelta(hours=3))
    said(cast, before, "**Замените** пароль\nв настройках ``сканера``", at=LATER - timedelta(hours=2))
    said(cast, before, "Секрет: внутренняя заметка", at=LATER - timedelta(hours=1), kind="internal")
    said(cast, before, "Спасибо!", at=LATER - timedelta(minutes=30), by=cast.stranger)
    solved(cast, before)
    said(cast, before, "Пожалуйста, обращайтесь", at=LATER + timedelta(hours=1))
    before.messages.update(markup="typed")
    Ticket.objects.filter(pk=before.pk).update(closed_at=LATER)
    opened(cast, "Отпуск в июле")
    ticket = opened(cast, "Сканер: не сканируется в папку", "Вчера работал")
    page = similar_to(cast, ticket)
    assert shown(page) == [before.key, still_open.key]
    assert "Замените пароль в настройках сканера" in re.sub(r"\s+", " ", page)
    for other in ("Какая модель", "Секрет", "Спасибо", "обращайтесь", "**"):
        assert other not in page, other


def test_words_of_the_opening_message_count_and_those_of_others_do_not(cast: Cast) -> None:
    like = opened(cast, "Помогите", "Экскаватор застрял в тоннеле")
    other = opened(cast, "Вопрос", "Здравствуйте")
    said(cast, other, "Экскаватор застрял в тоннеле", kind="internal")
    assert shown(similar_to(cast, opened(cast, "Экскаватор", "застрял в тоннеле"))) == [like.key]


def test_of_desks_where_the_reader_does_not_work_nothing_is_told(cast: Cast) -> None:
    elsewhere = opened(cast, "Турникет пропускает дважды", desk=cast.other_desk)
    ticket = opened(cast, "Турникет не пропускает")
    page = similar_to(cast, ticket)
    assert shown(page) == [] and elsewhere.key not in page and "Похожих запросов не нашлось" in page
    for person in (cast.agent_elsewhere, cast.anna, cast.stranger):
        assert as_(person).get(f"/browse/{ticket.key}/similar").status_code == 404
    set_role(actor=system(), at=START, desk=cast.other_desk, person=cast.agent, role="agent")
    assert shown(similar_to(cast, ticket)) == [elsewhere.key]


def test_who_asks_is_no_matter(cast: Cast) -> None:
    opened(cast, "Отпуск", "С уважением, Анна Петрова", person=cast.anna)
    ticket = opened(cast, "Клавиатура залита", "С уважением, Анна Петрова", person=cast.anna)
    assert {word.text for word in telling_words(ticket)}.isdisjoint({"петров", "анн", "анна"})
    assert "Отпуск" not in similar_to(cast, ticket) and shown(similar_to(cast, ticket)) == []


@pytest.mark.parametrize("subject", ["", "и в на", "?", "👍", "a'b\\c", "x" * 300, "%s %(ticket)s", "1 2 3"])
def test_a_ticket_that_says_nothing_has_none_and_breaks_nothing(cast: Cast, subject: str) -> None:
    ticket = opened(cast, "Тема", "")
    Ticket.objects.filter(pk=ticket.pk).update(subject=subject)
    assert shown(similar_to(cast, ticket)) == []


def test_what_is_looked_at_is_bounded_and_costs_the_same(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket, client = opened(cast, "Проектор мигает лампой"), as_(cast.agent)
    client.get(f"/browse/{ticket.key}/similar")
    counts = []
    for number in range(2):
        for at in range(1 if number == 0 else 12):
            solved(cast, opened(cast, f"Проектор мигает лампой {at}"))
        with CaptureQueriesContext(connection) as seen:
            page = page_of(client.get(f"/browse/{ticket.key}/similar"))
        counts.append((len(seen), len(shown(page))))
    assert counts[0][0] == counts[1][0] and [some for _statements, some in counts] == [1, 6]
    monkeypatch.setattr(similar, "TEXTS_AT_MOST", 2)
    assert 0 < len(shown(similar_to(cast, ticket))) <= 2


def test_pairs_of_very_common_words_are_looked_for_in_what_changed_last(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(similar, "texts_with", lambda _word: similar.COMMON + 1)
    monkeypatch.setattr(similar, "subjects_with", lambda _word: 5)
    older, newer = opened(cast, "Проектор мигает снова"), opened(cast, "Проектор опять мигает")
    Ticket.objects.filter(pk=newer.pk).update(updated_at=LATER)
    elsewhere = opened(cast, "Проектор мигает", desk=cast.other_desk)
    Ticket.objects.filter(pk=elsewhere.pk).update(updated_at=LATER)
    ticket = opened(cast, "Проектор мигает")
    Ticket.objects.filter(pk=ticket.pk).update(updated_at=LATER)
    by_index = shown(similar_to(cast, ticket))
    monkeypatch.setattr(similar, "LISTED", 4)
    assert shown(similar_to(cast, ticket)) == by_index == [newer.key, older.key]
    monkeypatch.setattr(similar, "NEWEST", 2)  # the request itself is one of them
    assert shown(similar_to(cast, ticket)) == [newer.key]


def test_the_ticket_page_has_them_on_demand(cast: Cast) -> None:
    opened(cast, "Лифт остановился на третьем", person=cast.boris)
    ticket = opened(cast, "Лифт остановился")
    page = page_of(as_(cast.agent).get(f"/browse/{ticket.key}"))
    address = f"/browse/{ticket.key}/similar"
    assert f'hx-get="{address}"' in page and f'<a href="{address}">' in page and "на третьем" not in page
    part = as_(cast.agent).get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part and "на третьем" in part
