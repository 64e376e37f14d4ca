"""`take_erasure_back` withdraws a request for erasure."""

from otklik.people.commands.own_data import ask_for_erasure, take_erasure_back
from otklik.people.models import ErasureRequest
from tests.acting import LATER, by, refuses, tells
from tests.cast import Cast


def test_the_wish_is_taken_back_once(cast: Cast) -> None:
    ask_for_erasure(**by(cast.anna), person=cast.anna)
    with tells("person.erasure_taken_back"):
        take_erasure_back(**by(cast.anna), person=cast.anna)
    with refuses("person.nothing_to_take_back"):
        take_erasure_back(**by(cast.anna), person=cast.anna)


def test_another_persons_wish_and_one_that_was_carried_out_stay(cast: Cast) -> None:
    ask_for_erasure(**by(cast.boris), person=cast.boris)
    with refuses("person.nothing_to_take_back"):
        take_erasure_back(**by(cast.anna), person=cast.anna)
    ErasureRequest.objects.update(done_at=LATER)
    with refuses("person.nothing_to_take_back"):
        take_erasure_back(**by(cast.boris), person=cast.boris)
    assert ErasureRequest.objects.get().person == cast.boris
