"""Refusals of background actions are stored as codes and shown in any language; older texts stay as they are."""

import pytest
from django.utils import translation

from otklik.core.errors import UnableTo
from otklik.tickets.commands.base import UnableToChange
from otklik.tickets.refusals import NOBODY, TicketRefusal
from otklik.tickets.stored_refusals import stored, translated


def readings(error: UnableTo, most: int = 300) -> tuple[str, str]:
    with translation.override("ru"):
        text = stored(error, most)
        russian = translated(text)
    with translation.override("en"):
        return russian, translated(text)


def test_a_stored_refusal_is_in_the_language_of_whoever_reads_it() -> None:
    russian, english = readings(UnableToChange(TicketRefusal.LABEL_TOO_LONG, most=5, label="50 %"))
    assert russian.startswith("В метке не больше 5 знаков") and "50 %" in russian
    assert english == "A label has at most 5 characters: “50 %…”."


def test_a_term_among_the_values_is_translated_too_and_a_name_is_not() -> None:
    russian, english = readings(UnableToChange(TicketRefusal.VALUE_CHANGED, who="nobody", now=NOBODY))
    assert "(nobody)" in russian and "«не назначен»" in russian
    assert english.startswith("nobody was first: “nobody”")


def test_what_has_no_room_as_a_code_is_cut_words() -> None:
    russian, english = readings(UnableToChange(TicketRefusal.LABEL_TOO_LONG, most=5, label="ы" * 400))
    assert russian == english and len(russian) == 300 and russian.startswith("В метке")


@pytest.mark.parametrize(
    "text", ["", "Заявитель успел написать раньше.", "@anna, see below", "@", "@[]", "@7", '@["ticket.gone", {}]']
)
def test_words_of_older_and_newer_versions_stay(text: str) -> None:
    assert translated(text) == text
