"""`change_status` makes a transition."""

from otklik.desks.models import Resolution, Transition
from otklik.desks.queries import default_resolution
from otklik.people.actor import Actor
from otklik.tickets.commands.status import change_status
from otklik.tickets.content import Words
from otklik.tickets.models import Change, Ticket
from tests.acting import by as by_
from tests.acting import refuses, tells
from tests.cast import Cast
from tests.refusing import refused_as
from tests.tickets.commands.parts import transition
from tests.tickets.test_changes import by, steps
from tests.tickets.test_comment import AT
from tests.tickets.test_take import LATER, step


def test_one_step_tells_of_each_field_it_changes(cast: Cast) -> None:
    step = steps(cast, for_agents=True)
    Transition.objects.filter(pk=step.pk).update(assigns=True)
    change_status(**by(cast.agent), ticket=cast.ticket, transition=step)
    rows = Change.objects.filter(ticket=cast.ticket)
    assert {row.field for row in rows} == {"status", "assignee"} and len({row.event_id for row in rows}) == 1


def test_transition_that_is_not_possible_now_is_refused(cast: Cast) -> None:
    actor = Actor(cast.agent, "agent")
    reopen = cast.desk.transitions.get(name="Открыть снова")
    with refused_as("ticket.transition_not_allowed"):
        change_status(actor=actor, at=AT, ticket=cast.ticket, transition=reopen)


def test_other_steps_and_customers_take_nothing(cast: Cast) -> None:
    wait = step(cast, "Ждать ответа заявителя", "Открытый")
    actor = Actor(cast.agent, "agent")
    assert change_status(actor=actor, at=LATER, ticket=cast.ticket, transition=wait).assignee is None
    Transition.objects.filter(desk=cast.desk, name="Закрыть").update(assigns=True)
    close = step(cast, "Закрыть")
    asked = Actor(cast.anna, "portal")
    assert change_status(actor=asked, at=LATER, ticket=cast.ticket, transition=close).assignee is None


def test_a_step_of_another_desk_is_refused(cast: Cast) -> None:
    row = Transition.objects.filter(desk=cast.other_desk, for_agents=True)[0]
    with refused_as("ticket.transition_not_allowed"):
        change_status(**by(cast.agent), ticket=cast.ticket, transition=row)


def test_a_step_moves_closes_and_tells_once(cast: Cast) -> None:
    with tells("ticket.status_changed"):
        row = change_status(**by_(cast.agent), ticket=cast.ticket, transition=transition(cast, "Закрыть"))
    assert row.status.is_done and row.closed_at is not None and row.resolution is not None


def test_strangers_take_no_step(cast: Cast) -> None:
    for who in (cast.stranger, cast.agent_elsewhere):
        with refuses("ticket.participants_only"):
            change_status(**by_(who), ticket=cast.ticket, transition=transition(cast, "Закрыть"))


def test_a_step_gives_the_resolution_that_it_names_while_that_is_in_use(cast: Cast) -> None:
    step, declined = transition(cast, "Закрыть"), Resolution.objects.get(name="Отклонено")
    Transition.objects.filter(pk=step.pk).update(resolution=declined)
    with tells("ticket.status_changed"):
        row = change_status(**by_(cast.agent), ticket=cast.ticket, transition=transition(cast, "Закрыть"))
    assert row.resolution == declined
    assert Change.objects.get(ticket=row, field="resolution").new == "Отклонено"


def test_a_step_whose_resolution_is_out_of_use_gives_the_sites_first(cast: Cast) -> None:
    declined = Resolution.objects.get(name="Отклонено")
    Transition.objects.filter(desk=cast.desk).update(resolution=declined)
    Resolution.objects.filter(pk=declined.pk).update(archived=True)
    row = change_status(**by_(cast.agent), ticket=cast.ticket, transition=transition(cast, "Закрыть"))
    assert row.resolution == default_resolution()


def test_staff_and_customers_have_steps_of_their_own(cast: Cast) -> None:
    close = transition(cast, "Закрыть")
    for who, column in ((cast.agent, "for_agents"), (cast.anna, "for_customers")):
        Transition.objects.filter(desk=cast.desk, target=close.target).update(for_agents=True, for_customers=True)
        Transition.objects.filter(desk=cast.desk, target=close.target).update(**{column: False})
        with refuses("ticket.transition_not_allowed"):
            change_status(**by_(who), ticket=cast.ticket, transition=close)


def test_an_agent_who_takes_a_customers_step_gets_no_work_by_it(cast: Cast) -> None:
    Ticket.objects.filter(pk=cast.ticket.pk).update(requester=cast.agent)
    Transition.objects.filter(desk=cast.desk, name="Закрыть").update(assigns=True, for_customers=True)
    close = transition(cast, "Закрыть")
    assert change_status(**by_(cast.agent), ticket=cast.ticket, transition=close, as_customer=True).assignee is None


def test_a_step_without_words_writes_no_message(cast: Cast) -> None:
    before = cast.ticket.messages.count()
    change_status(**by_(cast.agent), ticket=cast.ticket, transition=transition(cast, "Закрыть"), words=Words(" \n"))
    assert cast.ticket.messages.count() == before
