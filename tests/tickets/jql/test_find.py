"""JQL finds the tickets for which each condition holds one by one (`slowly`)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.find import find
from otklik.tickets.jql.parse import parse
from otklik.tickets.jql.tree import And, Condition, Empty, Literal, Not, Operator, Or, Part, Past, Query, When
from otklik.tickets.jql.write import write
from tests.cast import Cast, build_cast
from tests.prepared import module_home as module_home
from tests.tickets.jql.slowly import LEVELS, VALUES, meant
from tests.tickets.jql.world import LABELS, NOW, WORDS, World
from tests.today import DAY

STATUSES = ["Открытый", "В работе", "Ожидание ответа заявителя", "Закрыт"]
_MAILS = ["anna@clinic.test", "boris@clinic.test", "stranger@elsewhere.test", "agent@desk.test", "lead@desk.test"]
_DAYS = [f"2026-11-{day:02}" for day in range(1, 25)]
_TEXTS = [*WORDS, "toner cable", "badge camera router"]
_EQUAL = (Operator.IS, Operator.IS_NOT, Operator.IN, Operator.NOT_IN)
_ORDERED = (Operator.LESS, Operator.AT_MOST, Operator.MORE, Operator.AT_LEAST)
_SAID = (Operator.CONTAINS, Operator.CONTAINS_NOT)
# Values to ask for, and by which operators.
ASKED: dict[str, tuple[list[str], tuple[Operator, ...]]] = {
    "project": (["ACCREDO", "OTHER"], _EQUAL),
    "key": (["ACCREDO-101", "ACCREDO-140", "OTHER-104"], _EQUAL),
    "status": (STATUSES, _EQUAL),
    "statusCategory": (["new", "in progress", "done"], _EQUAL),
    "resolution": (["Готово", "Не будет сделано"], _EQUAL),
    "priority": (list(LEVELS), _EQUAL + _ORDERED),
    "request type": (["Ошибка", "Обращение"], _EQUAL),
    **dict.fromkeys(("assignee", "reporter", "creator", "participants"), (_MAILS, _EQUAL)),
    "organizations": (["Клиника №1"], _EQUAL),
    **dict.fromkeys(
        ("created", "updated", "resolved", "due", "satisfaction date", "Visit"), (_DAYS, _EQUAL + _ORDERED)
    ),
    "labels": (LABELS, _EQUAL),
    "channel": (["mail", "portal", "phone"], _EQUAL),
    "request language": (["ru", "en"], _EQUAL),
    "watchers": (_MAILS, _EQUAL),
    "sender": (["verified", "unverified"], _EQUAL),
    "attachments": ([], _EQUAL),
    "satisfaction": (["1", "3", "5"], _EQUAL + _ORDERED),
    **dict.fromkeys(("summary", "description", "comment", "text"), (_TEXTS, _SAID)),
    "Seats": (["1", "2.5", "40"], _EQUAL + _ORDERED),
    "Device": (WORDS, _SAID),
    "Branch": (["North", "South"], _EQUAL),
}


def test_every_field_is_asked() -> None:
    assert set(ASKED) == set(VALUES)


@pytest.fixture(scope="module")
def world(module_home: object) -> World:
    return World(build_cast(), seed=DAY)


@pytest.fixture
def cast(world: World, db: None) -> Cast:
    return world.cast


def _conditions() -> st.SearchStrategy[Part]:
    return st.sampled_from(sorted(ASKED)).flatmap(_condition)


def _condition(name: str) -> st.SearchStrategy[Part]:
    words, operators = ASKED[name]
    value = st.builds(Literal, st.sampled_from(words)) if words else st.nothing()
    one = [operator for operator in operators if operator not in (Operator.IN, Operator.NOT_IN)] if words else []
    several = st.lists(st.one_of(value, st.just(Empty())), min_size=1, max_size=3).map(tuple)
    kinds = [
        st.builds(Condition, st.just(Literal(name)), st.sampled_from(_EQUAL[:2]), st.just((Empty(),))),
        *([st.builds(Condition, st.just(Literal(name)), st.sampled_from(one), st.tuples(value))] if one else []),
        *(
            [st.builds(Condition, st.just(Literal(name)), st.sampled_from(_EQUAL[2:]), several)]
            if words and Operator.IN in operators
            else []
        ),
    ]
    return st.one_of(kinds)


_DAY = st.builds(Literal, st.sampled_from(_DAYS))
_STATUS = st.builds(Literal, st.sampled_from(STATUSES))
_WHEN = st.one_of(
    st.builds(When, st.sampled_from(["after", "before", "on"]), st.tuples(_DAY)),
    st.builds(When, st.just("by"), st.tuples(st.builds(Literal, st.sampled_from(_MAILS[3:])))),
)
_WHENS = st.one_of(st.just(()), st.tuples(_WHEN))
_ENDS = st.builds(When, st.sampled_from(["from", "to"]), st.tuples(_STATUS))
_PAST: st.SearchStrategy[Part] = st.one_of(
    st.builds(Past, st.just(Literal("status")), st.tuples(_STATUS), st.booleans(), whens=_WHENS),
    st.builds(Past, st.just(Literal("status")), st.tuples(_STATUS, _STATUS), st.booleans(), st.just(True), _WHENS),
    st.builds(Past, st.just(Literal("status")), st.none(), whens=st.one_of(_WHENS, st.tuples(_ENDS, _WHEN))),
)
_PARTS = st.recursive(
    st.one_of(_conditions(), _conditions(), _PAST),
    lambda parts: st.one_of(
        st.builds(Not, parts),
        st.builds(And, st.lists(parts, min_size=2, max_size=3).map(tuple)),
        st.builds(Or, st.lists(parts, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=5,
)


def found(world: World, text: str) -> set[str]:
    return set(find(parse(text), Asker(None, NOW)).values_list("key", flat=True)) & set(world.facts)


def compare(world: World, part: Part) -> None:
    expected = {key for key, facts in world.facts.items() if meant(part, facts) is True}
    assert found(world, write(Query(part))) == expected, write(Query(part))


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(part=_PARTS)
def test_what_is_found_is_what_is_meant(world: World, cast: Cast, part: Part) -> None:
    compare(world, part)


@pytest.mark.parametrize("name", sorted(ASKED))
def test_each_operator_of_a_field_and_its_opposite(world: World, cast: Cast, name: str) -> None:
    words, operators = ASKED[name]
    for operator in operators if words else ():
        for word in words[:3]:
            condition = Condition(Literal(name), operator, (Literal(word),))
            compare(world, condition)
            compare(world, Not(condition))
    for operator in _EQUAL[:2]:
        compare(world, Condition(Literal(name), operator, (Empty(),)))


def test_keys_of_one_desk_stand_together(cast: Cast) -> None:
    def keys(**options: object) -> list[str]:
        asker = Asker(**{"person": None, "at": NOW, **options})  # type: ignore[arg-type]
        text = "key is not EMPTY ORDER BY key"
        return list(find(parse(text), asker).values_list("key", flat=True))

    def place(key: str) -> tuple[str, int]:
        desk, _dash, number = key.partition("-")
        return desk, int(number)

    everything = keys()
    assert everything == sorted(everything, key=place, reverse=True)
    assert {key.partition("-")[0] for key in everything} == {"ACCREDO", "OTHER"}
    mine = keys(person=cast.agent, at_work=True)
    assert mine == [key for key in everything if key.startswith("ACCREDO")]
    with CaptureQueriesContext(connection) as caught:
        keys(person=cast.agent, at_work=True)
    # Of one desk the index alone sorts.
    assert "JOIN" not in caught[-1]["sql"]
