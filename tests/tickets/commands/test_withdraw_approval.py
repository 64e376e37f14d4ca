"""`withdraw_approval` withdraws an approval."""

from otklik.tickets.commands.approve import withdraw_approval
from otklik.tickets.models import Approval
from tests.acting import LATER, by, locks, refuses, tells
from tests.cast import Cast
from tests.tickets.commands.parts import asked


def test_staff_take_a_question_back_once(cast: Cast) -> None:
    approval = asked(cast)
    with locks(Approval), tells("ticket.approval_withdrawn"):
        withdraw_approval(**by(cast.agent), approval=approval)
    approval.refresh_from_db()
    assert (approval.state, approval.settled_at) == (Approval.State.WITHDRAWN, LATER)
    with refuses("ticket.approval_decided"):
        withdraw_approval(**by(cast.agent), approval=approval)


def test_who_is_asked_and_the_requester_take_no_question_back(cast: Cast) -> None:
    approval = asked(cast)
    for who in (cast.boris, cast.anna):
        with refuses("ticket.staff_only"):
            withdraw_approval(**by(who), approval=approval)
