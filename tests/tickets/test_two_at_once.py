"""Two people act at the same time over real connections: the second is told who was first, nothing is lost."""

from typing import Any

import pytest
from django.utils import timezone

from otklik.desks.models import Field
from otklik.journal.models import Event
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.commands.answers import change_answers
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.fields import assign, change_priority, change_subject
from otklik.tickets.content import written
from otklik.tickets.models import Message, Ticket
from tests.cast import Cast, as_
from tests.meanwhile import at_once, meanwhile
from tests.workspace.helpers import composer, hidden, page_of, words_said


def fresh(cast: Cast) -> Ticket:
    return Ticket.objects.get(pk=cast.ticket.pk)


def by(person: Person) -> Actor:
    return Actor(person, "agent")


def test_the_second_who_takes_a_request_is_told_who_was_first(people: Cast) -> None:
    first = lambda: assign(actor=by(people.lead), at=timezone.now(), ticket=people.ticket, assignee=people.lead)  # noqa: E731
    with meanwhile(first) as other:
        response = as_(people.agent).post(f"/browse/{people.ticket.key}/take", {"before": ""})
    assert other.waited
    assert fresh(people).assignee == people.lead
    assert words_said(response)[0].startswith("Вас опередили (Лидия Главная)")
    assert Event.objects.filter(kind="ticket.assigned").count() == 1


def test_of_two_who_press_take_in_one_moment_one_gets_it_and_the_other_knows(people: Cast) -> None:
    browsers = [as_(people.agent), as_(people.lead)]
    answers: list[Any] = at_once(
        *(lambda one=one: one.post(f"/browse/{people.ticket.key}/take", {"before": ""}) for one in browsers)  # type: ignore[misc]
    )
    said = [words_said(answer)[0] for answer in answers]
    winner = fresh(people).assignee
    assert winner in {people.agent, people.lead}
    assert Event.objects.filter(kind="ticket.assigned").count() == 1
    assert sum(one.startswith("Исполнитель:") for one in said) == 1
    assert all(winner.display_name in one for one in said)


def test_who_takes_twice_is_told_nothing_odd(people: Cast) -> None:
    mine = as_(people.agent)
    for _ in range(2):
        response = mine.post(f"/browse/{people.ticket.key}/take", {"before": ""})
        assert words_said(response)[-1].startswith("Исполнитель:")


def test_a_request_given_to_somebody_meanwhile_is_not_given_to_another(people: Cast) -> None:
    data = {"assignee": people.agent.pk, "before": ""}
    with meanwhile(
        lambda: assign(actor=by(people.lead), at=timezone.now(), ticket=people.ticket, assignee=people.lead)
    ):
        response = as_(people.agent).post(f"/browse/{people.ticket.key}/assign", data)
    assert fresh(people).assignee == people.lead and "Лидия Главная" in words_said(response)[0]


def test_a_priority_chosen_meanwhile_is_not_overwritten(people: Cast) -> None:
    low, high = (people.desk.priorities.get(name=name) for name in ("Низкий", "Высокий"))
    data = {"priority": low.pk, "before": people.ticket.priority_id}
    with meanwhile(
        lambda: change_priority(actor=by(people.lead), at=timezone.now(), ticket=people.ticket, priority=high)
    ) as other:
        response = as_(people.agent).post(f"/browse/{people.ticket.key}/priority", data)
    assert other.waited and fresh(people).priority == high
    assert "Лидия Главная" in words_said(response)[0] and "Высокий" in words_said(response)[0]


def test_a_subject_changed_meanwhile_is_not_overwritten_and_what_was_typed_is_shown(people: Cast) -> None:
    mine = as_(people.agent)
    data = {"subject": "Моя тема", "before": hidden(page_of(mine.get("/browse/ACCREDO-1")), "before")}
    assert data["before"] == people.ticket.subject
    with meanwhile(
        lambda: change_subject(actor=by(people.lead), at=timezone.now(), ticket=people.ticket, subject="Их тема")
    ):
        response = mine.post("/browse/ACCREDO-1/subject", data)
    assert fresh(people).subject == "Их тема"
    assert all(words in words_said(response)[0] for words in ("Лидия Главная", "Их тема", "Моя тема"))


def test_answers_changed_meanwhile_are_not_overwritten_and_what_was_typed_stays_in_its_box(people: Cast) -> None:
    field = Field.objects.create(
        request_type=people.ticket.request_type, key="room", kind=Field.Kind.TEXT, label="Кабинет", position=90
    )
    mine, place = as_(people.agent), "/browse/ACCREDO-1/answers"
    data = {"seen": hidden(page_of(mine.get(place)), "seen"), "room": "мой кабинет"}
    theirs = {field.key: "их кабинет"}
    with meanwhile(
        lambda: change_answers(actor=by(people.lead), at=timezone.now(), ticket=people.ticket, answers=theirs)
    ) as other:
        response = mine.post(place, data)
    assert other.waited and response.status_code == 409
    page = page_of(response)
    assert "мой кабинет" in page and "Лидия Главная" in page
    assert fresh(people).answers["room"] == "их кабинет"
    assert mine.post(place, {**data, "seen": hidden(page, "seen")}).status_code == 302
    assert fresh(people).answers["room"] == "мой кабинет"


@pytest.mark.parametrize("tail", ["reply", "note"])
def test_rl_34_a_page_is_found_out_of_date_by_what_was_committed_while_it_waited(people: Cast, tail: str) -> None:
    mine = as_(people.agent)
    data = composer(mine, people.ticket, "ответ на прежнее")
    with meanwhile(
        lambda: comment(
            actor=Actor(people.anna, "portal"), at=timezone.now(), ticket=people.ticket, words=written("Уже не надо")
        )
    ) as other:
        response = mine.post(f"/browse/ACCREDO-1/{tail}", data)
    assert other.waited and response.status_code == 409
    assert "ответ на прежнее" in page_of(response) and "Уже не надо" in page_of(response)
    assert not Message.objects.filter(text="ответ на прежнее").exists()
