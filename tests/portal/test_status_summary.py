"""«Что происходит сейчас», derived from assignee and last message."""

from datetime import timedelta

import pytest
from django.utils import timezone

from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets import first_response_time
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.fields import add_participant, assign
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.commands.status import change_status
from otklik.tickets.content import Words
from otklik.tickets.models import Message
from tests.cast import START, Cast
from tests.portal.helpers import as_, card

LATER = START + timedelta(hours=1)
USUAL = "Обычно первый ответ приходит"


def now(cast: Cast, reader: Person | None = None) -> str:
    page = as_(reader or cast.anna).get(card(cast)).content.decode()
    return page.split('id="request-expectation"')[1].split("</p>")[0]


def stands(cast: Cast, status: str, *, taken: bool) -> None:
    """Set status and assignee directly in the row, so that every combination is possible."""
    cast.ticket.status = cast.desk.statuses.get(name=status)
    cast.ticket.assignee = cast.agent if taken else None
    cast.ticket.save()


@pytest.mark.parametrize(
    ("status", "taken", "last", "said"),
    [
        ("Открытый", False, "", "принят и ждёт сотрудника поддержки"),
        ("В работе", False, "", "принят и ждёт сотрудника поддержки"),
        ("Открытый", True, "", "Запрос передан сотруднику поддержки"),
        ("В работе", True, "", "Сотрудник поддержки работает над запросом"),
        ("Открытый", False, "anna", "Ваше сообщение пришло и ждёт сотрудника поддержки"),
        ("В работе", False, "anna", "Ваше сообщение пришло и ждёт сотрудника поддержки"),
        ("В работе", True, "anna", "Сотрудник поддержки работает над запросом"),
        ("Открытый", False, "agent", "Мы ответили. Если вопрос остался, напишите ниже"),
        ("Открытый", True, "agent", "Мы ответили. Если вопрос остался, напишите ниже"),
        ("В работе", True, "agent", "Мы ответили, сотрудник продолжает работу над запросом"),
    ],
)
def test_the_line_says_what_is_so(cast: Cast, status: str, taken: bool, last: str, said: str) -> None:
    answers = Message.objects.filter(ticket=cast.ticket, opening=False)
    if not last:
        answers.delete()
    if last == "anna":
        comment(actor=Actor(cast.anna, "mail"), at=LATER, ticket=cast.ticket, words=Words("Ещё одно"))
        cast.ticket.refresh_from_db()
    stands(cast, status, taken=taken)
    assert said in now(cast)


def test_a_request_that_was_opened_again_is_not_called_answered(cast: Cast) -> None:
    for actor, step in ((Actor(cast.agent, "agent"), "Закрыть"), (Actor(cast.anna, "portal"), "Открыть снова")):
        change_status(actor=actor, at=LATER, ticket=cast.ticket, transition=cast.desk.transitions.get(name=step))
    assert "Запрос снова открыт и ждёт сотрудника поддержки" in now(cast)
    comment(actor=Actor(cast.agent, "agent"), at=LATER + timedelta(minutes=1), ticket=cast.ticket, words=Words("Вот"))
    assert "Мы ответили" in now(cast)


def test_the_usual_first_answer_is_named_before_the_first_answer_only(cast: Cast) -> None:
    for number in range(first_response_time.FEWEST):
        at = timezone.now() - timedelta(days=1, minutes=number)
        ticket = open_ticket(
            actor=Actor(cast.boris, "portal"), at=at, desk=cast.desk, channel="portal", subject="x", words=Words("x"),
            requester=cast.boris,
        )  # fmt: skip
        comment(actor=Actor(cast.agent, "agent"), at=at + timedelta(minutes=25), ticket=ticket, words=Words("y"))
    first_response_time.forget()
    try:
        assert USUAL not in now(cast)
        close = cast.desk.transitions.get(name="Закрыть")
        change_status(actor=Actor(cast.agent, "agent"), at=LATER, ticket=cast.ticket, transition=close)
        again = cast.desk.transitions.get(name="Открыть снова")
        change_status(actor=Actor(cast.anna, "portal"), at=LATER, ticket=cast.ticket, transition=again)
        assert USUAL not in now(cast)
        add_participant(actor=Actor(cast.agent, "agent"), at=LATER, ticket=cast.ticket, person=cast.stranger)
        assert USUAL not in now(cast, cast.stranger)
        Message.objects.filter(ticket=cast.ticket, opening=False).delete()
        assert USUAL in now(cast)
    finally:
        first_response_time.forget()


def test_an_open_card_learns_that_somebody_has_it(cast: Cast) -> None:
    Message.objects.filter(ticket=cast.ticket, opening=False).delete()
    anna = as_(cast.anna)
    address = anna.get(card(cast)).content.decode().split('hx-get="')[1].split('"')[0]
    assert anna.get(address).status_code == 204
    assign(actor=Actor(cast.agent, "agent"), at=START, ticket=cast.ticket, assignee=cast.agent)
    assert "Запрос передан сотруднику поддержки" in anna.get(address).content.decode()
