"""A pytest plugin that excludes session and module fixtures (database, browser, homes) from a test's time limit.

On a busy machine creating them used up the limit of the first test, and the half-made fixture failed the tests after
it.
"""

import signal
from collections.abc import Generator
from typing import Any

import pytest

# Time limit for one such fixture, in seconds.
ONCE = 600.0


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]) -> Generator[None, Any, Any]:
    """Suspend pytest-timeout's timer while a fixture of wider scope than a test is set up."""
    left, _every = signal.getitimer(signal.ITIMER_REAL)
    if fixturedef.scope == "function" or not left:
        return (yield)
    signal.setitimer(signal.ITIMER_REAL, ONCE)
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_REAL, left)
