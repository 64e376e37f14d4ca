"""The search box: operators (ADR 80)."""

import re
from html import unescape

import pytest
from django.utils import timezone

from otklik.people.actor import Actor
from otklik.tickets.commands.comment import comment
from otklik.tickets.content import Words
from otklik.tickets.models import Ticket
from otklik.workspace.pages import search
from tests.cast import START, Cast
from tests.workspace.helpers import as_, page_of
from tests.workspace.test_search import facets_in, keys_in, open_many


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Café закрыто", "café"),
        ("Café закрыто", "cafe\u0301"),
        ("Cafe закрыто", "Café"),
        ("Résumé Müller", "müller résumé"),
        ("Ёлка", "елка"),
        ("Елка", "ёлка"),
        ("Йод", "и\u0306од"),
        ("Налили ½", "½"),
        ("Ура 😀👍🏽", "😀"),
        ("Ура 😀👍🏽", "👍🏽"),
        ("Путь → дом", "→"),
        ("100% брак", "%"),
        ("Ура 😀", "ура 😀"),
    ],
)
@pytest.mark.parametrize("where", ["subject", "message"])
def test_what_is_typed_as_it_is_written_is_found(cast: Cast, written: str, typed: str, where: str) -> None:
    if where == "subject":
        Ticket.objects.filter(pk=cast.ticket.pk).update(subject=written)
    else:
        comment(actor=Actor(cast.agent, "agent"), at=START, ticket=cast.ticket, words=Words(written))
    assert keys_in(page_of(as_(cast.agent).get("/projects/go", {"q": typed}))) == {cast.ticket.key}
    assert keys_in(page_of(as_(cast.agent_elsewhere).get("/projects/go", {"q": typed}))) == set()  # AB-51


def test_signs_alone_are_looked_for_in_what_changed_last_and_the_page_says_so(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_many(cast, 2)
    Ticket.objects.filter(key="ACCREDO-2").update(subject="Ура 😀", updated_at=timezone.now())
    Ticket.objects.filter(key="ACCREDO-3").update(subject="Ура 😀")
    agent = as_(cast.agent)
    page = page_of(agent.get("/projects/go", {"q": "😀"}))
    assert keys_in(page) == {"ACCREDO-2", "ACCREDO-3"} and "<mark>😀</mark>" in page
    assert "не больше 1000" in page.replace("\xa0", " ")
    assert "не больше 1000" not in page_of(agent.get("/projects/go", {"q": "и"})).replace("\xa0", " ")
    assert keys_in(page_of(agent.get("/projects/go", {"q": "😀", "state": "closed"}))) == set()
    monkeypatch.setattr("otklik.tickets.search.signs.LOOKED_INTO", 1)
    assert keys_in(page_of(agent.get("/projects/go", {"q": "😀"}))) == {"ACCREDO-2"}


def test_what_signs_find_is_shown_narrowed_and_paged_like_words(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    open_many(cast, 3)
    Ticket.objects.filter(key="ACCREDO-2").update(subject="Ура 😀", closed_at=timezone.now())
    for key in ("ACCREDO-3", "ACCREDO-4"):
        ticket = Ticket.objects.get(key=key)
        comment(
            actor=Actor(cast.agent, "agent"), at=START, ticket=ticket, words=Words("Слово " * 50 + "<i> → дом 😀 ура")
        )
    agent = as_(cast.agent)
    page = page_of(agent.get("/projects/go", {"q": "😀"}))
    assert keys_in(page) == {"ACCREDO-2", "ACCREDO-3", "ACCREDO-4"}
    assert "<mark>😀</mark> ура" in page and "&lt;i&gt; → дом" in page and "Слово " * 30 not in page
    facets = facets_in(page)
    assert {label: count for label, (count, _url) in facets["Состояние"].items()} == {"открытые": "2", "закрытые": "1"}
    assert keys_in(page_of(agent.get(facets["Состояние"]["открытые"][1]))) == {"ACCREDO-3", "ACCREDO-4"}
    monkeypatch.setattr(search, "FOUND_AT_MOST", 2)
    page = page_of(agent.get("/projects/go", {"q": "😀"}))
    more = re.search(r'href="(/projects/go[^"]+after=[^"]+)"', page)
    assert len(keys_in(page)) == 2 and more is not None
    rest = page_of(agent.get(unescape(more[1])))
    assert keys_in(page) | keys_in(rest) == {"ACCREDO-2", "ACCREDO-3", "ACCREDO-4"} and len(keys_in(rest)) == 1
    assert "Показать ещё" not in rest


def named(cast: Cast, *subjects: str) -> None:
    open_many(cast, len(subjects))
    for number, subject in enumerate(subjects, start=2):
        Ticket.objects.filter(key=f"ACCREDO-{number}").update(subject=subject)


def chips_in(page: str) -> dict[str, str]:
    """Return the page's chips with the address that removes each."""
    found = re.findall(r'chip-words">([^<]+)</span>\s*<a class="chip-out" href="([^"]+)"', page)
    return {words: unescape(url) for words, url in found}


def readings_in(page: str) -> dict[str, str]:
    part = page.partition("found-readings")[2].partition("</p>")[0]
    return {words: unescape(url) for url, words in re.findall(r'<a href="([^"]+)">([^<]+)</a>', part)}


def test_what_must_be_absent_is_told_as_a_chip_that_can_be_taken_away(cast: Cast) -> None:
    named(cast, "Принтер сломан", "Принтер и сканер", "Сканер")
    agent = as_(cast.agent)
    page = page_of(agent.get("/projects/go", {"q": "принтер -сканер"}))
    assert keys_in(page) == {"ACCREDO-2"} and list(chips_in(page)) == ["Без «сканер»"]
    without_it = page_of(agent.get(chips_in(page)["Без «сканер»"]))
    assert keys_in(without_it) == {"ACCREDO-2", "ACCREDO-3"} and not chips_in(without_it)
    assert keys_in(page_of(agent.get(readings_in(page)["Искать «сканер»"]))) == {"ACCREDO-3"}


def test_a_pasted_command_line_is_looked_for_with_its_options(cast: Cast) -> None:
    named(cast, "Набрал rm -rf /tmp", "Набрал rm", "Набрал rf")
    agent = as_(cast.agent)
    page = page_of(agent.get("/projects/go", {"q": "rm -rf"}))
    assert keys_in(page) == {"ACCREDO-2"} and not chips_in(page)
    left_out = page_of(agent.get(readings_in(page)["Исключить «rf»"]))
    assert keys_in(left_out) == {"ACCREDO-3"} and list(chips_in(left_out)) == ["Без «rf»"]


@pytest.mark.parametrize("typed", ["-нет", "-не", "-я", "- нет"])
def test_a_small_word_with_a_minus_does_not_list_everything(cast: Cast, typed: str) -> None:
    named(cast, "Принтер", "Нет связи", "Не печатает")
    page = page_of(as_(cast.agent).get("/projects/go", {"q": typed}))
    assert "ACCREDO-2" not in keys_in(page) and not chips_in(page)
