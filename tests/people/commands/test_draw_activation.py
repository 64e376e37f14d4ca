"""`draw_activation` draws a secret whose row is written with the mail."""

from datetime import timedelta

from otklik.people.commands.account_activation import draw_activation
from otklik.people.models import AccountToken
from otklik.people.tokens import digest_of
from tests.acting import LATER
from tests.people.commands.parts import unused


def test_nothing_is_written_before_the_mail(db: None) -> None:
    secret, token = draw_activation(person=unused(), at=LATER)
    assert not AccountToken.objects.exists()
    assert (token.digest, token.expires_at) == (digest_of(secret), LATER + timedelta(hours=24))
