"""What several commands about people need before they act."""

from otklik.people.commands.persons import ensure_person
from otklik.people.models import Person
from tests.cast import START


def unused() -> Person:
    """Somebody who wrote once and never logged in."""
    return ensure_person(address="vera@clinic.test", name="Вера", at=START)[0]
