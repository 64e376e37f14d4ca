"""`issue_activation` creates the secret of an activation link."""

from datetime import timedelta

from otklik.people.commands.account_activation import issue_activation, person_to_activate
from otklik.people.models import AccountToken
from otklik.people.tokens import digest_of
from tests.acting import LATER, refuses
from tests.people.commands.parts import unused


def test_a_new_secret_ends_the_earlier_one_and_only_its_hash_is_kept(db: None) -> None:
    person = unused()
    first, second = (issue_activation(person=person, at=LATER) for _ in range(2))
    assert AccountToken.objects.get(person=person).digest == digest_of(second)
    assert person_to_activate(secret=second, at=LATER) == person
    with refuses("person.link_gone"):
        person_to_activate(secret=first, at=LATER)


def test_it_lives_as_long_as_it_was_given(db: None) -> None:
    issue_activation(person=unused(), at=LATER, lifetime=timedelta(hours=72))
    assert AccountToken.objects.get().expires_at == LATER + timedelta(hours=72)
