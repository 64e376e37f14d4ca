"""`undo` undoes a change of settings."""

from otklik.desks.commands.forms import add_group
from otklik.desks.commands.settings import change_desk, undo
from otklik.desks.models import Desk
from otklik.journal.models import Event
from tests.acting import by, refuses, tells
from tests.cast import Cast


def test_the_values_before_stand_again_and_that_can_be_taken_back_too(cast: Cast) -> None:
    change_desk(**by(cast.lead), desk=cast.desk, values={"phone": "112"})
    for phone in ("+7 495 000-00-00", "112"):
        with tells("desk.changed"):
            undo(**by(cast.lead), desk=cast.desk, event_id=Event.objects.latest("id").pk)
        assert Desk.objects.get(pk=cast.desk.pk).phone == phone


def test_what_was_changed_again_another_event_and_agents_are_refused(cast: Cast) -> None:
    change_desk(**by(cast.lead), desk=cast.desk, values={"phone": "112"})
    first = Event.objects.latest("id").pk
    with refuses("desk.leads_only"):
        undo(**by(cast.agent), desk=cast.desk, event_id=first)
    with refuses("desk.change_not_reversible"):
        undo(**by(cast.lead), desk=cast.desk, event_id=Event.objects.get(kind="ticket.opened").pk)
    change_desk(**by(cast.lead), desk=cast.desk, values={"phone": "03"})
    with refuses("desk.changed_since"):
        undo(**by(cast.lead), desk=cast.desk, event_id=first)


def test_a_change_of_another_desk_is_not_taken_back_from_here(cast: Cast) -> None:
    change_desk(**by(), desk=cast.other_desk, values={"phone": "112"})
    with refuses("desk.change_not_reversible"):
        undo(**by(cast.lead), desk=cast.desk, event_id=Event.objects.latest("id").pk)
    assert Desk.objects.get(pk=cast.other_desk.pk).phone == "112"


def test_a_change_of_what_is_gone_is_not_taken_back(cast: Cast) -> None:
    add_group(**by(cast.lead), desk=cast.desk, values={"name": "Кадры"}).delete()
    with refuses("desk.change_not_reversible"):
        undo(**by(cast.lead), desk=cast.desk, event_id=Event.objects.latest("id").pk)
