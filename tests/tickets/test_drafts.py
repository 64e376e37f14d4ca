"""Drafts: the newest text wins, nothing is lost, sent ones are removed."""

from datetime import timedelta
from typing import Any

import pytest

from otklik.people.models import Person
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.drafts import Hand, Place, keep_draft, restore_draft, settle_draft, throw_draft
from otklik.tickets.commands.fields import remove_participant
from otklik.tickets.content import Words
from otklik.tickets.drafts import place_of
from otklik.tickets.models import Draft
from tests.acting import by
from tests.cast import START, Cast
from tests.tickets.commands.parts import asked

ONE, OTHER = "one-tab", "other-tab"


@pytest.fixture
def place(cast: Cast) -> Place:
    return Place("comment", cast.ticket.pk, cast.ticket.pk)


def write(cast: Cast, place: Place, text: str, **by: Any) -> Draft:
    words = {"comment": [text]} if text else {}
    return keep_draft(person=cast.anna, at=START, place=place, words=words, files={}, by=Hand(**by))


def send(cast: Cast, place: Place, text: str, **by: Any) -> None:
    settle_draft(person=cast.anna, at=START, place=place, words={"comment": [text]}, by=Hand(**by))


def throw(cast: Cast, place: Place, **by: Any) -> None:
    throw_draft(person=cast.anna, at=START, place=place, words={}, files={}, by=Hand(**by))


def restore(cast: Cast, place: Place, **by: Any) -> None:
    restore_draft(person=cast.anna, at=START, place=place, words={}, files={}, by=Hand(**by))


def kept() -> str:
    row = Draft.objects.first()
    return row.words.get("comment", [""])[0] if row else ""


def former() -> str:
    return str(Draft.objects.get().former.get("words", {}).get("comment", [""])[0])


def test_a_composer_has_one_draft_of_each_person(cast: Cast, place: Place) -> None:
    write(cast, place, "раз")
    write(cast, place, "два")
    keep_draft(person=cast.boris, at=START, place=place, words={"comment": ["его"]}, files={}, by=Hand())
    assert Draft.objects.filter(person=cast.anna).get().words == {"comment": ["два"]}
    assert Draft.objects.filter(person=cast.boris).get().words == {"comment": ["его"]}


def test_what_comes_late_of_one_page_changes_nothing(cast: Cast, place: Place) -> None:
    write(cast, place, "новое", writer=ONE, stamp=7)
    write(cast, place, "старое", writer=ONE, stamp=6)
    write(cast, place, "", writer=ONE, stamp=7)
    assert kept() == "новое"


def test_a_saving_that_arrives_after_the_words_were_sent_keeps_nothing(cast: Cast, place: Place) -> None:
    write(cast, place, "нач", writer=ONE, stamp=5)
    send(cast, place, "начало", writer=ONE, stamp=9, base=1)
    write(cast, place, "начал", writer=ONE, stamp=8)
    write(cast, place, "начало", writer=ONE, stamp=9)
    assert kept() == ""
    write(cast, place, "ещё одно", writer=ONE, stamp=10)
    assert kept() == "ещё одно"


def test_words_sent_before_they_were_ever_kept_do_not_come_back(cast: Cast, place: Place) -> None:
    send(cast, place, "сразу", writer=ONE, stamp=9)
    write(cast, place, "сразу", writer=ONE, stamp=9)
    assert kept() == ""


def test_nothing_is_left_of_what_was_sent_without_scripts(cast: Cast, place: Place) -> None:
    draft = write(cast, place, "слова", writer=ONE)
    send(cast, place, "слова и ещё", writer=OTHER, base=draft.version)
    assert not Draft.objects.exists()


def test_the_newer_words_win_and_the_others_wait_beside_them(cast: Cast, place: Place) -> None:
    write(cast, place, "первое", writer=ONE, stamp=1)
    write(cast, place, "второе", writer=OTHER, stamp=2, base=1)
    assert (kept(), former()) == ("второе", "")
    write(cast, place, "третье", writer=ONE, stamp=3, base=1)
    assert (kept(), former()) == ("третье", "второе")
    restore(cast, place)
    assert (kept(), former()) == ("второе", "третье")


def test_older_words_of_a_browser_are_set_beside_the_newer(cast: Cast, place: Place) -> None:
    write(cast, place, "новое", writer=OTHER, stamp=9)
    words = {"comment": ["старое"]}
    keep_draft(person=cast.anna, at=START, place=place, words=words, files={}, by=Hand(ONE, 3, 0), older=True)
    assert (kept(), former()) == ("новое", "старое")


