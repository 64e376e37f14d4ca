"""Groups of conditions as chips: added, changed and removed without typing JQL."""

import html
import re
from typing import Any

import pytest

from tests.cast import Cast, as_
from tests.workspace.test_chips import applied, chips

EITHER = "project = ACCREDO AND (assignee is EMPTY OR updated <= -2d)"


def taken_out(cast: Cast, jql: str, place: str) -> str:
    answer = as_(cast.agent).get("/issues/chip", {"jql": jql, "out": place}, follow=True)
    return str(answer.context["page"].jql)


@pytest.mark.parametrize(
    ("jql", "data", "expected"),
    [
        # a second condition beside one, in brackets where others must hold
        ("assignee is EMPTY", {"chip": "0-new"}, "assignee is EMPTY OR updated <= -2d"),
        ("project = ACCREDO AND assignee is EMPTY", {"chip": "1-new"}, EITHER),
        (
            "project = ACCREDO AND assignee is EMPTY",
            {"chip": "new"},
            "project = ACCREDO AND assignee is EMPTY AND updated <= -2d",
        ),
        # one more in a group
        (
            f"{EITHER} ORDER BY key",
            {"chip": "1-new"},
            "project = ACCREDO AND (assignee is EMPTY OR updated <= -2d OR updated <= -2d) ORDER BY key",
        ),
        ("assignee is EMPTY OR labels = a", {"chip": "0-new"}, "assignee is EMPTY OR labels = a OR updated <= -2d"),
        # brackets within brackets
        (
            "assignee is EMPTY OR labels = a",
            {"chip": "0-1-new"},
            "assignee is EMPTY OR labels = a AND updated <= -2d",
        ),
        (
            "assignee is EMPTY OR (labels = a AND status = Open)",
            {"chip": "0-1-new"},
            "assignee is EMPTY OR labels = a AND status = Open AND updated <= -2d",
        ),
        # a span between two days is one condition
        (
            "labels = a AND created >= 2026-11-02 AND created < 2026-11-06 AND status = Open",
            {"chip": "1-new"},
            "labels = a AND (created >= 2026-11-02 AND created < 2026-11-06 OR updated <= -2d) AND status = Open",
        ),
        # beside a text, too
        ("status was Open", {"chip": "0-new"}, "status was Open OR updated <= -2d"),
        # changed where it stands
        (EITHER, {"chip": "1-1"}, "project = ACCREDO AND (assignee is EMPTY OR updated <= -2d)"),
        (
            "labels = a AND (status = Open OR updated <= -9d)",
            {"chip": "1-1"},
            "labels = a AND (status = Open OR updated <= -2d)",
        ),
    ],
)
def test_a_condition_is_put_beside_another(cast: Cast, jql: str, data: dict[str, Any], expected: str) -> None:
    older = {"field": "updated", "how": "older", "older.amount": "2", "older.unit": "d"}
    text = applied(cast, jql, **older, **data)
    assert text == expected and as_(cast.agent).get("/issues/", {"jql": text}).status_code == 200


def test_between_two_days_stays_together_within_a_group(cast: Cast) -> None:
    jql = "labels = a OR created = 2026-11-02"
    days = {"how": "between", "between.day": "02.11.2026", "between.until": "05.11.2026"}
    text = applied(cast, jql, chip="0-1", **days)
    assert text == "labels = a OR created >= 2026-11-02 AND created < 2026-11-06"
    assert chips(cast, text) == ["Метки: a или Создано: 02.11.2026 – 05.11.2026"]
    assert applied(cast, text, chip="0-1", **{**days, "between.until": "04.11.2026"}) == (
        "labels = a OR created >= 2026-11-02 AND created < 2026-11-05"
    )


