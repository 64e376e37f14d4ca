"""How far a filter's list is counted where words are looked for in each ticket, and that all pages are reached."""

import pytest

from otklik.tickets.jql import words_in
from otklik.workspace.pages import issues
from tests.cast import Cast, as_
from tests.workspace.test_issues import at, more_tickets


@pytest.fixture
def short(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """Seven tickets with a word, pages of two, counted to three."""
    more_tickets(cast, 7)
    for name, value in (("PER_PAGE", 2), ("COUNTED_WORDS", 3), ("COUNTED", 6)):
        monkeypatch.setattr(issues, name, value)
    return cast


def shown(cast: Cast, page: int) -> tuple[list[str], str]:
    made = as_(cast.agent).get(at("summary ~ Принтер ORDER BY key ASC") + f"&page={page}").context["page"]
    return [row.key.partition("-")[2] for row in made.rows], made.pages.total_words


def test_a_common_word_is_counted_less_far_and_every_page_is_there(
    short: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words_in, "is_taken_from_index", lambda *_words, **_places: False)
    assert [shown(short, page) for page in (1, 2, 3)] == [(["2", "3"], "3+"), (["4", "5"], "5+"), (["6", "7"], "6+")]
    monkeypatch.setattr(issues, "COUNTED", 20)
    assert shown(short, 4) == (["8"], "7")
    assert shown(short, 9) == (["2", "3"], "3+"), "beyond an end that nobody counted"


def test_a_rare_word_is_counted_as_ever(short: Cast) -> None:
    assert shown(short, 1) == (["2", "3"], "6+")
