"""`revoke_token` revokes an API token."""

from otklik.people.commands.api_tokens import add_token, person_by_token, revoke_token
from tests.acting import LATER, by, tells
from tests.cast import Cast


def test_the_key_opens_nothing_any_more(cast: Cast) -> None:
    row, secret = add_token(**by(cast.anna), person=cast.anna, name="x")
    assert person_by_token(secret=secret, at=LATER) == cast.anna
    with tells("person.token_revoked"):
        revoke_token(**by(cast.anna), token=row)
    assert person_by_token(secret=secret, at=LATER) is None
