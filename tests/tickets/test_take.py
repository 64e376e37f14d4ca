"""Taking a ticket into work assigns it; no ticket in work is unassigned."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps

from otklik.desks.models import Transition
from otklik.journal.models import Event
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets import first_response_time
from otklik.tickets.commands.base import ChangedMeanwhile
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.fields import assign
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.commands.stale_values import Shown
from otklik.tickets.commands.status import change_status
from otklik.tickets.content import Words
from otklik.tickets.models import Ticket
from tests.cast import START, Cast

LATER = START + timedelta(hours=1)


def step(cast: Cast, name: str, source: str | None = None) -> Transition:
    rows = Transition.objects.filter(desk=cast.desk, name=name)
    return rows.get(source__name=source) if source else rows.get()


def take(cast: Cast, by: Person) -> Ticket:
    actor = Actor(by, "agent")
    return change_status(actor=actor, at=LATER, ticket=cast.ticket, transition=step(cast, "Взять в работу"))


def test_to_take_into_work_is_to_have_it_and_is_one_event(cast: Cast) -> None:
    before = Event.objects.count()
    assert take(cast, cast.agent).assignee == cast.agent
    event = Event.objects.latest("id")
    assert Event.objects.count() == before + 1
    assert (event.kind, event.data["assigned"], event.data["after"]) == (
        "ticket.status_changed",
        "Глеб Орлов",
        "В работе",
    )
    cast.ticket.refresh_from_db()
    assert cast.ticket.assignee == cast.agent


def test_rl_34_who_took_it_is_named_to_who_was_slower(cast: Cast) -> None:
    take(cast, cast.agent)
    with pytest.raises(ChangedMeanwhile, match="Глеб Орлов"):
        assign(
            actor=Actor(cast.lead, "agent"), at=LATER, ticket=cast.ticket, assignee=cast.lead, shown=Shown(None)
        )  # fmt: skip


@pytest.mark.parametrize(("has", "after"), [(True, "В работе"), (False, "Открытый")])
def test_a_customers_answer_goes_to_who_has_it_or_to_the_open_ones(cast: Cast, has: bool, after: str) -> None:
    if has:
        assign(actor=Actor(cast.agent, "agent"), at=LATER, ticket=cast.ticket, assignee=cast.agent)
    wait = step(cast, "Ждать ответа заявителя", "Открытый")
    change_status(actor=Actor(cast.agent, "agent"), at=LATER, ticket=cast.ticket, transition=wait)
    comment(actor=Actor(cast.anna, "mail"), at=LATER, ticket=cast.ticket, words=Words("Вот снимок"))
    cast.ticket.refresh_from_db()
    assert cast.ticket.status.name == after
    assert Event.objects.latest("id").data["moved"] == after


def opened(cast: Cast, number: int, answered_after: timedelta | None) -> None:
    at = START + timedelta(days=1, minutes=number)
    ticket = open_ticket(
        actor=Actor(cast.anna, "portal"), at=at, desk=cast.desk, channel="portal", subject="x", words=Words("x"),
        requester=cast.anna,
    )  # fmt: skip
    if answered_after is not None:
        comment(actor=Actor(cast.agent, "agent"), at=at + answered_after, ticket=ticket, words=Words("y"))


def usual(cast: Cast, at: timedelta) -> timedelta | None:
    first_response_time.forget()
    found = first_response_time.usual_first_answer(cast.desk, START + at)
    first_response_time.forget()
    return found


def test_a_usual_time_needs_enough_answers_not_enough_requests(cast: Cast) -> None:
    for number in range(first_response_time.FEWEST + 3):
        opened(cast, number, None)
    assert usual(cast, timedelta(days=1, minutes=10)) is None
    for number in range(first_response_time.FEWEST - 2):
        opened(cast, number, timedelta(hours=2))
    assert usual(cast, timedelta(days=3)) is None  # the cast's own answer and three more
    opened(cast, 9, timedelta(hours=2))
    assert usual(cast, timedelta(days=3)) is not None


def test_who_has_just_written_does_not_make_answers_look_quick(cast: Cast) -> None:
    for number in range(first_response_time.FEWEST):
        opened(cast, number, timedelta(hours=2))
    for number in range(20):
        opened(cast, 200 + number, None)
    assert usual(cast, timedelta(days=1, minutes=225)) == timedelta(hours=2)
    much_later = usual(cast, timedelta(days=20))
    assert much_later is not None and much_later > timedelta(days=18)


def test_shipped_steps_of_old_desks_assign_after_the_upgrade(cast: Cast) -> None:
    Transition.objects.update(assigns=False)
    Transition.objects.filter(name="Вернуть в работу").update(name="По-своему")
    import_module("otklik.desks.migrations.0012_steps_that_assign").assign_by_shipped_steps(apps, None)
    names = Transition.objects.filter(assigns=True, desk=cast.desk).values_list("name", flat=True)
    assert list(names) == ["Взять в работу"]
