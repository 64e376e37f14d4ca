"""Due date and labels beside a ticket."""

import re
from datetime import date

import pytest

from otklik.people.actor import system
from otklik.tickets.commands.properties import change_labels
from otklik.tickets.models import Ticket
from tests.cast import START, Cast
from tests.workspace.helpers import as_, page_of, words_said

HX = {"HX-Request": "true"}
PAGE = "/browse/ACCREDO-1"


def stands(cast: Cast) -> Ticket:
    cast.ticket.refresh_from_db()
    return cast.ticket


def note_of(page: str, place: str) -> str:
    return page.split(f'<div id="saved-{place}" hx-swap-oob')[1].split("</div>")[0]


def undo_in(note: str) -> dict[str, str]:
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', note))


def test_a_due_date_is_set_beside_the_ticket_and_taken_back(cast: Cast) -> None:
    client = as_(cast.agent)
    page = page_of(client.post(f"{PAGE}/due", {"due": "31.12.2026", "before": ""}, headers=HX))
    note = note_of(page, "due")
    assert stands(cast).due == date(2026, 12, 31) and "Срок: 31.12.2026." in note
    assert "Срок" in page and "— → 31.12.2026" in page
    note = note_of(page_of(client.post(f"{PAGE}/due", undo_in(note), headers=HX)), "due")
    assert stands(cast).due is None and "Срока нет." in note and "Отменить" not in note


@pytest.mark.parametrize("day", ["31.02.2026", "завтра", "9" * 30, "2026-13-01"])
def test_what_is_no_day_changes_nothing_and_is_said_again(cast: Cast, day: str) -> None:
    client = as_(cast.agent)
    client.post(f"{PAGE}/due", {"due": "2026-12-31"})
    (said,) = words_said(client.post(f"{PAGE}/due", {"due": day}))[-1:]
    assert "Это не дата." in said and day in said and stands(cast).due == date(2026, 12, 31)


def test_what_is_late_is_marked_while_it_is_open(cast: Cast) -> None:
    client = as_(cast.agent)
    client.post(f"{PAGE}/due", {"due": "01.01.2020"})
    assert "badge-due" in page_of(client.get(PAGE))
    close = cast.desk.transitions.get(name="Закрыть")
    client.post(f"{PAGE}/transition/{close.pk}")
    assert "badge-due" not in page_of(client.get(PAGE))


def test_a_label_with_a_comma_from_elsewhere_stays_whole(cast: Cast) -> None:
    change_labels(actor=system(), at=START, ticket=cast.ticket, labels=["касса,ККТ", "vip"])
    client, act = as_(cast.agent), f"{PAGE}/labels"
    client.post(act, {"labels": "vip касса,ККТ новая,срочно", "before": "vip касса,ККТ"}, headers=HX)
    assert stands(cast).labels == ["vip", "касса,ККТ", "новая", "срочно"]
    client.post(act, {"labels": "vip", "before": " ".join(stands(cast).labels)}, headers=HX)
    client.post(act, {"labels": "vip касса,ККТ", "before": "vip", "undo": "1"}, headers=HX)
    assert stands(cast).labels == ["vip", "касса,ККТ"]


def test_how_labels_are_parted_is_said_at_the_field(cast: Cast) -> None:
    assert "через пробел или запятую" in as_(cast.agent).get(PAGE).content.decode()


def test_labels_are_words_and_come_back(cast: Cast) -> None:
    client = as_(cast.agent)
    page = page_of(client.post(f"{PAGE}/labels", {"labels": " vip, ККТ; vip\tсрочно ", "before": ""}, headers=HX))
    note = note_of(page, "labels")
    assert stands(cast).labels == ["vip", "ККТ", "срочно"] and "Метки: vip, ККТ, срочно." in note
    assert 'value="vip ККТ срочно"' in page
    page = page_of(client.post(f"{PAGE}/labels", undo_in(note), headers=HX))
    assert stands(cast).labels == [] and "Меток нет." in note_of(page, "labels")


def test_a_label_too_long_is_refused_and_said_again(cast: Cast) -> None:
    client, long = as_(cast.agent), "д" * 256
    (said,) = words_said(client.post(f"{PAGE}/labels", {"labels": f"vip {long}"}))
    assert "255" in said and long in said and stands(cast).labels == []


def test_rl_34_labels_chosen_meanwhile_are_not_overwritten(cast: Cast) -> None:
    as_(cast.lead).post(f"{PAGE}/labels", {"labels": "vip", "before": ""})
    assert "Лидия" in words_said(as_(cast.agent).post(f"{PAGE}/labels", {"labels": "a", "before": ""}))[0]
    assert stands(cast).labels == ["vip"]


def test_an_english_reader_reads_the_day_in_their_way(cast: Cast) -> None:
    cast.agent.language = "en"
    cast.agent.save()
    client = as_(cast.agent)
    client.post(f"{PAGE}/due", {"due": "2026-12-31"})
    page = page_of(client.get(PAGE))
    assert re.search(r'name="due"[^>]* value="2026-12-31"', page) and "— → 2026-12-31" in page and "Due date" in page


def test_customers_see_neither_due_date_nor_labels(cast: Cast) -> None:
    client = as_(cast.agent)
    client.post(f"{PAGE}/due", {"due": "31.12.2026"})
    client.post(f"{PAGE}/labels", {"labels": "скандалист"})
    card = page_of(as_(cast.anna).get(f"/servicedesk/customer/portal/{cast.desk.pk}/ACCREDO-1"))
    assert "скандалист" not in card and "31.12.2026" not in card
