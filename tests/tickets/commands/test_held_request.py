"""`held_request` returns the request that waits for a confirmation."""

from datetime import timedelta

import pytest

from otklik.desks.models import Desk, RequestType
from otklik.tickets.commands.unconfirmed import held_request
from tests.acting import LATER, refuses
from tests.cast import Cast
from tests.tickets.commands.parts import unconfirmed


def test_the_link_finds_its_words_while_it_lives_and_changes_nothing(cast: Cast) -> None:
    secret = unconfirmed(cast)
    assert held_request(secret=secret, at=LATER).subject == "Вопрос"
    for wrong, at in ((secret, LATER + timedelta(hours=25)), ("x" * 43, LATER), ("", LATER)):
        with refuses("person.link_gone"):
            held_request(secret=wrong, at=at)


def test_what_is_no_longer_offered_is_not_found(cast: Cast) -> None:
    secret = unconfirmed(cast)
    Desk.objects.update(anonymous=False)
    with refuses("person.link_gone"):
        held_request(secret=secret, at=LATER)


@pytest.mark.parametrize("column", ["archived", "restricted"])
def test_a_type_that_strangers_may_use_no_more_is_not_found(cast: Cast, column: str) -> None:
    secret = unconfirmed(cast)
    RequestType.objects.update(**{column: True})
    with refuses("person.link_gone"):
        held_request(secret=secret, at=LATER)
