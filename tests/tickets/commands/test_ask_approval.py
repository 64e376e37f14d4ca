"""`ask_approval` asks people for an approval."""

from typing import Any

from otklik.people.models import Person
from otklik.tickets.commands.approve import answer_approval, ask_approval
from otklik.tickets.models import Approval
from tests.acting import LATER, by, refuses, tells
from tests.cast import Cast, person
from tests.refusing import refused_as
from tests.tickets.commands.parts import asked, closed
from tests.tickets.test_links import other


def test_ten_people_are_asked_at_once_and_no_more(cast: Cast) -> None:
    many = [person(f"P{number}", f"p{number}@clinic.test") for number in range(11)]
    ask: dict[str, Any] = {**by(cast.agent), "ticket": cast.ticket, "rule": "all"}
    with refused_as("ticket.too_many_approvers"):
        ask_approval(people=many, **ask)
    assert ask_approval(people=[*many[:10], many[0]], **ask).votes.count() == 10


def test_everybody_named_is_asked_once(cast: Cast) -> None:
    with tells("ticket.approval_asked"):
        row = asked(cast, cast.boris, cast.stranger, cast.boris)
    assert {vote.person for vote in row.votes.all()} == {cast.boris, cast.stranger}
    assert (row.state, row.asked_by, row.asked_at) == (Approval.State.PENDING, cast.agent, LATER)


def test_nobody_approves_an_own_request_and_one_question_is_open_at_a_time(cast: Cast) -> None:
    for people in ([], [cast.anna]):
        with refuses("ticket.approvers_missing", "ticket.own_request"):
            ask_approval(**by(cast.agent), ticket=cast.ticket, people=people, rule="one")
    with refuses("ticket.staff_only"):
        ask_approval(**by(cast.boris), ticket=cast.ticket, people=[cast.stranger], rule="one")
    with refuses("ticket.approvers_missing"):
        ask_approval(**by(cast.agent), ticket=cast.ticket, people=[cast.boris], rule="most")
    asked(cast)
    with refuses("ticket.approval_pending"):
        asked(cast, cast.stranger)


def test_nobody_is_asked_about_a_closed_request(cast: Cast) -> None:
    closed(cast)
    with refuses("ticket.closed"):
        asked(cast)


def test_a_question_of_another_request_or_one_that_was_decided_stops_no_new_one(cast: Cast) -> None:
    ask_approval(**by(cast.agent), ticket=other(cast), people=[cast.stranger], rule="one")
    answer_approval(**by(cast.boris), approval=asked(cast), approved=True)
    assert asked(cast, cast.stranger).state == Approval.State.PENDING


def test_who_is_switched_off_or_has_no_address_is_not_asked(cast: Cast) -> None:
    for fields in ({"is_active": False}, {"is_active": True, "email": None}):
        Person.objects.filter(pk=cast.stranger.pk).update(**fields)
        with refused_as("ticket.approver_without_address"):
            asked(cast, cast.boris, Person.objects.get(pk=cast.stranger.pk))
