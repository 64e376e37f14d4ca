"""Whose request it is."""

from otklik.people.models import Person
from otklik.tickets.commands.base import ChangedMeanwhile, UnableToChange
from otklik.tickets.commands.guard import Shown
from otklik.tickets.commands.requester import change_requester
from otklik.tickets.models import Participant
from tests.acting import LATER, by, refuses, tells
from tests.cast import Cast
from tests.tickets.commands.parts import asked


def test_another_person_asks_from_now_on_and_the_former_one_stays(cast: Cast) -> None:
    with tells("ticket.requester_changed"):
        for _ in range(2):
            change_requester(**by(cast.agent), ticket=cast.ticket, person=cast.stranger)
    cast.ticket.refresh_from_db()
    assert cast.ticket.requester == cast.stranger
    on_it = Participant.objects.filter(ticket=cast.ticket, removed_at=None)
    assert on_it.filter(person=cast.anna).exists() and on_it.get(person=cast.stranger).sees_from is None


def test_the_former_requester_can_be_taken_off(cast: Cast) -> None:
    change_requester(**by(cast.agent), ticket=cast.ticket, person=cast.boris, former_stays=False)
    assert Participant.objects.get(ticket=cast.ticket, person=cast.anna).removed_at == LATER


def test_customers_give_no_request_away_and_nobody_who_left_or_approves_gets_one(cast: Cast) -> None:
    asked(cast)
    Person.objects.filter(pk=cast.stranger.pk).update(is_active=False)
    cast.stranger.refresh_from_db()
    for who, whom in ((cast.anna, cast.lead), (cast.agent, cast.stranger), (cast.agent, cast.boris)):
        with refuses(UnableToChange):
            change_requester(**by(who), ticket=cast.ticket, person=whom)


def test_a_requester_whom_the_page_did_not_show_is_not_replaced(cast: Cast) -> None:
    change_requester(**by(cast.lead), ticket=cast.ticket, person=cast.boris)
    with refuses(ChangedMeanwhile):
        change_requester(**by(cast.agent), ticket=cast.ticket, person=cast.stranger, shown=Shown(cast.anna.pk))