@pytest.mark.parametrize(
    ("jql", "place", "left"),
    [
        (EITHER, "1-0", "project = ACCREDO AND updated <= -2d"),
        (EITHER, "1", "project = ACCREDO"),
        ("labels = a OR labels = b OR status = Open", "0-1", "labels = a OR status = Open"),
        (
            "project = ACCREDO AND (labels = a OR (status = Open AND due is EMPTY))",
            "1-0",
            "project = ACCREDO AND status = Open AND due is EMPTY",
        ),
        ("labels = a OR (status = Open AND due is EMPTY)", "0-1-0", "labels = a OR due is EMPTY"),
        (
            "labels = a OR (status = Open AND (due is EMPTY OR text ~ x))",
            "0-1-0",
            "labels = a OR due is EMPTY OR text ~ x",
        ),
    ],
)
def test_what_is_left_of_a_group_stands_alone(cast: Cast, jql: str, place: str, left: str) -> None:
    assert taken_out(cast, jql, place) == left


def test_beside_which_one_is_asked_where_there_are_several(cast: Cast) -> None:
    client = as_(cast.agent)
    editor = client.get("/issues/chip", {"jql": EITHER, "chip": "or"}).context["editor"]
    assert [(host.place, host.words) for host in editor.hosts] == [
        ("1-new", "Исполнитель: никто или Обновлено: раньше 2 дней назад"),
        ("0-new", "Служба: Аккредитация"),
    ]
    alone = client.get("/issues/chip", {"jql": "labels = a", "chip": "or"}).context["editor"]
    assert (alone.place, alone.title) == ("0-new", "Метки: a — или какое другое условие") and alone.by_use
    within = client.get("/issues/chip", {"jql": "labels = a OR status = Open", "chip": "0-1-new"}).context["editor"]
    assert within.title == "Статус: Открытый — и какое ещё условие"
    nothing = client.get("/issues/chip", {"jql": "", "chip": "or"})
    assert nothing.status_code == 302


@pytest.mark.parametrize(
    "place", ["0-new", "1-7", "1-0-0", "1--0", "1-new-new", "new-new", "or-new", "order-new", "-new"]
)
def test_a_way_that_leads_nowhere_leads_back(cast: Cast, place: str) -> None:
    jql = "status = 'x" if place == "0-new" else EITHER
    for words in ({"chip": place}, {"out": place}):
        answer = as_(cast.agent).get("/issues/chip", {"jql": jql, **words})
        assert answer.status_code == 302 and answer["Location"].startswith("/issues/?jql=")


@pytest.mark.parametrize(
    ("jql", "data", "goes_to"),
    [
        ("", {"chip": "new"}, "0-new"),
        ("labels = a AND due is EMPTY", {"chip": "1", "field": "due"}, "1-new"),
        ("labels = a", {"chip": "0-new"}, "0-1-new"),
        (EITHER, {"chip": "1-new"}, "1-2-new"),
    ],
)
def test_one_goes_on_from_a_form_to_what_stands_beside_it(
    cast: Cast, jql: str, data: dict[str, Any], goes_to: str
) -> None:
    sent = {"jql": jql, "field": "due", "how": "empty", "further": "1", **data}
    answer = as_(cast.agent).get("/issues/chip", sent, follow=True)
    editor = answer.context["editor"]
    assert editor.place == goes_to and editor.by_use and "due is EMPTY" in editor.jql


def test_a_group_says_which_of_its_conditions_is_a_text(cast: Cast) -> None:
    jql = "assignee is EMPTY OR status was Закрыт"
    page = as_(cast.agent).get("/issues/", {"jql": jql})
    (group,) = page.context["page"].bar.chips
    assert [chip.is_text for chip in group.inside] == [False, True] and not page.context["page"].bar.says_all
    assert "остаются текстом" in page.content.decode()


def test_the_chips_of_a_group_have_no_word_of_the_language(cast: Cast) -> None:
    body = as_(cast.agent).get("/issues/", {"jql": EITHER}).content.decode()
    bar = body[body.index('id="chips"') : body.index('id="chip-editor"')]
    seen = html.unescape(re.sub(r"<[^>]+>", " ", bar))
    assert "Исполнитель: никто" in seen and "или" in seen
    assert not re.search(r"EMPTY|\bOR\b|\bAND\b|assignee|updated|-2d", seen)
