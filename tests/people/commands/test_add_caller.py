"""`add_caller` adds a person who phoned."""

from otklik.people.commands.persons import add_caller
from tests.acting import LATER, refuses
from tests.cast import START
from tests.refusing import refused_as


def test_a_caller_has_a_name_of_bearable_length(db: None) -> None:
    assert add_caller(name=f"  {'я' * 300} ", at=START).name == "я" * 200
    with refused_as("person.caller_name_missing"):
        add_caller(name=" \t", at=START)


def test_a_caller_has_a_name_and_no_way_to_log_in(db: None) -> None:
    person = add_caller(name=" Вера ", at=LATER)
    assert (person.name, person.email, person.has_usable_password()) == ("Вера", None, False)
    with refuses("person.caller_name_missing"):
        add_caller(name=" ", at=LATER)
