"""`mark_heard` marks people whose mail provably arrives."""

from datetime import timedelta

from otklik.people.commands.persons import ensure_person, mark_heard
from otklik.people.models import Person
from tests.acting import LATER
from tests.cast import START, Cast


def test_the_first_time_is_kept_and_no_power_follows(cast: Cast) -> None:
    person = ensure_person(address="vera@clinic.test", name="Вера", at=START)[0]
    for at in (LATER, LATER + timedelta(days=1)):
        mark_heard(persons=[person, cast.anna], at=at)
    row = Person.objects.get(pk=person.pk)
    assert (row.heard_at, row.activated_at) == (LATER, None)
    assert Person.objects.get(pk=cast.anna.pk).heard_at is None, "an account in use is heard anyway"


def test_the_first_time_is_kept_though_others_noted_it_meanwhile(cast: Cast) -> None:
    person = ensure_person(address="vera@clinic.test", name="Вера", at=START)[0]
    Person.objects.filter(pk=person.pk).update(heard_at=START)
    mark_heard(persons=[person], at=LATER)
    assert Person.objects.get(pk=person.pk).heard_at == START
