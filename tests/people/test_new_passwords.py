"""What a new password ends, however it was set."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from otklik.people.commands.account_activation import issue_activation, person_to_activate
from otklik.people.commands.persons import ensure_person, grant
from otklik.people.commands.profile import change_password, reset_password
from otklik.people.commands.signup import finish_sign_up, issue_sign_up
from otklik.people.login_throttle import account_of, may_guess
from otklik.people.models import Person
from tests.refusing import refused_as

LONG = "облако в штанах"


def by_sign_up(person: Person) -> None:
    now = timezone.now()
    finish_sign_up(secret=issue_sign_up(address=person.email or "", name="", at=now), password=LONG, at=now)


WAYS: dict[str, Callable[[Person], object]] = {
    "changed": lambda person: change_password(person=person, at=timezone.now(), password=LONG),
    "reset": lambda person: reset_password(person=person, at=timezone.now(), password=LONG),
    "granted": lambda person: grant(person=person, at=timezone.now(), password=LONG),
    "signed up": by_sign_up,
}


@pytest.mark.parametrize("way", WAYS)
def test_ab_25_a_new_password_voids_the_activation_link(db: None, way: str) -> None:
    now = timezone.now()
    person, _new = ensure_person(address="new@clinic.test", name="", at=now)
    link = issue_activation(person=person, at=now)
    assert person_to_activate(secret=link, at=now) == person
    WAYS[way](person)
    assert Person.objects.get(pk=person.pk).check_password(LONG)
    with refused_as("person.link_gone"):
        person_to_activate(secret=link, at=now)


@pytest.mark.parametrize("way", WAYS)
def test_ab_38_after_a_new_password_guesses_are_counted_anew(db: None, way: str) -> None:
    now = timezone.now()
    person, _new = ensure_person(address="new@clinic.test", name="", at=now)
    while may_guess(kind="password", whose=account_of(person, ""), at=now):
        pass
    WAYS[way](person)
    assert may_guess(kind="password", whose=account_of(person, ""), at=now)
