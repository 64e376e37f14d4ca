"""Preconditions of the commands about people."""

from otklik.people.commands.persons import ensure_person
from otklik.people.models import Person
from tests.cast import START


def unused() -> Person:
    """Return a person who wrote once and never logged in."""
    return ensure_person(address="vera@clinic.test", name="Вера", at=START)[0]
