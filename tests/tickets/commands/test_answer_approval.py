"""`answer_approval` records an approver's vote."""

from otklik.desks.models import Resolution, Transition
from otklik.journal.models import Event
from otklik.tickets.commands.approve import answer_approval, ask_about
from otklik.tickets.models import Approval
from tests.acting import LATER, by, locks, refuses, tells
from tests.cast import Cast
from tests.tickets.commands.parts import asked, transition


def test_one_yes_settles_where_one_is_enough(cast: Cast) -> None:
    approval = asked(cast, cast.boris, cast.stranger)
    with locks(Approval), tells("ticket.approval_answered"):
        row = answer_approval(**by(cast.boris), approval=approval, approved=True, words=" Да ")
    assert (row.state, row.settled_at) == (Approval.State.APPROVED, LATER)
    assert row.votes.get(person=cast.boris).words == "Да"


def test_all_must_say_yes_where_all_are_asked_and_one_no_declines(cast: Cast) -> None:
    approval = asked(cast, cast.boris, cast.stranger, rule="all")
    row = answer_approval(**by(cast.boris), approval=approval, approved=True)
    assert row.state == Approval.State.PENDING
    assert answer_approval(**by(cast.stranger), approval=row, approved=False, words="Дорого").state == "declined"


def test_the_answer_moves_the_ticket_by_the_marked_step(cast: Cast) -> None:
    approval = asked(cast)
    step = transition(cast, "Закрыть")
    step.on_approved = True
    step.save()
    answer_approval(**by(cast.boris), approval=approval, approved=True)
    cast.ticket.refresh_from_db()
    assert cast.ticket.status == step.target and Event.objects.latest("id").data["moved"] == step.target.name


def test_nobody_else_answers_nobody_twice_and_a_no_says_why(cast: Cast) -> None:
    approval = asked(cast, cast.boris, cast.stranger, rule="all")
    with refuses("ticket.reason_missing"):
        answer_approval(**by(cast.boris), approval=approval, approved=False, words=" ")
    with refuses("ticket.not_an_approver"):
        answer_approval(**by(cast.anna), approval=approval, approved=True)
    answer_approval(**by(cast.boris), approval=approval, approved=True)
    with refuses("ticket.approval_decided"):
        answer_approval(**by(cast.boris), approval=approval, approved=True)


def test_a_step_that_an_answer_does_gives_its_resolution(cast: Cast) -> None:
    approval = asked(cast)
    declined = Resolution.objects.get(name="Отклонено")
    Transition.objects.filter(desk=cast.desk, name="Закрыть").update(on_declined=True, resolution=declined)
    answer_approval(**by(cast.boris), approval=approval, approved=False, words="Дорого")
    cast.ticket.refresh_from_db()
    assert cast.ticket.resolution == declined


def test_who_was_switched_off_decides_and_asks_nothing(cast: Cast) -> None:
    approval = asked(cast, cast.boris, cast.stranger)
    cast.boris.is_active = False
    cast.boris.save(update_fields=["is_active"])
    with refuses("ticket.not_an_approver"):
        answer_approval(**by(cast.boris), approval=approval, approved=True)
    with refuses("ticket.not_an_approver"):
        ask_about(**by(cast.boris), approval=approval, words="Зачем?")
