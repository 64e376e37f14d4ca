"""`ask_for_erasure` requests one's erasure."""

from datetime import timedelta

from otklik.people.commands.own_data import ask_for_erasure
from tests.acting import LATER, by, tells
from tests.cast import Cast


def test_asking_twice_is_asking_once_and_nothing_goes_before_the_grace_is_over(cast: Cast) -> None:
    with tells("person.erasure_asked"):
        first, again = (ask_for_erasure(**by(cast.anna), person=cast.anna) for _ in range(2))
    assert first == again and first.due_at == LATER + timedelta(hours=72)
