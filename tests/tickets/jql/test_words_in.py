"""Text searches in JQL give the same with and without the index (ADR 87)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from otklik.people.models import Person
from otklik.tickets.jql import words_in
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.find import find
from otklik.tickets.jql.parse import parse
from otklik.tickets.search import frequency
from otklik.tickets.search.frequency import _Statistics, is_taken_from_index
from tests.cast import NOTE_CANARY, Cast, build_cast
from tests.prepared import module_home as module_home
from tests.tickets.jql.world import NOW, WORDS, World

FIELDS = ("summary", "description", "comment", "text")
TEXTS = [
    *WORDS[:3], "toner cable", "-toner cable", "toner OR badge", '\\"toner cable\\"', "rout*", NOTE_CANARY, "нигде-нет",
]  # fmt: skip


@pytest.fixture(scope="module")
def world(module_home: object) -> World:
    return World(build_cast(), seed=7, count=60)


@pytest.fixture
def cast(world: World, db: None) -> Cast:
    return world.cast


def found(text: str, asker: Asker) -> list[str]:
    return list(find(parse(text), asker).values_list("key", flat=True))


def askers(cast: Cast) -> list[Asker]:
    people: list[Person | None] = [None, cast.anna, cast.agent, cast.agent_elsewhere, cast.admin]
    return [*(Asker(person, NOW) for person in people), Asker(cast.agent, NOW, at_work=True)]


@pytest.mark.parametrize("operator", ["~", "!~"])
@pytest.mark.parametrize("field", FIELDS)
def test_the_index_and_a_look_into_each_find_the_same(
    world: World, cast: Cast, monkeypatch: pytest.MonkeyPatch, field: str, operator: str
) -> None:
    total = 0
    for text in TEXTS:
        condition = f'{field} {operator} "{text}"'
        for asker in askers(cast):
            with monkeypatch.context() as changed:
                changed.setattr(words_in, "is_taken_from_index", lambda *_, **__: True)
                by_index = found(condition, asker)
                changed.setattr(words_in, "MOST", 0)
                given_up = found(condition, asker)
                changed.setattr(words_in, "is_taken_from_index", lambda *_, **__: False)
                looked_into = found(condition, asker)
            assert by_index == given_up == looked_into, (condition, asker)
            total += len(by_index)
    assert total


@pytest.mark.parametrize(("words", "limit"), [("toner", "_ALL_LIMIT"), ("toner cable", "_INDEX_LIMIT")])
def test_an_index_that_takes_too_long_is_given_up(
    world: World, cast: Cast, monkeypatch: pytest.MonkeyPatch, words: str, limit: str
) -> None:
    def slowly(*_: object) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")
        return []

    asker, text = Asker(cast.agent, NOW, at_work=True), f'text ~ "{words}"'
    expected = found(text, asker)
    monkeypatch.setattr(words_in, "has_rare_word", lambda *_, **__: limit == "_ALL_LIMIT")
    monkeypatch.setattr(words_in, limit, timedelta(milliseconds=20))
    monkeypatch.setattr(words_in, "_texts_with", slowly)
    assert found(text, asker) == expected != []


@pytest.mark.parametrize("is_rare", [True, False])
def test_a_rare_word_waits_for_a_disk_that_is_cold_and_common_ones_do_not(
    world: World, cast: Cast, monkeypatch: pytest.MonkeyPatch, is_rare: bool
) -> None:
    def slowly(*_: object) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.2)")
        return [cast.ticket.pk]

    text = 'text ~ "toner cable"'
    expected = found(text, Asker(cast.agent, NOW, at_work=True))
    monkeypatch.setattr(words_in, "has_rare_word", lambda *_, **__: is_rare)
    monkeypatch.setattr(words_in, "_INDEX_LIMIT", timedelta(milliseconds=20))
    monkeypatch.setattr(words_in, "_texts_with", slowly)
    by_index = found(text, Asker(cast.agent, NOW, at_work=True))
    assert by_index == ([cast.ticket.key] if is_rare else expected) and expected != [cast.ticket.key]


def test_all_conditions_of_a_text_together_ask_the_index_for_a_bounded_time(
    world: World, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = list[object]()

    def slowly(*words: object) -> list[int]:
        asked.append(words)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")
        return []

    text = " OR ".join(["text ~ toner"] * 50)
    expected = found(text, Asker(cast.agent, NOW, at_work=True))
    monkeypatch.setattr(words_in, "has_rare_word", lambda *_, **__: False)
    monkeypatch.setattr(words_in, "_INDEX_LIMIT", timedelta(milliseconds=20))
    monkeypatch.setattr(words_in, "_ALL_LIMIT", timedelta(milliseconds=50))
    monkeypatch.setattr(words_in, "_texts_with", slowly)
    assert found(text, Asker(cast.agent, NOW, at_work=True)) == expected != []
    assert 1 <= len(asked) <= 3


def test_ab_51_what_the_index_gives_is_asked_for_the_reader(world: World, cast: Cast) -> None:
    note = f'comment ~ "{NOTE_CANARY}"'
    assert found(note, Asker(cast.agent, NOW)) == found(note, Asker(cast.agent, NOW, at_work=True)) == ["ACCREDO-1"]
    assert found(note, Asker(cast.anna, NOW)) == found(note, Asker(cast.agent_elsewhere, NOW)) == []
    assert found(note, Asker(cast.agent_elsewhere, NOW, at_work=True)) == []


@pytest.mark.parametrize("is_comment", [True, False])
def test_common_words_are_looked_for_in_each_ticket_and_gathered_nowhere(
    world: World, cast: Cast, monkeypatch: pytest.MonkeyPatch, is_comment: bool
) -> None:
    monkeypatch.setattr(words_in, "is_taken_from_index", lambda *_, **__: False)
    with CaptureQueriesContext(connection) as caught:
        found("comment is EMPTY" if is_comment else "text ~ toner", Asker(cast.agent, NOW, at_work=True))
    (said,) = [query["sql"] for query in caught if '"tickets_ticket"."id" DESC' in query["sql"]]
    assert "count(*)" in said and "EXISTS" not in said and "LIMIT 1" in said


MILLION = 1_000_000


@pytest.fixture
def _statistics(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {"принтер": 400_000, "сегодн": 600_000, "договор": 700, "мышк": 90_000}
    subjects = {"принтер": 400_000, "договор": 700, "мышк": 400}
    known = _Statistics(texts=texts, subjects=subjects, tickets=MILLION, read_at=0)
    monkeypatch.setattr(frequency, "_known", lambda: known)


@pytest.mark.usefixtures("_statistics")
@pytest.mark.parametrize(
    ("reading", "in_subjects", "in_messages", "both"),
    [
        (["'принтер'"], False, True, False),
        (["'сегодн'"], True, False, False),
        (["'договор'"], True, True, True),
        (["'мышк'"], True, False, False),
        (["'экскаватор'"], True, True, True),
        (["'с':*"], False, False, False),
        (["'принтер'", "'сегодн'"], True, True, True),
    ],
)
def test_a_word_is_taken_from_the_index_where_it_is_rare(
    reading: list[str], in_subjects: bool, in_messages: bool, both: bool
) -> None:
    assert is_taken_from_index(reading, subjects=True, messages=False) is in_subjects
    assert is_taken_from_index(reading, subjects=False, messages=True) is in_messages
    assert is_taken_from_index(reading, subjects=True, messages=True) is both
