"""Moving many tickets to another desk: preview, result, undo."""

from datetime import timedelta

import pytest

from otklik.desks.commands.create import set_role
from otklik.desks.models import RequestType
from otklik.journal.models import Event
from otklik.people.actor import Actor, system
from otklik.people.models import Person
from otklik.tickets.bulk.acts import Retype
from otklik.tickets.bulk.consequences import consequences
from otklik.tickets.bulk.move import Move
from otklik.tickets.commands.approve import answer_approval, ask_approval, ask_of_type
from otklik.tickets.commands.bulk import undo_bulk
from otklik.tickets.commands.fields import assign, change_priority
from otklik.tickets.commands.move import COLUMNS
from otklik.tickets.models import Approval, Ticket
from otklik.tickets.pumps.bulk_runs import work_next
from tests.acting import LATER, by
from tests.cast import START, Cast, as_
from tests.tickets.bulk.parts import begun, close, code_of, done, loaded, more_tickets, states, worked
from tests.workspace.helpers import page_of, queue_url
from tests.workspace.test_bulk import choose

SOON = LATER + timedelta(minutes=3)
# The button of the bar below a list.
MOVE = 'name="act" value="move"'


@pytest.fixture
def both(cast: Cast) -> Cast:
    """Return the cast, with the agent working at both desks."""
    set_role(actor=system("cli"), at=START, desk=cast.other_desk, person=cast.agent, role="agent")
    return cast


def varied(cast: Cast) -> list[Ticket]:
    """Return tickets: new, assigned, closed, and one that waits for an approval."""
    tickets = more_tickets(cast, 4)
    assign(**by(cast.lead), ticket=tickets[1], assignee=cast.lead)
    done(cast.lead, [tickets[2]], close(cast))
    ask_approval(**by(cast.agent), ticket=tickets[3], people=[cast.boris], rule="one")
    return loaded(tickets)


def stands(tickets: list[Ticket]) -> list[tuple[object, ...]]:
    rows = Ticket.objects.filter(pk__in=[ticket.pk for ticket in tickets]).order_by("pk")
    return list(rows.values_list("key", "number", "closed_at", *COLUMNS))


def test_what_is_said_before_is_what_is_done_and_is_taken_back_as_it_was(both: Cast) -> None:
    tickets, act = varied(both), Move(both.other_desk.pk, None)
    before = stands(tickets)
    said = consequences(act, Actor(both.agent, "agent"), tickets)
    assert [ticket.pk for ticket in said.changing] == [ticket.pk for ticket in tickets[:3]]
    assert [stay.refusal.code for stay in said.staying] == ["ticket.moved_awaits_approval"]
    run = done(both.agent, tickets, act)
    assert states(run) == ["done", "done", "done", "ticket.moved_awaits_approval"]
    keys = Ticket.objects.filter(desk=both.other_desk).order_by("pk").values_list("key", flat=True)
    assert list(keys) == ["OTHER-1", "OTHER-2", "OTHER-3"]
    worked(undo_bulk(**by(both.agent), run=run), SOON)
    assert stands(tickets) == before
    assert not Event.objects.filter(kind="ticket.moved", dispatched_at=None, batch_id=run.batch).exists()


def questions(tickets: list[Ticket]) -> list[tuple[int, str]]:
    """Return the tickets' approvals in order, without withdrawn ones."""
    rows = Approval.objects.filter(ticket__in=tickets).exclude(state="withdrawn").order_by("ticket", "pk")
    return list(rows.values_list("pk", "state"))


def asking(kind: RequestType, who: Person) -> RequestType:
    kind.approval_rule = "one"
    kind.save(update_fields=["approval_rule"])
    kind.approvers.set([who])
    return kind


