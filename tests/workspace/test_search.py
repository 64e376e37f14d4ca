"""The search box: a number opens its ticket at once."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import unquote, urlencode

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from otklik.desks.commands.create import set_role
from otklik.people.actor import Actor, system
from otklik.people.models import Person
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import Words
from otklik.tickets.models import Ticket
from otklik.workspace.pages import search
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


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Пётр Артёмов", "артемов петр"), ("Петр Артемов", "Пётр Артёмов"), ("Пётр Артёмов", "Gtnh Fhntvjd"),
        ("Smith John", "ыьшер"), ("Иванов Алексей Викторович", "Иванов А.В."),
        ("Алексей Викторович Иванов", "А. В. Иванов"),
        ("Иванов Алексей", "иванов а. в."), ("Иванов Ёжи", "Иванов Е."), ("Петров-Водкин Кузьма", "Петров-Водкин К."),
        ("Иванов Алексей Викторович", "Иванов А В"), ("O'Hara Scarlett", "o'hara"), ("Ким И", "Ким И."),
    ],
)  # fmt: skip
def test_people_are_found_however_their_name_is_written(cast: Cast, name: str, words: str) -> None:
    Person.objects.filter(pk=cast.anna.pk).update(name=name)
    assert "ACCREDO-1<" in page_of(as_(cast.agent).get("/projects/go", {"q": words})), words


@pytest.mark.parametrize("words", ["Иванов Б.В.", "Иванов А.С.", "Б. Иванов", "Иванова А.", "Иванов Алексей Петр"])
def test_others_initials_find_nobody(cast: Cast, words: str) -> None:
    Person.objects.filter(pk=cast.anna.pk).update(name="Иванов Алексей Викторович")
    assert "ACCREDO-1<" not in page_of(as_(cast.agent).get("/projects/go", {"q": words})), words


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
    client.get("/projects/go", {"q": "расписание"})  # statistics of words are read now and then
    with CaptureQueriesContext(connection) as few:
        client.get("/projects/go", {"q": "расписание"})
    open_many(cast, 55)
    with CaptureQueriesContext(connection) as many:
        page = page_of(client.get("/projects/go", {"q": "расписание"}))
    assert len(many) == len(few) and page.count("<tr") == 27 and "Показать ещё" in page


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
    assert [page.count("<tr") for page in pages] == [27, 27, 27, 27, 6]
    subjects = sorted((f"ACCREDO-{number}" for number in range(2, 106)), key=lambda key: -int(key[8:]))
    assert shown == [*subjects, "ACCREDO-1"], "the words in the subject come before a newer message with them"
    assert "К лучшим совпадениям" not in pages[0] and "К лучшим совпадениям" in pages[-1]


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
    assert "ACCREDO-2<" in both and "OTHER-1<" in both
    one = page_of(agent.get("/projects/go", {"q": "расписание", "desk": "other"}))
    assert "ACCREDO-2<" not in one and "OTHER-1<" in one
    assert chosen_in(one) == [f"Служба: {cast.other_desk.name}"]
    assert "OTHER-1<" in page_of(agent.get("/projects/go", {"q": "расписание", "state": "open"}))
    assert "OTHER-1<" not in page_of(agent.get("/projects/go", {"q": "расписание", "state": "closed"}))
    assert "OTHER-1<" not in page_of(as_(cast.lead).get("/projects/go", {"q": "расписание", "desk": "OTHER"}))


def chosen_in(page: str) -> list[str]:
    """Return the texts of the chips that narrow the results."""
    return [unescape(words).strip() for words in re.findall(r'<span class="chip-words">(.*?)</span>', page, re.DOTALL)]


def facets_in(page: str) -> dict[str, dict[str, tuple[str, str]]]:
    """Return the page's facets: {field: {value: (count, address)}}."""
    facets = {}
    for part in re.findall(r'<details class="menu found-facet".*?</details>', page, re.DOTALL):
        label = re.search(r"<summary[^>]*>([^<]+)<", part)
        links = r'href="([^"]+)"><span>([^<]+)</span> <span class="found-count">([^<]+)</span>'
        assert label is not None
        facets[label[1].strip()] = {name: (count, unescape(url)) for url, name, count in re.findall(links, part)}
    return facets


def keys_in(page: str) -> set[str]:
    return set(re.findall(r'href="/browse/([A-Z]+-[0-9]+)"', page))


