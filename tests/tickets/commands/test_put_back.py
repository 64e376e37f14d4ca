"""`put_back` restores a ticket's former values."""

from typing import Any

import pytest

from otklik.desks.commands.forms import add_field
from otklik.desks.models import Priority
from otklik.tickets.commands.answers import change_answers
from otklik.tickets.commands.bulk_restore import put_back
from otklik.tickets.commands.fields import assign
from otklik.tickets.commands.request_type import asked_by_type, change_type
from otklik.tickets.event_lines import status_after
from otklik.tickets.events import ChangeTakenBack
from otklik.tickets.models import Approval, Change, Message
from otklik.tickets.timeline import events_of, with_facts, worded
from tests.acting import LATER, by, refuses, tells
from tests.cast import START, Cast
from tests.tickets.commands.parts import closed


def test_a_status_comes_back_with_all_that_its_step_changed(cast: Cast) -> None:
    before = {
        "status_id": cast.ticket.status_id, "closed_at": None, "resolution_id": None, "assignee_id": None,
        "undelivered_at": START.isoformat(),
    }  # fmt: skip
    opened, name = cast.ticket.status_id, cast.ticket.status.name
    closed(cast)
    assign(**by(cast.lead), ticket=cast.ticket, assignee=cast.agent)
    with tells("ticket.change_taken_back"):
        ticket = put_back(**by(cast.agent), ticket=cast.ticket, before=before)
    ticket.refresh_from_db()
    assert (ticket.status_id, ticket.closed_at, ticket.resolution_id, ticket.assignee) == (opened, None, None, None)
    assert ticket.undelivered_at == START
    assert set(Change.objects.filter(event__kind=ChangeTakenBack.kind).values_list("field", flat=True)) == {
        "status", "resolution", "assignee",
    }  # fmt: skip
    told = worded(cast.desk, with_facts(events_of(ticket)))[-1].typed
    assert isinstance(told, ChangeTakenBack) and (told.after, told.former) == (name, cast.agent.display_name)
    assert status_after(told) == name


def test_only_staff_and_only_to_what_is_still_there(cast: Cast) -> None:
    for who in (cast.anna, cast.agent_elsewhere):
        with refuses("ticket.staff_only"):
            put_back(**by(who), ticket=cast.ticket, before={"labels": ["x"]})
    with refuses("ticket.not_a_member"):
        put_back(**by(cast.agent), ticket=cast.ticket, before={"assignee_id": cast.stranger.pk})
    gone: Any = Priority.objects.latest("id").pk + 1000
    with refuses("ticket.former_value_gone"):
        put_back(**by(cast.agent), ticket=cast.ticket, before={"priority_id": gone})


def test_it_knows_no_other_columns(cast: Cast) -> None:
    with pytest.raises(AssertionError):
        put_back(**by(cast.agent), ticket=cast.ticket, before={"requester_id": cast.stranger.pk})


def test_the_request_is_found_by_the_answers_that_came_back(cast: Cast) -> None:
    kind = cast.desk.request_types.all()[0]
    field = add_field(**by(cast.lead), request_type=kind, kind="text", label="Кабинет")
    ticket = change_type(**by(cast.agent), ticket=cast.ticket, request_type=kind)
    change_answers(**by(cast.agent), ticket=ticket, answers={field.key: "Библиотека"})
    put_back(**by(cast.agent), ticket=ticket, before={"request_type_id": kind.pk, "answers": {field.key: "Серверная"}})
    besides = Message.objects.get(ticket=ticket, opening=True).besides
    assert "Серверная" in besides and "Библиотека" not in besides


def test_a_type_that_came_back_asks_what_it_had_asked(cast: Cast) -> None:
    kind, other = cast.desk.request_types.all()[:2]
    ticket = change_type(**by(cast.agent), ticket=cast.ticket, request_type=other)
    kind.approval_rule = "one"
    kind.save()
    kind.approvers.set([cast.boris])
    ticket = change_type(**by(cast.agent), ticket=ticket, request_type=kind)
    asked = asked_by_type(ticket)
    ticket = change_type(**by(cast.agent), ticket=ticket, request_type=other)
    assert Approval.objects.get().state == Approval.State.WITHDRAWN
    before = {"request_type_id": kind.pk, "answers": {}, "asked": asked}
    put_back(**by(cast.agent), ticket=ticket, before=before)
    approval = Approval.objects.get()
    assert approval.state == Approval.State.PENDING and [vote.person for vote in approval.votes.all()] == [cast.boris]


def test_a_type_that_had_asked_nobody_asks_nobody_when_it_comes_back(cast: Cast) -> None:
    kind, other = cast.desk.request_types.all()[:2]
    kind.approval_rule = "one"
    kind.save()
    kind.approvers.set([cast.boris])
    ticket = change_type(**by(cast.agent), ticket=cast.ticket, request_type=other)
    put_back(**by(cast.agent), ticket=ticket, before={"request_type_id": kind.pk, "answers": {}})
    assert not Approval.objects.exists()


def test_ab_48_customers_see_no_time_at_which_the_staff_took_something_back(cast: Cast) -> None:
    ticket = put_back(**by(cast.agent), ticket=cast.ticket, before={"assignee_id": cast.lead.pk, "labels": ["x"]})
    assert (ticket.updated_at, ticket.shown_at) == (LATER, START)
    ticket = put_back(**by(cast.agent), ticket=ticket, before={"status_id": ticket.status_id})
    assert ticket.shown_at == LATER
