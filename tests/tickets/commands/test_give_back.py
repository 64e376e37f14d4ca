"""A changed requester is given back."""

from dataclasses import replace

from otklik.tickets.commands.base import ChangedMeanwhile, UnableToChange
from otklik.tickets.commands.fields import set_muted
from otklik.tickets.commands.requester import Stood, change_requester, give_back
from otklik.tickets.models import Participant
from tests.acting import by, refuses, tells
from tests.cast import Cast


def given(cast: Cast) -> Stood:
    stood = change_requester(**by(cast.agent), ticket=cast.ticket, person=cast.stranger)
    assert stood is not None
    return stood


def test_both_stand_as_before_with_one_event(cast: Cast) -> None:
    stood = given(cast)
    with tells("ticket.requester_changed"):
        row = give_back(**by(cast.agent), ticket=cast.ticket, stood=stood)
    on_it = Participant.objects.filter(ticket=cast.ticket, removed_at=None)
    assert row.requester == cast.anna and on_it.filter(person=cast.anna, muted=False).exists()
    assert not on_it.filter(person=cast.stranger).exists()


def test_whoever_turned_the_mails_off_meanwhile_gets_none(cast: Cast) -> None:
    stood = given(cast)
    set_muted(**by(cast.anna), ticket=cast.ticket, muted=True)
    give_back(**by(cast.agent), ticket=cast.ticket, stood=stood)
    assert Participant.objects.get(ticket=cast.ticket, person=cast.anna).muted


def test_customers_other_tickets_and_what_was_changed_since_are_refused(cast: Cast) -> None:
    stood = given(cast)
    with refuses(UnableToChange):
        give_back(**by(cast.anna), ticket=cast.ticket, stood=stood)
    with refuses(UnableToChange):
        give_back(**by(cast.agent), ticket=cast.ticket, stood=replace(stood, ticket=stood.ticket + 1))
    change_requester(**by(cast.agent), ticket=cast.ticket, person=cast.boris)
    with refuses(ChangedMeanwhile):
        give_back(**by(cast.agent), ticket=cast.ticket, stood=stood)
