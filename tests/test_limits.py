"""Time limits of tests (pytest-timeout), and what they exclude."""

import signal
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest

from tests.clock import ONCE, pytest_fixture_setup


def left() -> float:
    return signal.getitimer(signal.ITIMER_REAL)[0]


def around(scope: str) -> tuple[float, float, float]:
    """Return the seconds left to this test before, during and after the setup of a fixture of this scope."""
    before, making = left(), pytest_fixture_setup(SimpleNamespace(scope=scope))  # type: ignore[arg-type]
    next(making)
    meanwhile = left()
    with suppress(StopIteration):
        making.send(None)
    return before, meanwhile, left()


@pytest.mark.parametrize("scope", ["session", "module"])
def test_what_is_made_once_for_many_is_no_tests_time(scope: str) -> None:
    before, meanwhile, after = around(scope)
    assert ONCE - 10 < meanwhile <= ONCE
    assert before - 10 < after <= before


def test_what_a_test_makes_for_itself_is_its_time() -> None:
    before, meanwhile, after = around("function")
    assert after <= meanwhile <= before


def test_without_a_limit_none_is_set() -> None:
    kept: Any = signal.setitimer(signal.ITIMER_REAL, 0)
    try:
        assert around("session") == (0.0, 0.0, 0.0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, kept[0])
