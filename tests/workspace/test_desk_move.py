"""Moving a ticket to another desk by its page: preview, result, undo."""

import re
from html import unescape

import pytest

from otklik.desks.commands.create import set_role
from otklik.journal.models import Event
from otklik.mail.models import OutboundMail
from otklik.people.actor import system
from otklik.tickets.commands.fields import assign, change_priority
from otklik.tickets.commands.links import add_link, remove_link
from otklik.tickets.commands.move import move_ticket
from otklik.tickets.models import Ticket, TicketLink
from otklik.worker.dispatch import dispatch_next
from tests.acting import by
from tests.cast import START, Cast, as_
from tests.meanwhile import meanwhile
from tests.tickets.bulk.parts import more_tickets
from tests.tickets.commands.parts import asked, waiting_reply
from tests.workspace.helpers import page_of
from tests.workspace.test_undo_offer import taken_back

TICKET, MOVE = "/browse/ACCREDO-1", "/browse/ACCREDO-1/move"


@pytest.fixture
def both(cast: Cast) -> Cast:
    """Return the cast, with the agent working at both desks."""
    set_role(actor=system("cli"), at=START, desk=cast.other_desk, person=cast.agent, role="agent")
    return cast


def words(page: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page)))


def form(cast: Cast, **more: str) -> dict[str, str]:
    """Return what the page sends."""
    kind = cast.other_desk.request_types.order_by("position")[0]
    return {"desk": str(cast.other_desk.pk), "before": str(cast.desk.pk), "request_type": str(kind.pk), **more}


def test_who_works_at_one_desk_is_offered_nothing(cast: Cast) -> None:
    assert MOVE not in page_of(as_(cast.agent).get(TICKET))
    page = page_of(as_(cast.agent).get(MOVE))
    assert "Другой службы нет" in page and "Другая служба" not in page


def test_the_page_says_what_will_happen(both: Cast, home: object) -> None:
    assign(**by(both.lead), ticket=both.ticket, assignee=both.lead)
    waiting_reply(both)
    agent = as_(both.agent)
    assert "Перенести в другую службу…" in page_of(agent.get(TICKET))
    told = words(page_of(agent.get(MOVE)))
    for sentence in (
        "Запрос получит следующий номер службы OTHER",
        "увидят 2 сотрудника службы «Другая служба»",
        "1 сотрудник службы «Аккредитация» больше не увидит его",
        "Исполнителя не будет: Лидия Главная там не работает",
        "Ответы, которые ждут отправки",
        "Письма об этом им не придёт",
    ):
        assert sentence in told, sentence
    part = page_of(agent.get(MOVE, {"desk": str(both.other_desk.pk)}, headers={"HX-Request": "true"}))
    assert part.lstrip().startswith('<div id="move-plan"') and "<html" not in part
    assert re.search(r'name="csrfmiddlewaretoken" value="\w{20,}"', part)


def test_it_is_moved_and_one_click_takes_it_back(both: Cast, home: object) -> None:
    assign(**by(both.lead), ticket=both.ticket, assignee=both.lead)
    agent = as_(both.agent)
    response = agent.post(MOVE, form(both))
    assert (response.status_code, response["Location"]) == (302, "/browse/OTHER-1")
    page = page_of(agent.get(response["Location"]))
    assert "вместо ACCREDO-1 теперь OTHER-1" in page and "Вернуть" in page
    assert Ticket.objects.get(pk=both.ticket.pk).desk == both.other_desk
    assert taken_back(agent, page)["Location"] == "/browse/ACCREDO-1"
    ticket = Ticket.objects.get(pk=both.ticket.pk)
    assert (ticket.key, ticket.desk, ticket.assignee) == ("ACCREDO-1", both.desk, both.lead)
    assert ticket.request_type_id == both.ticket.request_type_id
    assert "undo-line" not in page_of(agent.get(TICKET))


def test_what_was_done_since_goes_along_when_it_is_taken_back(both: Cast, home: object) -> None:
    agent = as_(both.agent)
    page = page_of(agent.get(agent.post(MOVE, form(both))["Location"]))
    ticket = Ticket.objects.get(pk=both.ticket.pk)
    high = both.other_desk.priorities.get(name="Высокий")
    change_priority(**by(both.agent_elsewhere), ticket=ticket, priority=high)
    taken_back(agent, page)
    ticket.refresh_from_db()
    assert (ticket.key, ticket.priority.name) == ("ACCREDO-1", "Высокий")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"request_type": ""}, "Выберите тип"),
        ({"desk": "999999"}, "Переносить запросы можно только между службами"),
        ({"stood": "x"}, "больше нет"),
    ],
)
def test_what_cannot_be_done_says_why_and_moves_nothing(both: Cast, more: dict[str, str], said: str) -> None:
    response = as_(both.agent).post(MOVE, form(both, **more))
    assert response.status_code == 422 and said in words(page_of(response))
    assert Ticket.objects.get(pk=both.ticket.pk).key == "ACCREDO-1"


