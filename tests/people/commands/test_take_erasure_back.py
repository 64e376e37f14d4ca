"""To stay after all."""

from otklik.people.commands.own_data import UnableToAsk, ask_for_erasure, take_erasure_back
from tests.acting import by, refuses, tells
from tests.cast import Cast


def test_the_wish_is_taken_back_once(cast: Cast) -> None:
    ask_for_erasure(**by(cast.anna), person=cast.anna)
    with tells("person.erasure_taken_back"):
        take_erasure_back(**by(cast.anna), person=cast.anna)
    with refuses(UnableToAsk):
        take_erasure_back(**by(cast.anna), person=cast.anna)
