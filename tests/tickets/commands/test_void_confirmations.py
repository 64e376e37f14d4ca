"""`void_confirmations` deletes unconfirmed requests with links that others may have read."""

from datetime import timedelta

from otklik.tickets.commands.unconfirmed import confirm_request, held_request, void_confirmations
from tests.acting import LATER
from tests.cast import Cast
from tests.tickets.commands.parts import unconfirmed


def test_what_waits_under_a_seen_link_is_forgotten_and_nothing_else(cast: Cast) -> None:
    seen, unseen = unconfirmed(cast), unconfirmed(cast, "petr@clinic.test")
    assert void_confirmations(secrets=[seen, "x" * 43, "слово"], at=LATER) == 1
    assert void_confirmations(secrets=[seen], at=LATER) == 0
    assert held_request(secret=unseen, at=LATER).address == "petr@clinic.test"


def test_what_ran_out_is_not_counted(cast: Cast) -> None:
    assert void_confirmations(secrets=[unconfirmed(cast)], at=LATER + timedelta(hours=24)) == 0


def test_what_became_a_request_stays_known(cast: Cast) -> None:
    secret = unconfirmed(cast)
    ticket = confirm_request(secret=secret, at=LATER)
    assert void_confirmations(secrets=[secret], at=LATER) == 0
    assert confirm_request(secret=secret, at=LATER) == ticket