def test_each_facet_narrows_to_as_many_as_it_says(cast: Cast) -> None:
    open_many(cast, 3)
    open_many(cast, 2, "other_desk")
    set_role(actor=system(), at=START, desk=cast.other_desk, person=cast.agent, role="agent")
    Ticket.objects.filter(key__in=["ACCREDO-2", "OTHER-1"]).update(assignee=cast.lead, updated_at=timezone.now())
    done = cast.desk.statuses.filter(category="done")[0]
    Ticket.objects.filter(key="ACCREDO-3").update(closed_at=START, status=done)
    Ticket.objects.filter(key="ACCREDO-4").update(request_type=cast.desk.request_types.all()[0])
    agent = as_(cast.agent)
    page = page_of(agent.get("/projects/go", {"q": "расписание"}))
    facets = facets_in(page)
    assert set(facets) == {"Служба поддержки", "Состояние", "Статус", "Исполнитель", "Тип", "Обновлён"}, set(facets)
    assert facets["Служба поддержки"][cast.desk.name][0] == "3" and facets["Состояние"]["закрытые"][0] == "1"
    assert facets["Исполнитель"]["Никто"][0] == "3" and facets["Исполнитель"][cast.lead.name][0] == "2"
    assert facets["Обновлён"]["Сегодня"][0] == "2"
    for label, values in facets.items():
        for name, (count, address) in values.items():
            narrowed = page_of(agent.get(address))
            assert len(keys_in(narrowed)) == int(count), (label, name, address)
            assert label not in facets_in(narrowed) and chosen_in(narrowed)
            as_filter = re.search(r'class="btn btn-sm" href="(/issues/[^"]+)"', narrowed)
            assert as_filter is not None
            assert keys_in(page_of(agent.get(unescape(as_filter[1])))) == keys_in(narrowed), (label, name)
            without = re.search(r'class="chip-out" href="([^"]+)"', narrowed)
            assert without is not None
            assert keys_in(page_of(agent.get(unescape(without[1])))) == keys_in(page)


@pytest.mark.parametrize(
    ("jql", "words"),
    [
        ("statusCategory != Done", ["Состояние: открытые"]),
        ("statusCategory = Done AND assignee is EMPTY", ["Состояние: закрытые", "Исполнитель: никто"]),
        ("project = ACCREDO AND updated >= -7d", ["Служба: Аккредитация", "Обновлено: за последние 7 дней"]),
        ("created >= 2026-11-02 AND created < 2026-11-06", ["Создано: 02.11.2026 – 05.11.2026"]),
        ("status = Открытый OR assignee is EMPTY", ["Статус: Открытый или Исполнитель: никто"]),
    ],
)
def test_what_was_chosen_stands_there_in_words_and_can_be_taken_back(cast: Cast, jql: str, words: list[str]) -> None:
    agent = as_(cast.agent)
    page = page_of(agent.get("/projects/go", {"q": "расписание", "jql": jql}))
    assert chosen_in(page) == words
    for without in re.findall(r'<a class="chip-out" href="([^"]*)"', page):
        left = chosen_in(page_of(agent.get(unescape(without))))
        assert len(left) == len(words) - 1 and set(left) < set(words)


