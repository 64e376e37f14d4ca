"""`change_card` changes a desk's settings of the card."""

from typing import Any

from otklik.desks.commands.ticket_card import CardSettings, change_card
from otklik.desks.models import Desk
from tests.acting import by, refuses, tells
from tests.cast import Cast


def wanted(cast: Cast, **more: Any) -> CardSettings:
    values: dict[str, Any] = {
        "edit_minutes": 7, "rating_days": 9, "approval_reminder_days": 3, "approval_links": True, "approved": [],
        "declined": [],
    }  # fmt: skip
    return CardSettings(**{**values, **more})


def test_each_row_that_differs_has_its_event(cast: Cast) -> None:
    step = cast.desk.transitions.order_by("position")[0]
    with tells("desk.changed", "desk.changed"):
        assert change_card(**by(cast.lead), desk=cast.desk, wanted=wanted(cast, approved=[step.pk]))
        assert not change_card(**by(cast.lead), desk=cast.desk, wanted=wanted(cast, approved=[step.pk]))
    step.refresh_from_db()
    assert step.on_approved and Desk.objects.get(pk=cast.desk.pk).edit_minutes == 7


def test_agents_change_nothing(cast: Cast) -> None:
    with refuses("desk.leads_only"):
        change_card(**by(cast.agent), desk=cast.desk, wanted=wanted(cast))


def test_ab_47_steps_of_another_desk_stay_as_they_are(cast: Cast) -> None:
    mine, theirs = (desk.transitions.order_by("position")[0] for desk in (cast.desk, cast.other_desk))
    theirs.on_declined = True
    theirs.save()
    change_card(**by(cast.lead), desk=cast.desk, wanted=wanted(cast, approved=[mine.pk, theirs.pk]))
    theirs.refresh_from_db()
    assert (theirs.on_approved, theirs.on_declined) == (False, True)
