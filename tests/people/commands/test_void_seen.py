"""`void_seen` voids secrets that others may have read."""

from datetime import timedelta

from django.utils.http import int_to_base36

from otklik.people.commands.account_activation import issue_activation
from otklik.people.commands.api_tokens import add_token
from otklik.people.commands.void_links import _AT_ONCE, void_seen
from otklik.people.models import AccountToken, ApiToken
from otklik.people.reset_links import ResetKeys
from tests.acting import LATER, by, tells
from tests.cast import Cast


def test_a_live_secret_works_no_more_and_other_words_change_nothing(cast: Cast) -> None:
    secret = issue_activation(person=cast.anna, at=LATER)
    reset = f"{int_to_base36(cast.anna.pk)}-{ResetKeys().make_token(cast.anna)}"
    assert void_seen(at=LATER, secrets=["слово", "x" * 43, secret, reset]) == 2
    assert void_seen(at=LATER, secrets=[secret, reset]) == 0
    cast.anna.refresh_from_db()
    assert not ResetKeys().check_token(cast.anna, reset.partition("-")[2])


def test_only_the_keys_that_were_seen_and_still_live_are_revoked(cast: Cast) -> None:
    seen, secret = add_token(**by(cast.anna), person=cast.anna, name="x")
    other, _secret = add_token(**by(cast.anna), person=cast.anna, name="y")
    _row, old = add_token(**by(cast.anna), person=cast.anna, name="z", lifetime=timedelta(hours=1))
    with tells("person.token_revoked"):
        assert void_seen(at=LATER + timedelta(hours=1), secrets=[secret, old]) == 1
    assert ApiToken.objects.filter(pk=other.pk).exists() and not ApiToken.objects.filter(pk=seen.pk).exists()


def test_links_of_others_and_those_that_ran_out_are_not_counted(cast: Cast) -> None:
    secret, kept = (issue_activation(person=person, at=LATER) for person in (cast.anna, cast.boris))
    assert void_seen(at=LATER + timedelta(hours=24), secrets=[secret]) == 0
    assert void_seen(at=LATER, secrets=[secret]) == 1
    assert AccountToken.objects.get().person == cast.boris and kept


def test_no_number_of_other_words_hides_a_secret(cast: Cast) -> None:
    secret = issue_activation(person=cast.anna, at=LATER)
    before = [f"!{number:06}" for number in range(_AT_ONCE + 5)]
    assert max(before) < secret, "the secret is not among the first that are looked at"
    assert void_seen(at=LATER, secrets=[*before, secret]) == 1
    assert not AccountToken.objects.exists()
