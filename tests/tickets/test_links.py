"""Links between tickets: made by agents, shown at both, undone."""

import re
from datetime import timedelta

import pytest

from otklik.journal.models import Event
from otklik.people.actor import Actor
from otklik.tickets.commands import links
from otklik.tickets.commands.base import UnableToChange
from otklik.tickets.commands.links import add_link
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import Words
from otklik.tickets.models import Change, Ticket, TicketLink
from tests.cast import START, Cast, as_
from tests.refusing import refused_as
from tests.workspace.helpers import page_of, words_said

LATER = START + timedelta(hours=1)
PAGE = "/browse/ACCREDO-1"
HX = {"HX-Request": "true"}


def other(cast: Cast, desk: str = "desk", **more: object) -> Ticket:
    words = {"desk": getattr(cast, desk), "channel": "portal", "subject": "Другой вопрос", "requester": cast.boris}
    return open_ticket(actor=Actor(cast.boris, "portal"), at=START, words=Words("x"), **words, **more)


def by(cast: Cast) -> dict[str, object]:
    return {"actor": Actor(cast.agent, "agent"), "at": LATER}


def link(cast: Cast, second: Ticket, kind: str = "blocks") -> TicketLink:
    return add_link(**by(cast), source=cast.ticket, target=second, kind=kind)


def test_both_tickets_tell_of_a_link_and_keep_a_change(cast: Cast) -> None:
    second = other(cast)
    link(cast, second)
    told = Event.objects.filter(kind="ticket.link_added").order_by("id")
    assert [(one.subject_id, one.data["way"], one.data["other"]) for one in told] == [
        (cast.ticket.pk, "out", second.key), (second.pk, "in", "ACCREDO-1"),
    ]  # fmt: skip
    rows = (
        Change.objects.filter(field__startswith="link:").order_by("id").values_list("ticket", "field", "new", "new_id")
    )
    assert list(rows) == [
        (cast.ticket.pk, "link:blocks:out", second.key, second.pk),
        (second.pk, "link:blocks:in", "ACCREDO-1", cast.ticket.pk),
    ]
    cast.ticket.refresh_from_db()
    assert (cast.ticket.updated_at, cast.ticket.shown_at) == (LATER, START)


def test_links_are_not_without_end(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "MOST_LINKS", 1)
    link(cast, other(cast))
    with pytest.raises(UnableToChange, match="ACCREDO-1"):
        link(cast, other(cast))


def test_neither_end_has_links_without_end(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "MOST_LINKS", 1)
    second = other(cast)
    link(cast, second)
    for source, target in ((other(cast), second), (second, other(cast)), (other(cast), cast.ticket)):
        with refused_as("ticket.too_many_links"):
            add_link(**by(cast), source=source, target=target, kind="causes")
    assert TicketLink.objects.count() == 1


def test_links_of_other_tickets_take_no_room(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "MOST_LINKS", 1)
    add_link(**by(cast), source=other(cast), target=other(cast), kind="causes")
    assert link(cast, other(cast))


def test_mails_that_name_a_ticket_take_no_room_of_its_links(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "MOST_LINKS", 1)
    for _number in range(3):
        other(cast, related=cast.ticket)
    assert link(cast, other(cast))
    with refused_as("ticket.too_many_links"):
        link(cast, other(cast))


def test_mails_that_name_a_ticket_crowd_out_no_link_of_a_person_and_make_its_page_no_longer(cast: Cast) -> None:
    named = [other(cast, related=cast.ticket) for _number in range(60)]
    by_hand = other(cast)
    link(cast, by_hand, "relates")
    page = page_of(as_(cast.agent).get(PAGE))
    shown = [int(number) for number in re.findall(r"Убрать связь с ACCREDO-(\d+)", page)]
    assert shown == [by_hand.number, *(ticket.number for ticket in named[:-11:-1])]


def test_a_ticket_that_came_of_another_is_linked_with_it(cast: Cast) -> None:
    second = other(cast, related=cast.ticket)
    assert list(TicketLink.objects.values_list("source", "target", "kind", "added_by")) == [
        (second.pk, cast.ticket.pk, "relates", None)
    ]


