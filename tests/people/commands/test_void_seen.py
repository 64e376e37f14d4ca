"""Secrets that others may have read."""

from django.utils.http import int_to_base36

from otklik.people.commands.activation import issue_activation
from otklik.people.commands.void_links import void_seen
from otklik.people.reset_links import ResetKeys
from tests.acting import LATER
from tests.cast import Cast


def test_a_live_secret_works_no_more_and_other_words_change_nothing(cast: Cast) -> None:
    secret = issue_activation(person=cast.anna, at=LATER)
    reset = f"{int_to_base36(cast.anna.pk)}-{ResetKeys().make_token(cast.anna)}"
    assert void_seen(at=LATER, secrets=["слово", "x" * 43, secret, reset]) == 2
    assert void_seen(at=LATER, secrets=[secret, reset]) == 0
    cast.anna.refresh_from_db()
    assert not ResetKeys().check_token(cast.anna, reset.partition("-")[2])
