"""The template fragment cache: its key, and when a fragment is rendered again."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy

from otklik.people.models import Person
from otklik.ui import template_fragment_cache
from otklik.ui.template_fragment_cache import Drawn, drawn_once, told_by

MOSCOW = ZoneInfo("Europe/Moscow")
AT = datetime(2026, 11, 30, 11, 5, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    at: datetime | None = None
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Alone:
    name: str


class Kind(StrEnum):
    PUBLIC = "public"


def part(inside: str, values: str = "line=line") -> Template:
    return Template(f"{{% load otklik_ui %}}{{% memo {values} %}}{inside}{{% endmemo %}}")


def drawn(template: Template, **context: object) -> str:
    return str(template.render(Context(context)))


def test_the_same_values_are_drawn_once() -> None:
    calls = []
    for _time in range(3):
        words = drawn_once("here", Line("Анна"), lambda: calls.append(1) or "words")
        assert words == "words" and isinstance(words, SafeString)
    drawn_once("elsewhere", Line("Анна"), lambda: calls.append(1) or "words")
    assert len(calls) == 2


def test_what_each_row_has_in_common_is_told_once_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    told = list[object]()
    monkeypatch.setattr(template_fragment_cache, "told_by", lambda value: told.append(value) or told_by(value))
    inside = (
        "{% memo line=line heads=heads %}{{ line.name }}{% for head in heads %}{{ head }}{% endfor %} {% endmemo %}"
    )
    page = Template("{% load otklik_ui %}{% for line in lines %}" + inside + "{% endfor %}")
    lines, heads = [Line("a"), Line("b"), Line("c")], ["1", "2"]
    assert drawn(page, lines=lines, heads=heads) == "a12 b12 c12 "
    assert told.count(heads) == 1 and [told.count(line) for line in lines] == [1, 1, 1]
    heads.append("3")
    assert drawn(page, lines=lines, heads=heads) == "a123 b123 c123 ", "another page"


def test_what_changed_is_drawn_anew() -> None:
    line = part("{{ line.name }}{% if line.fresh %} new{% endif %}")
    assert drawn(line, line=Line("one")) == "one"
    assert drawn(line, line=Line("two")) == "two"
    assert drawn(line, line=Line("two", fresh=True)) == "two new"


def test_it_sees_the_named_values_alone() -> None:
    """Neither the reader nor their token gets into what others see, whatever the template says."""
    line = part("{{ line.name }}{% if reader %}{{ reader }}{% endif %}{% csrf_token %}")
    assert drawn(line, line=Line("one"), reader="Анна", csrf_token="a" * 64) == "one"
    assert drawn(line, line=Line("one"), reader="Борис", csrf_token="b" * 64) == "one"


def test_each_language_has_its_own() -> None:
    line = part('{% load i18n %}{{ line.name }}: {% translate "Close" %}')
    with translation.override("en"):
        english = drawn(line, line=Line("x"))
    with translation.override("ru"):
        assert drawn(line, line=Line("x")) == "x: Закрыть" != english


def test_each_zone_has_its_own() -> None:
    line = part("{% when line.at %}")
    with timezone.override(MOSCOW):
        moscow = drawn(line, line=Line("x", AT))
    with timezone.override(ZoneInfo("Asia/Vladivostok")):
        assert drawn(line, line=Line("x", AT)) != moscow


def test_today_becomes_yesterday(monkeypatch: pytest.MonkeyPatch) -> None:
    line = part("{% when line.at %}")
    with translation.override("en"), timezone.override(MOSCOW):
        monkeypatch.setattr(timezone, "now", lambda: AT)
        assert ">Today 14:05<" in drawn(line, line=Line("x", AT))
        # Midnight in the reader's zone, not in UTC.
        monkeypatch.setattr(timezone, "now", lambda: AT + timedelta(hours=10))
        assert ">Yesterday 14:05<" in drawn(line, line=Line("x", AT))


def test_equal_words_that_must_be_escaped_are_escaped() -> None:
    line = part("{{ line.name }}")
    assert drawn(line, line=Line(mark_safe("<b>"))) == "<b>"
    assert drawn(line, line=Line("<b>")) == "&lt;b&gt;"


def test_true_is_not_one() -> None:
    number = part("{{ line }}")
    assert drawn(number, line=1) == "1"
    assert drawn(number, line=True) == "True"
    assert told_by([1]) != told_by([True]) != told_by([1.0])
    assert told_by(["a"]) != told_by(("a",))


def test_everything_a_value_holds_is_told() -> None:
    assert told_by([Line("a"), {"b": Alone("c")}, Kind.PUBLIC, None]) == told_by(
        [Line("a"), {"b": Alone("c")}, Kind.PUBLIC, None]
    )
    assert told_by({"a": [Alone("b")]}) != told_by({"a": [Alone("c")]})
    lazy = gettext_lazy("Close")
    assert isinstance(lazy, Promise)
    with translation.override("en"):
        english = told_by(lazy)
    with translation.override("ru"):
        assert told_by(lazy) != english


class Mood:
    """An object that defines its own cache key."""

    def __init__(self, name: str) -> None:
        self.name, self.seen = name, object()

    def told(self) -> str:
        return self.name


def test_what_tells_itself_is_taken_by_its_word() -> None:
    assert told_by([Mood("a")]) == told_by([Mood("a")]) != told_by([Mood("b")])
    assert told_by(Mood("a")) != told_by("a")


def test_what_cannot_be_told_whole_is_refused() -> None:
    with pytest.raises(TypeError, match="Person"):
        told_by([Person(name="Анна")])


def test_memory_is_bounded() -> None:
    kept = Drawn(most=100, longest=40)
    kept.keep("long", SafeString("x" * 41))
    assert kept.get("long") is None
    for number in range(5):
        kept.keep(number, SafeString("x" * 40))
        kept.get(0)
    # The first was asked for all the time, the last has just come.
    assert [number for number in range(5) if kept.get(number)] == [0, 4]
    assert kept.size == 80
    kept.keep(4, SafeString("x" * 10))
    assert kept.size == 50
    kept.clear()
    assert kept.size == 0 and kept.get(4) is None
    assert template_fragment_cache.DRAWN.most <= 3_000_000


@pytest.mark.parametrize("values", ["", "line", "line=line other"])
def test_it_says_what_it_takes(values: str) -> None:
    with pytest.raises(TemplateSyntaxError, match="name=value"):
        part("x", values)


def test_what_stands_apart_is_put_in_each_time() -> None:
    """The fragment is rendered once; numbers and tokens of others are never in it."""
    template_fragment_cache.DRAWN.clear()
    source = "{{ line.name }} {% url 'workspace:ticket' key %} {{ key }}{% csrf_token %}"
    line = part(source, "line=line apart key=key csrf_token=csrf_token")
    first = drawn(line, line=Line("<one>"), key="ACCREDO-1", csrf_token="a" * 64)
    second = drawn(line, line=Line("<one>"), key="OTHER-22", csrf_token="b" * 64)
    hidden = '<input type="hidden" name="csrfmiddlewaretoken" value="{}">'
    assert first == "&lt;one&gt; /browse/ACCREDO-1 ACCREDO-1" + hidden.format("a" * 64)
    assert second == "&lt;one&gt; /browse/OTHER-22 OTHER-22" + hidden.format("b" * 64)
    (kept,) = template_fragment_cache.DRAWN._parts.values()
    assert not {"ACCREDO-1", "a" * 64} & set(kept.replace('"', " ").replace("/", " ").split())


def test_what_stands_apart_is_not_put_into_words_of_people() -> None:
    """The placeholder is unguessable and differs per process; texts that resemble it stay."""
    line = part("{{ line.name }}", "line=line apart key=key")
    assert drawn(line, line=Line(f"M{'0' * 18}-1"), key="ACCREDO-1") == f"M{'0' * 18}-1"


@pytest.mark.parametrize("value", ["<b>", 'a"b', "a b", None, Line("one"), "ключ"])
def test_what_would_have_to_be_escaped_cannot_stand_apart(value: object) -> None:
    with pytest.raises(TypeError, match="key cannot stand apart"):
        drawn(part("{{ key }}", "apart key=key"), key=value)


def test_values_apart_have_marks_of_their_own() -> None:
    both = part("{{ a }} {{ b }} {{ a }}", "apart a=a b=b")
    assert drawn(both, a=1, b="2") == "1 2 1"
    assert isinstance(both.render(Context({"a": 1, "b": 2})), SafeString)
