"""`add_participant` adds a participant."""

from otklik.people.models import Person
from otklik.tickets.commands.fields import add_participant
from otklik.tickets.models import Participant
from tests.acting import LATER, by, refuses, tells
from tests.cast import Cast


def test_a_person_joins_once_and_sees_what_comes(cast: Cast) -> None:
    with tells("ticket.participant_added"):
        assert add_participant(**by(cast.anna), ticket=cast.ticket, person=cast.stranger)
        assert not add_participant(**by(cast.anna), ticket=cast.ticket, person=cast.stranger)
    assert Participant.objects.get(ticket=cast.ticket, person=cast.stranger).sees_from == LATER


def test_strangers_add_nobody_and_other_participants_show_no_history(cast: Cast) -> None:
    with refuses("ticket.participants_only"):
        add_participant(**by(cast.stranger), ticket=cast.ticket, person=cast.stranger)
    with refuses("ticket.staff_only"):
        add_participant(**by(cast.boris), ticket=cast.ticket, person=cast.stranger, sees_all=True)


def test_who_is_switched_off_is_added_by_nobody(cast: Cast) -> None:
    Person.objects.filter(pk=cast.stranger.pk).update(is_active=False)
    for who, history in ((cast.anna, False), (cast.agent, False), (cast.agent, True)):
        person = Person.objects.get(pk=cast.stranger.pk)
        with refuses("ticket.cannot_be_added"):
            add_participant(**by(who), ticket=cast.ticket, person=person, sees_all=history)
    assert not Participant.objects.filter(ticket=cast.ticket, person=cast.stranger).exists()
