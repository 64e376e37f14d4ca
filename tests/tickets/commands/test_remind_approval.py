"""`remind_approval` reminds approvers who have not answered."""

from otklik.journal.models import Event
from otklik.tickets.commands.approve import answer_approval, remind_approval
from tests.acting import LATER, by, tells
from tests.cast import Cast
from tests.tickets.commands.parts import asked


def test_only_those_who_have_not_answered_are_named(cast: Cast) -> None:
    approval = asked(cast, cast.boris, cast.stranger, rule="all")
    answer_approval(**by(cast.boris), approval=approval, approved=True)
    with tells("ticket.approval_reminded"):
        remind_approval(at=LATER, approval=approval)
    approval.refresh_from_db()
    assert approval.reminded_at == LATER
    assert Event.objects.latest("id").data["names"] == ["Степан Чужой"]