def test_facets_of_very_many_hits_say_at_least_how_many(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    open_many(cast, 120)
    Ticket.objects.filter(number__lt=12).update(assignee=cast.lead)
    agent = as_(cast.agent)
    facets = facets_in(page_of(agent.get("/projects/go", {"q": "расписание"})))
    assert facets["Исполнитель"]["Никто"][0] == "99+" and facets["Исполнитель"][cast.lead.name][0] == "10"
    monkeypatch.setattr(search, "SAMPLE", 115)
    facets = facets_in(page_of(agent.get("/projects/go", {"q": "расписание"})))
    assert facets["Исполнитель"]["Никто"][0] == "99+" and facets["Исполнитель"][cast.lead.name][0] == "5+"


@pytest.mark.parametrize(
    "typed",
    [
        "протокол", "ПРОТОКОЛЫ", "прото", "запись", "ghjnjrjk", "ghjnj", "сервера", "ошибок", "протокол сервера",
        "не открывается",
        '"протокол комиссии"', '"не открывается протокол"', "протокол -сервер", 'протокол -"нет такого"', "прот* коми*",
        "-протокол", '-"нет сервера" -расписание',
        "анна", "anna@clinic.test", "Анна Петрова", "анна -протокол", "расписание 0", "OR", "not and", "happy", "нет",
        "учётная", "учетной", "123-45-67", "8 (495) 123-45-67", "отчёт_2026.docx",
    ],
)  # fmt: skip
def test_the_words_as_a_filter_find_the_same(cast: Cast, typed: str) -> None:
    open_many(cast, 2)
    for text in (
        "Учётные записи: отчёт_2026.docx, +7 (495) 123-45-67, нет ошибок на happyland and not or",
        "Нет сервера протокола",
    ):
        comment(
            actor=Actor(cast.agent, "agent"), at=START, ticket=Ticket.objects.get(key="ACCREDO-2"), words=Words(text)
        )
    agent = as_(cast.agent)
    page = page_of(agent.get("/projects/go", {"q": typed}))
    as_filter = re.search(r'class="btn btn-sm" href="(/issues/[^"]+)"', page)
    assert as_filter is not None, typed
    response = agent.get(unescape(as_filter[1]))
    assert response.status_code == 200
    assert keys_in(page_of(response)) == keys_in(page), (typed, unquote(as_filter[1]))


@pytest.mark.parametrize("jql", ["assignee =", "nobody ~ x", "project = OTHER", "x" * 3000, 'status = "\\u0000"', "("])
def test_conditions_that_cannot_be_understood_are_told_and_nothing_is_lost(cast: Cast, jql: str) -> None:
    response = as_(cast.agent).get("/projects/go", {"q": "протокол", "jql": jql})
    page = page_of(response)
    assert response.status_code == 422 and 'value="протокол"' in page and "Искать без условий" in page
    assert "ACCREDO-1<" not in page


def test_conditions_that_take_too_long_are_told(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_LIMIT", timedelta(milliseconds=1))
    monkeypatch.setattr(search, "narrowing", lambda *_: RawSQL("pg_sleep(1) IS NOT NULL", (), BooleanField()))
    response = as_(cast.agent).get("/projects/go", {"q": "протокол", "jql": "created >= -1d"})
    assert response.status_code == 422 and "Искать без условий" in page_of(response)


@pytest.mark.parametrize("words", ["протокол", "протокол -протокол"])
def test_words_that_take_too_long_are_told(cast: Cast, monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    def slowly(*_: object) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(1)")
        return []

    monkeypatch.setattr(search, "_LIMIT", timedelta(milliseconds=50))
    monkeypatch.setattr(search, "callers_of", slowly)
    response = as_(cast.agent).get("/projects/go", {"q": words})
    assert response.status_code == 422 and "слишком много времени" in page_of(response)
    assert "Искать без условий" not in page_of(response)


def test_ab_51_conditions_cannot_widen_what_is_found(cast: Cast) -> None:
    for jql in ("project = ACCREDO OR key = ACCREDO-1", "NOT assignee = currentUser()", "key is not EMPTY", ""):
        page = page_of(as_(cast.agent_elsewhere).get("/projects/go", {"q": "протокол", "jql": jql}))
        assert not keys_in(page), jql
    page = page_of(as_(cast.agent).get("/projects/go", {"q": "бегемот", "jql": "key = ACCREDO-1 OR key is not EMPTY"}))
    assert not keys_in(page), "words count, whatever the conditions say"


# Texts of every kind, and such as people, programs and attackers type.
typed_texts = st.text(max_size=60) | st.lists(
    st.sampled_from(['"', "-", "−", "*", "(", "\\", "'", ":*", "&", "|", "!", "<->", "\0", " ", "\u0301", "👍", "ё",
                     "протокол", "принтер", "«", "»", "%", "_", "OR", "NOT", "ACCREDO-1", "14", "\ud83d",
                     "ﬁ", "İ", "ß", "\u202e"]),
    max_size=9,
).map("".join)  # fmt: skip


def test_a_search_answers_whatever_is_typed(cast: Cast) -> None:
    agent = as_(cast.agent)

    @settings(max_examples=150, deadline=None)
    @given(typed_texts, typed_texts | st.sampled_from(["", "status = Открыт", "text ~ протокол"]), st.text(max_size=20))
    def answers(typed: str, jql: str, after: str) -> None:
        words = {"q": typed, "jql": jql, "after": after}
        query = urlencode({name: word.encode("utf-8", "surrogatepass") for name, word in words.items()})
        response = agent.get(f"/projects/go?{query}")
        assert response.status_code in (200, 302, 422), (typed, jql, after)
        as_filter = re.search(r'class="btn btn-sm" href="(/issues/[^"]+)"', response.content.decode())
        if as_filter:
            assert agent.get(unescape(as_filter[1])).status_code == 200, (typed, as_filter[1])

    answers()
