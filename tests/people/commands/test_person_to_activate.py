"""`person_to_activate` returns the person of an activation link."""

from datetime import timedelta

from otklik.people.commands.account_activation import issue_activation, person_to_activate
from tests.acting import LATER, refuses, tells
from tests.people.commands.parts import unused


def test_looking_uses_nothing_up(db: None) -> None:
    person = unused()
    secret = issue_activation(person=person, at=LATER)
    with tells():
        assert [person_to_activate(secret=secret, at=LATER) for _ in range(2)] == [person, person]


def test_an_unknown_and_an_old_link_are_refused_alike(db: None) -> None:
    secret = issue_activation(person=unused(), at=LATER)
    for wrong, at in (("x" * 43, LATER), (secret, LATER + timedelta(hours=24))):
        with refuses("person.link_gone"):
            person_to_activate(secret=wrong, at=at)