@pytest.mark.parametrize("act", ["move", "type"])
def test_taken_back_a_type_s_question_stands_as_before_and_what_was_decided_is_not_asked_anew(
    both: Cast, act: str
) -> None:
    tickets = more_tickets(both, 2)
    kind = asking(RequestType.objects.get(pk=both.ticket.request_type_id), both.stranger)
    for ticket in loaded(tickets):
        ask_of_type(at=START, ticket=ticket)
    decided = Approval.objects.get(ticket=tickets[1])
    answer_approval(**by(both.stranger), approval=decided, approved=True)
    before = questions(tickets)
    other = both.desk.request_types.exclude(pk=kind.pk).order_by("position")[0] if act == "type" else None
    there = asking(other or both.other_desk.request_types.get(name=kind.name), both.boris)
    run = done(both.agent, tickets, Retype([there.pk], there.name) if other else Move(both.other_desk.pk, None))
    assert [state for _pk, state in questions(tickets)] == ["pending", "approved", "pending"]
    worked(undo_bulk(**by(both.agent), run=run), SOON)
    assert questions(tickets) == before == [(before[0][0], "pending"), (decided.pk, "approved")]
    told = Event.objects.filter(kind="ticket.approval_restored", dispatched_at=None)
    assert [event.subject_id for event in told] == [tickets[0].pk]
    answer_approval(
        **by(both.stranger), approval=Approval.objects.get(ticket=tickets[0], state="pending"), approved=True
    )


def test_one_that_somebody_changed_there_stays(both: Cast) -> None:
    tickets = more_tickets(both, 2)
    run = done(both.agent, tickets, Move(both.other_desk.pk, None))
    there = loaded(tickets)[0]
    high = both.other_desk.priorities.get(name="Высокий")
    change_priority(**by(both.agent_elsewhere), ticket=there, priority=high)
    worked(undo_bulk(**by(both.agent), run=run), SOON)
    assert [ticket.desk for ticket in loaded(tickets)] == [both.other_desk, both.desk]


def test_who_leaves_the_other_desk_before_its_turn_moves_nothing(both: Cast) -> None:
    run = begun(both.agent, [both.ticket], Move(both.other_desk.pk, None))
    both.agent.memberships.filter(desk=both.other_desk).delete()
    while work_next(LATER):
        pass
    assert [code_of(item) for item in run.items.all()] == ["ticket.moved_elsewhere"]
    assert Ticket.objects.get(pk=both.ticket.pk).desk == both.desk


def test_those_without_a_type_of_the_same_name_get_the_chosen_one(both: Cast) -> None:
    kind = both.other_desk.request_types.order_by("position")[1]
    named = both.other_desk.request_types.get(name=both.ticket.request_type.name)  # type: ignore[union-attr]
    tickets = more_tickets(both, 2)
    Ticket.objects.filter(pk=tickets[1].pk).update(request_type=None)
    done(both.agent, tickets, Move(both.other_desk.pk, kind.pk))
    assert [ticket.request_type for ticket in loaded(tickets)] == [named, kind]


def test_the_page_tells_how_many_move_and_what_they_lose(both: Cast) -> None:
    both.other_desk.statuses.filter(category="new").update(name="Новый")
    tickets, agent = varied(both), as_(both.agent)
    page = choose(agent, tickets)
    assert MOVE in page_of(agent.get(queue_url(both.desk))) and MOVE in page_of(
        agent.get("/issues/?jql=project+%3D+ACCREDO")
    )
    assert MOVE not in page_of(as_(both.lead).get(queue_url(both.desk)))
    shown = page_of(agent.get(f"{page}?act=move"))
    assert "Другая служба (OTHER)" in shown and "(ACCREDO)" not in shown.partition("bulk-form")[2]
    told = page_of(agent.post(page, {"act": "move", "preview": "1", "desk": str(both.other_desk.pk)}))
    assert "3 изменятся, 1 останется" in told and "Их увидят в службе «Другая служба»" in told
    assert "1 останется без исполнителя." in told and "По запросу ждут согласования" in told
    assert "→ Новый: 2" in told
    wrong = {"act": "move", "preview": "1", "desk": str(both.other_desk.pk), "request_type": "1"}
    assert agent.post(page, wrong).status_code == 422
    agent.post(f"{page}/start", {"act": "move", "desk": str(both.other_desk.pk), "request_type": ""})
    while work_next():
        pass
    assert Ticket.objects.filter(desk=both.other_desk).count() == 3