@pytest.mark.parametrize(("sender", "base", "left"), [(ONE, 0, "второе"), (OTHER, 1, ""), ("third", 2, "")])
def test_only_a_draft_that_the_sender_knew_goes(cast: Cast, place: Place, sender: str, base: int, left: str) -> None:
    write(cast, place, "первое", writer=ONE, stamp=1)
    write(cast, place, "второе", writer=OTHER, stamp=2, base=1)
    send(cast, place, "отправлено", writer=sender, stamp=3, base=base)
    assert kept() == left


def test_the_same_words_sent_from_another_place_are_gone(cast: Cast, place: Place) -> None:
    write(cast, place, "слова", writer=OTHER, stamp=2)
    send(cast, place, "слова", writer=ONE, stamp=3)
    assert kept() == ""


def test_words_that_were_replaced_by_what_was_sent_come_back(cast: Cast, place: Place) -> None:
    write(cast, place, "второе", writer=OTHER, stamp=2)
    write(cast, place, "первое", writer=ONE, stamp=3)
    send(cast, place, "первое", writer=ONE, stamp=3)
    assert kept() == "второе"


def test_what_is_thrown_away_can_be_brought_back_until_something_is_sent(cast: Cast, place: Place) -> None:
    write(cast, place, "слова", writer=ONE, stamp=1)
    throw(cast, place, writer=ONE, stamp=1)
    assert (kept(), former()) == ("", "слова")
    restore(cast, place, writer=OTHER)
    assert kept() == "слова"
    throw(cast, place, writer=OTHER)
    send(cast, place, "иное", writer=OTHER)
    assert not Draft.objects.exists()


def test_too_many_words_leave_those_that_fit(cast: Cast, place: Place) -> None:
    words = {"comment": ["а" * 200_000], "other": ["б" * 200_000]}
    row = keep_draft(person=cast.anna, at=START + timedelta(1), place=place, words=words, files={}, by=Hand())
    assert list(row.words) == ["comment"]


def test_older_words_of_a_browser_are_set_beside_nothing(cast: Cast, place: Place) -> None:
    """Something new is already being typed on the page and reaches the server a moment later."""
    words = {"comment": ["старое"]}
    keep_draft(person=cast.anna, at=START, place=place, words=words, files={}, by=Hand(ONE, 3, 0), older=True)
    assert (kept(), former()) == ("", "старое")
    write(cast, place, "новое", writer=OTHER, stamp=9, base=1)
    assert (kept(), former()) == ("новое", "старое")


@pytest.mark.parametrize("text", ["", "я" * 300_001])
def test_older_words_that_are_none_or_too_many_leave_the_former_ones(cast: Cast, place: Place, text: str) -> None:
    write(cast, place, "раз", writer=ONE, stamp=1)
    throw(cast, place, writer=ONE, stamp=2)
    write(cast, place, "два", writer=ONE, stamp=3)
    words = {"comment": [text]} if text else {}
    keep_draft(person=cast.anna, at=START, place=place, words=words, files={}, by=Hand(OTHER, 3, 0), older=True)
    assert (kept(), former()) == ("два", "раз")


def test_ab_44_words_are_kept_only_at_composers_whose_page_one_may_open(cast: Cast) -> None:
    written = comment(**by(cast.boris, "portal"), ticket=cast.ticket, words=Words("Тоже не вижу"))
    approval = asked(cast, cast.stranger)
    people = [cast.anna, cast.boris, cast.stranger, cast.agent, cast.agent_elsewhere]

    def open_to(place: str) -> list[Person]:
        return [person for person in people if place_of(person, place) is not None]

    on_it = [cast.anna, cast.boris, cast.stranger, cast.agent]
    for kind in ("comment", "rating"):
        assert open_to(f"{kind}:{cast.ticket.pk}") == on_it, kind
    for kind in ("reply", "note", "question"):
        assert open_to(f"{kind}:{cast.ticket.pk}") == [cast.agent], kind
    assert open_to(f"forward:{written.pk}") == [cast.agent]
    assert open_to(f"edit:{written.pk}") == [cast.boris]
    assert open_to(f"approval:{approval.pk}") == [cast.stranger]
    assert open_to(f"call:{cast.desk.pk}") == [cast.agent]
    remove_participant(**by(cast.agent), ticket=cast.ticket, person=cast.boris)
    assert open_to(f"edit:{written.pk}") == []
    assert open_to("comment:999999") == open_to("strange:1") == open_to("comment:x") == []
