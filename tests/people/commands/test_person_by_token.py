"""`person_by_token` returns the person of an API token."""

from datetime import timedelta

from otklik.people.commands.api_tokens import add_token, person_by_token
from otklik.people.models import Person
from tests.acting import LATER, by, refuses
from tests.cast import Cast


def test_a_key_is_its_persons_for_what_it_may_do_while_it_lives(cast: Cast) -> None:
    _row, secret = add_token(**by(cast.anna), person=cast.anna, name="x", scopes=["read"])
    assert person_by_token(secret=secret, at=LATER) == cast.anna
    assert person_by_token(secret=secret, at=LATER, scope="write") is None
    assert person_by_token(secret=secret, at=LATER + timedelta(days=90)) is None
    assert person_by_token(secret=secret[:-1] + "_", at=LATER) is None
    Person.objects.filter(pk=cast.anna.pk).update(is_active=False)
    assert person_by_token(secret=secret, at=LATER) is None


def test_its_rate_is_counted_by_the_minute(cast: Cast) -> None:
    _row, secret = add_token(**by(cast.anna), person=cast.anna, name="x", rate=2)
    for _ in range(2):
        person_by_token(secret=secret, at=LATER)
    with refuses("person.rate_exceeded"):
        person_by_token(secret=secret, at=LATER)
    assert person_by_token(secret=secret, at=LATER + timedelta(minutes=1)) == cast.anna


def test_a_use_is_noted_of_this_key_alone(cast: Cast) -> None:
    row, secret = add_token(**by(cast.anna), person=cast.anna, name="x")
    other, _secret = add_token(**by(cast.anna), person=cast.anna, name="y")
    person_by_token(secret=secret, at=LATER)
    row.refresh_from_db()
    other.refresh_from_db()
    assert (row.last_used_at, other.last_used_at) == (LATER, None)
