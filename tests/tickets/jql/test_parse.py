"""JQL as text: what is parsed, what is refused and where, and that writing reproduces what was parsed."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otklik.tickets.jql.errors import BadJql
from otklik.tickets.jql.parse import DEEPEST, LONGEST, MOST_CONDITIONS, parse
from otklik.tickets.jql.tree import (
    And,
    Call,
    Condition,
    Empty,
    Literal,
    Not,
    Operator,
    Or,
    Part,
    Past,
    Query,
    Sorting,
    Value,
    When,
)  # fmt: skip
from otklik.tickets.jql.write import write

# What was found in filters and scripts of sites of Jira Service Management, and how it is written here.
FROM_JIRA = {
    "": "",
    (
        "project = ACCREDO AND statusCategory != Done AND (assignee is EMPTY OR updated <= -2d)"
        " ORDER BY priority DESC, created ASC"
    ): None,
    'resolution = Unresolved ORDER BY "Time to resolution" ASC': None,
    'status in (Ожидание, "Ответ принят")': None,
    (
        'project="sd911" AND status="Ожидает обработки" AND\n "Группа исполнителей" in (TS_MSK_city_team)'
        ' AND ( NOT ( "Request Type" = "Возврат" AND reporter in (srvusr1cv8, srv_1C_ZUP) ) AND priority != Blocker )'
    ): (
        'project = sd911 AND status = "Ожидает обработки" AND "Группа исполнителей" in (TS_MSK_city_team)'
        ' AND (NOT ("Request Type" = Возврат AND reporter in (srvusr1cv8, srv_1C_ZUP)) AND priority != Blocker)'
    ),
    (
        'resolution != "X" and (resolutiondate is EMPTY OR resolutiondate >= -60m) and labels="ALERT{a="'
        " order by status ASC,resolutiondate DESC"
    ): (
        "resolution != X AND (resolutiondate is EMPTY OR resolutiondate >= -60m) AND"
        ' labels = "ALERT{a=" ORDER BY status ASC, resolutiondate DESC'
    ),
    "cf[10031] = breached()": None,
    'reporter in organizationMembers("Клиника №1")': 'reporter in (organizationMembers("Клиника №1"))',
    "created >= -1w 2d": 'created >= "-1w 2d"',
    "assignee = null or assignee is not null": "assignee is EMPTY OR assignee is not EMPTY",
    "!a=b && c in(1)||d~'x y'": 'NOT a = b AND c in (1) OR d ~ "x y"',
    "a = order": 'a = "order"',
    "status changed from Открыт to Закрыт after -7d": "status changed FROM Открыт TO Закрыт AFTER -7d",
    (
        "status was not in (a, b) during (startOfWeek(-1), now()) by currentUser()"
    ): "status was not in (a, b) DURING (startOfWeek(-1), now()) BY currentUser()",
    'text ~ "\\"не печатает\\""': None,
    "reporter = anna@clinic.test": 'reporter = "anna@clinic.test"',
    "исполнитель = currentUser()": None,
    "status in («В работе», “Ответ принят”,„Done”) and «Группа» ~ „не печатает“": (
        'status in ("В работе", "Ответ принят", Done) AND Группа ~ "не печатает"'
    ),
    r"a = «x\y»": r'a = "x\\y"',
    "labels = «x»y and labels = «x": 'labels = "«x»y" AND labels = "«x"',
}


@pytest.mark.parametrize(("text", "written"), FROM_JIRA.items())
def test_what_sites_of_jira_have_is_read(text: str, written: str | None) -> None:
    assert write(parse(text)) == (text if written is None else written)


# The text, and where it is refused for what.
REFUSED = {
    "a=b c=d": (1, 5, "jql.connection_expected"),
    "(a=b c=d)": (1, 6, "jql.connection_expected"),
    "status": (1, 7, "jql.operator_expected"),
    "status Open": (1, 8, "jql.operator_expected"),
    "a =": (1, 4, "jql.value_expected"),
    "a = b and\n  c in ()": (2, 9, "jql.value_expected"),
    "(a=b": (1, 5, "jql.not_closed"),
    "a in (b": (1, 8, "jql.not_closed"),
    'a = "x': (1, 5, "jql.not_quoted"),
    "a=b)": (1, 4, "jql.not_here"),
    "a = b order by": (1, 15, "jql.order_expected"),
    "a = b and": (1, 10, "jql.condition_expected"),
    ", a=b": (1, 1, "jql.field_expected"),
    "=": (1, 1, "jql.field_expected"),
    "a = b,": (1, 6, "jql.connection_expected"),
    "f(1) = 2": (1, 2, "jql.operator_expected"),
    "a was b during (-1d)": (1, 20, "jql.not_here"),
}


@pytest.mark.parametrize(("text", "refusal"), REFUSED.items())
def test_what_cannot_stand_is_refused_at_its_place(text: str, refusal: tuple[int, int, str]) -> None:
    with pytest.raises(BadJql) as refused:
        parse(text)
    assert (*refused.value.place(text), refused.value.code) == refusal


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a" * (LONGEST + 1), "jql.too_long"),
        (" or ".join(["a=b"] * (MOST_CONDITIONS + 1)), "jql.too_many"),
        ("(" * (DEEPEST + 1) + "a=b" + ")" * (DEEPEST + 1), "jql.too_deep"),
        ("!" * (LONGEST - 3) + "a=b", "jql.too_deep"),
        ("(" * LONGEST, "jql.condition_expected"),
    ],
)
def test_what_is_too_much_is_refused(text: str, code: str) -> None:
    with pytest.raises(BadJql) as refused:
        parse(text)
    assert refused.value.code == code


def test_what_is_just_not_too_much_is_read() -> None:
    assert parse(" or ".join(["a=b"] * MOST_CONDITIONS)).where == Or((Condition(*_AB),) * MOST_CONDITIONS)
    assert parse("(" * DEEPEST + "a=b" + ")" * DEEPEST).where == Condition(*_AB)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (r'a = "\ud83d\ude00"', "😀"),
        (r'a = "x\ud83d"', "x\ufffd"),
        (r"a = '\ude00x'", "\ufffdx"),
        (r'a = "x\u0000"', "x\ufffd"),
        ("a = x\0", "x\ufffd"),
        ("a = x\udcff", "x\ufffd"),  # a byte of a command line that is no UTF-8
    ],
)
def test_what_no_database_can_hold_is_read_as_another_sign(text: str, read: str) -> None:
    assert parse(text).where == Condition(Literal("a"), Operator.IS, (Literal(read),))


_AB = (Literal("a"), Operator.IS, (Literal("b"),))
_WORDS = st.one_of(
    # No text that is read has NUL in it.
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12),
    st.sampled_from(["and", "EMPTY", "cf[10031]", "-1w", "2026-11-29", 'a"b\\', "in", "не", "ORDER", "was", "x y"]),
)
_LITERALS = st.builds(Literal, _WORDS)
_CALLS = st.builds(
    Call, st.sampled_from(["now", "currentUser", "startOfDay"]), st.lists(_LITERALS, max_size=2).map(tuple)
)
_VALUES: st.SearchStrategy[Value] = st.one_of(_LITERALS, _CALLS, st.just(Empty()))
_ONE = [operator for operator in Operator if operator not in (Operator.IN, Operator.NOT_IN)]
_WHENS = st.one_of(
    st.builds(
        When, st.sampled_from(["after", "before", "on", "by", "from", "to"]), st.tuples(st.one_of(_LITERALS, _CALLS))
    ),
    st.builds(When, st.just("during"), st.tuples(_LITERALS, _CALLS)),
)
_WHEN_LISTS = st.lists(_WHENS, max_size=2).map(tuple)
_CONDITIONS: st.SearchStrategy[Part] = st.one_of(
    st.builds(Condition, _LITERALS, st.sampled_from(_ONE), st.tuples(_VALUES)),
    st.builds(
        Condition,
        _LITERALS,
        st.sampled_from([Operator.IN, Operator.NOT_IN]),
        st.lists(_VALUES, min_size=1, max_size=3).map(tuple),
    ),
    st.builds(Past, _LITERALS, st.none(), whens=_WHEN_LISTS),
    st.builds(Past, _LITERALS, st.tuples(_VALUES), st.booleans(), whens=_WHEN_LISTS),
    st.builds(
        Past,
        _LITERALS,
        st.lists(_VALUES, min_size=1, max_size=3).map(tuple),
        st.booleans(),
        st.just(True),
        _WHEN_LISTS,
    ),
)
_PARTS = st.recursive(
    _CONDITIONS,
    lambda parts: st.one_of(
        st.builds(Not, parts),
        st.builds(And, st.lists(parts, min_size=2, max_size=3).map(tuple)),
        st.builds(Or, st.lists(parts, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)
_QUERIES = st.builds(
    Query,
    st.none() | _PARTS,
    st.lists(st.builds(Sorting, _LITERALS, st.sampled_from([None, True, False])), max_size=3).map(tuple),
)


_UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
# Generated ones may be longer or deeper than may be asked.
_TOO_MUCH = ("jql.too_long", "jql.too_deep", "jql.too_many")


@_UNHURRIED
@given(_QUERIES)
def test_what_is_written_is_read_as_the_same(query: Query) -> None:
    text = write(query)
    read, refused = _read(text)
    assert read == query or (refused is not None and refused.code in _TOO_MUCH)


_SIGNS = "()\"'\\=!<>~,&|-+[]\n \0"
_PIECES = st.sampled_from(
    [*_SIGNS, *"and or not in is empty order by status x 1w 2d was changed after during f( ё".split()]
)


@_UNHURRIED
@given(st.one_of(st.text(max_size=60), st.lists(_PIECES, max_size=25).map(" ".join)))
def test_any_text_gives_a_tree_or_a_sentence(text: str) -> None:
    read, refused = _read(text)
    if refused is None:
        assert read is not None and parse(write(read)) == read
    else:
        line, character = refused.place(text)
        assert str(refused) and 1 <= line <= text.count("\n") + 1 and character >= 1


def _read(text: str) -> tuple[Query | None, BadJql | None]:
    try:
        return parse(text), None
    except BadJql as refused:
        return None, refused