def test_links_are_added_on_a_page_and_seen_at_both_ends(cast: Cast) -> None:
    client, second = as_(cast.agent), other(cast)
    page = page_of(client.get(f"{PAGE}/links"))
    assert '<option value="blocks:in">ждёт решения</option>' in page
    found = page_of(client.post(f"{PAGE}/links", {"ticket": "другой вопрос", "link": "blocks:in"}, headers=HX))
    assert f'name="to" value="{second.key}"' in found and "<html" not in found
    answer = client.post(f"{PAGE}/links", {"ticket": "другой вопрос", "link": "blocks:in", "to": second.key})
    assert answer.headers["Location"] == PAGE
    here, there = page_of(client.get(PAGE)), page_of(client.get(f"/browse/{second.key}"))
    assert "Другой вопрос" in here and ">ждёт решения<" in here and f"ждёт решения {second.key}" in here
    assert "Не открывается протокол" in there and ">блокирует<" in there


def test_a_number_typed_links_at_once_and_words_are_looked_up_first(cast: Cast) -> None:
    client, second = as_(cast.agent), other(cast)
    number = second.key.partition("-")[2]
    assert client.post(f"{PAGE}/links", {"ticket": "вопрос", "link": "relates:out"}).status_code == 422
    assert not TicketLink.objects.exists()
    client.post(f"{PAGE}/links", {"ticket": number, "link": "relates:out"})
    assert TicketLink.objects.get().target == second


@pytest.mark.parametrize("link", ["", "likes:out", "blocks", "blocks:sideways"])
def test_a_link_of_no_kind_is_refused_and_the_words_stay(cast: Cast, link: str) -> None:
    second = other(cast)
    answer = as_(cast.agent).post(f"{PAGE}/links", {"ticket": second.key, "link": link})
    assert answer.status_code == 422 and second.key in page_of(answer) and not TicketLink.objects.exists()


def test_ab_49_another_desks_request_is_neither_found_nor_linked(cast: Cast) -> None:
    client, foreign = as_(cast.admin), other(cast, "other_desk")
    answer = client.post(f"{PAGE}/links", {"ticket": foreign.key, "link": "relates:out", "to": foreign.key})
    assert answer.status_code == 422 and "Другой вопрос" not in page_of(answer) and not TicketLink.objects.exists()


def test_a_link_is_removed_beside_the_ticket_and_taken_back(cast: Cast) -> None:
    client, second = as_(cast.agent), other(cast)
    made = add_link(**by(cast), source=second, target=cast.ticket, kind="causes")
    page = page_of(client.post(f"{PAGE}/links/{made.pk}/remove", headers=HX))
    note = page.split('<div id="saved-links" hx-swap-oob')[1].split("</div>")[0]
    assert f"{second.key} больше не связан." in note and not TicketLink.objects.exists()
    words = {"undo": "1", "link": "causes:in", "ticket": second.key}
    assert all(f'name="{name}" value="{value}"' in note for name, value in words.items())
    client.post(f"{PAGE}/links", words, headers=HX)
    row = TicketLink.objects.get()
    assert (row.source, row.target, row.kind) == (second, cast.ticket, "causes")


def test_an_undoing_that_comes_too_late_says_so(cast: Cast) -> None:
    client = as_(cast.agent)
    words = {"undo": "1", "link": "causes:in", "ticket": "ACCREDO-99"}
    assert "нет такого запроса" in words_said(client.post(f"{PAGE}/links", words))[0]


def test_only_a_link_of_this_ticket_is_removed_here(cast: Cast) -> None:
    made = add_link(**by(cast), source=other(cast), target=other(cast), kind="relates")
    assert as_(cast.agent).post(f"{PAGE}/links/{made.pk}/remove").status_code == 404
    assert TicketLink.objects.exists()


def test_customers_see_no_links(cast: Cast) -> None:
    second = other(cast)
    link(cast, second)
    card = page_of(as_(cast.anna).get(f"/servicedesk/customer/portal/{cast.desk.pk}/ACCREDO-1"))
    assert second.key not in card and "Другой вопрос" not in card and "блокирует" not in card


def test_words_that_find_nothing_are_wrong_and_words_that_find_something_are_not(cast: Cast) -> None:
    other(cast)
    for words, is_wrong in (("несуществующее", True), ("вопрос", False)):
        answer = as_(cast.agent).post(f"{PAGE}/links", {"ticket": words, "link": "relates:out"})
        assert answer.status_code == 422
        assert ('aria-invalid="true"' in page_of(answer)) == is_wrong, words
