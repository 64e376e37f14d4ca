"""`share_with_address` adds a participant by address."""

from otklik.people.models import Person
from otklik.tickets.commands.share import share_with_address
from otklik.tickets.models import Participant
from tests.acting import LATER, by, locks, refuses, tells
from tests.cast import Cast


def test_an_unknown_address_becomes_a_person_who_sees_what_comes(cast: Cast) -> None:
    with tells("ticket.participant_added"):
        for _ in range(2):
            share_with_address(**by(cast.anna), ticket=cast.ticket, address="Vera@clinic.test")
    row = Participant.objects.get(ticket=cast.ticket, person__email="vera@clinic.test")
    assert (row.sees_from, row.added_by) == (LATER, cast.anna)


def test_the_history_is_the_requesters_to_show(cast: Cast) -> None:
    with refuses("ticket.requester_only"):
        share_with_address(**by(cast.boris), ticket=cast.ticket, address="vera@clinic.test", history=True)
    share_with_address(**by(cast.anna), ticket=cast.ticket, address="vera@clinic.test", history=True)
    assert Participant.objects.get(ticket=cast.ticket, person__email="vera@clinic.test").sees_from is None


def test_strangers_share_nothing_and_a_desks_address_is_nobody(cast: Cast) -> None:
    for who, address in ((cast.stranger, "vera@clinic.test"), (cast.anna, "accredo@desk.test")):
        with refuses("ticket.participants_only", "ticket.desk_address"):
            share_with_address(**by(who), ticket=cast.ticket, address=address)
    assert not Person.objects.filter(email="vera@clinic.test").exists()


def test_who_is_on_the_request_shares_what_comes_from_now_on(cast: Cast) -> None:
    assert share_with_address(**by(cast.boris), ticket=cast.ticket, address="vera@clinic.test")
    assert Participant.objects.get(ticket=cast.ticket, person__email="vera@clinic.test").sees_from == LATER


def test_who_is_switched_off_is_not_brought_in(cast: Cast) -> None:
    Person.objects.filter(pk=cast.stranger.pk).update(is_active=False)
    with refuses("ticket.cannot_be_added"):
        share_with_address(**by(cast.anna), ticket=cast.ticket, address=str(cast.stranger.email))
    assert not Participant.objects.filter(ticket=cast.ticket, person=cast.stranger).exists()


def test_of_two_who_share_at_once_for_one_person_the_second_is_counted_after_the_first(cast: Cast) -> None:
    """On two tickets without a common lock: the day's newcomers are counted under a lock of the person who adds
    them."""
    with locks(Person):
        share_with_address(**by(cast.anna), ticket=cast.ticket, address="vera@clinic.test")
