"""Which counters a guess increments: that of the account or code, and that of the network address."""

import pytest
from django.test import RequestFactory

from otklik.people.login_attempts import Attempt, TooManyFromAddress

HERE, ELSEWHERE = "10.0.0.9", "10.0.0.10"


@pytest.mark.parametrize("kind", ["password", "factor", "code"])
def test_ab_38_wrong_guesses_of_each_kind_count_against_the_network_address(db: None, kind: str) -> None:
    """Guessing codes and passwords from one network address shares one budget."""
    request = RequestFactory().post("/", REMOTE_ADDR=HERE)
    for number in range(10):
        Attempt.begin(request, kind=kind, person=None, secret=f"secret {number}").settle(False)
    with pytest.raises(TooManyFromAddress):
        Attempt.begin(request, kind="password", person=None, address="anna@clinic.test")
    Attempt.begin(RequestFactory().post("/", REMOTE_ADDR=ELSEWHERE), kind=kind, person=None, secret="another")


def test_right_guesses_count_against_nobody(db: None) -> None:
    request = RequestFactory().post("/", REMOTE_ADDR=HERE)
    for _ in range(20):
        Attempt.begin(request, kind="code", person=None, secret="one").settle(True)