def test_an_approval_that_is_waited_for_is_named_before(both: Cast) -> None:
    asked(both)
    page = page_of(as_(both.agent).get(MOVE))
    assert "По запросу ждут согласования" in page and 'name="request_type"' not in page


def test_a_type_that_asks_for_an_approval_says_so_before(both: Cast, home: object) -> None:
    first, second = both.other_desk.request_types.order_by("position")[:2]
    second.approval_rule = "one"
    second.save()
    second.approvers.set([both.stranger])
    asks = f"согласование спросит сам; письмо получит: {both.stranger.display_name}"
    page = words(page_of(as_(both.agent).get(MOVE, {"request_type": str(first.pk)})))
    assert f"{second.name} (спросит согласование)" in page and f"{first.name} (спросит" not in page
    assert asks not in page
    part = as_(both.agent).get(
        MOVE, {"request_type": str(second.pk), "desk": str(both.other_desk.pk)}, headers={"HX-Request": "true"}
    )
    assert asks in words(page_of(part)) and f'value="{second.pk}" selected' in page_of(part)


def test_nobody_is_told_of_a_move_that_is_taken_back_at_once(both: Cast, home: object) -> None:
    for desk in (both.desk, both.other_desk):
        desk.mail_switches = {"moved": True}
        desk.save()
    mails_of_events()
    agent = as_(both.agent)
    page = page_of(agent.get(agent.post(MOVE, form(both))["Location"]))
    told = Event.objects.filter(kind="ticket.moved").get()
    assert told.dispatched_at is None and told.not_before is not None and told.not_before > told.at
    taken_back(agent, page)
    told.refresh_from_db()
    assert told.dispatched_at is not None
    assert mails_of_events() == set()
    agent.post(MOVE, form(both))
    Event.objects.filter(kind="ticket.moved", dispatched_at=None).update(not_before=START)
    assert "moved" in mails_of_events()
    # Now that people know of the move they are told that it was taken back.
    taken_back(agent, page_of(agent.get("/browse/OTHER-1")))
    assert "moved" in mails_of_events()


def mails_of_events() -> set[str]:
    """Dispatch all events; return the kinds of the new mails."""
    known = set(OutboundMail.objects.values_list("pk", flat=True))
    while dispatch_next():
        pass
    return set(OutboundMail.objects.exclude(pk__in=known).values_list("kind", flat=True))


def test_what_stood_is_read_under_the_lock(people: Cast, home: object) -> None:
    """An undo restores what a colleague changed between the page and the move."""
    set_role(actor=system("cli"), at=START, desk=people.other_desk, person=people.agent, role="agent")
    agent, high = as_(people.agent), people.desk.priorities.get(name="Высокий")
    with meanwhile(lambda: change_priority(**by(people.lead), ticket=people.ticket, priority=high)):
        response = agent.post(MOVE, form(people))
    taken_back(agent, page_of(agent.get(response["Location"])))
    assert Ticket.objects.get(pk=people.ticket.pk).priority == high


def test_a_type_has_to_be_chosen_where_none_is_called_the_same(both: Cast) -> None:
    both.other_desk.request_types.update(archived=True)
    both.other_desk.request_types.filter(pk=both.other_desk.request_types.all()[0].pk).update(
        archived=False, name="Другое дело"
    )
    page = page_of(as_(both.agent).get(MOVE))
    assert "Другое дело" in page
    assert as_(both.agent).post(MOVE, form(both, request_type="")).status_code == 422


def test_a_link_with_a_request_that_was_moved_is_seen_by_who_works_at_both(both: Cast) -> None:
    _first, second = more_tickets(both, 2)
    add_link(**by(both.agent), source=both.ticket, target=second, kind="blocks")
    move_ticket(**by(both.agent), ticket=second, desk=both.other_desk, request_type=None)
    assert "OTHER-1" in page_of(as_(both.agent).get(TICKET))
    assert "OTHER-1" not in words(page_of(as_(both.lead).get(TICKET))).partition("Активность")[0].partition("Связ")[2]
    link = TicketLink.objects.get(source=both.ticket)
    assert as_(both.lead).post(f"{TICKET}/links/{link.pk}/remove").status_code == 404
    remove_link(**by(both.agent), link=link)
    assert not TicketLink.objects.exists()


def test_a_second_press_of_the_same_page_is_told_who_was_first(both: Cast, home: object) -> None:
    agent = as_(both.agent)
    agent.post(MOVE, form(both))
    again = agent.post(MOVE, form(both))
    assert again.status_code == 422 and "Вас опередили" in words(page_of(again))
