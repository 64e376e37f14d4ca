"""What is made once for many tests, a database, a browser, a home of the product, is no test's own time.

A pytest plugin. On a busy machine the making took the whole limit of the test that came first, and what was left half
made failed those after it.
"""

import signal
from collections.abc import Generator
from typing import Any

import pytest

# Seconds for making it.
ONCE = 600.0


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]) -> Generator[None, Any, Any]:
    """The clock of pytest-timeout stands still meanwhile."""
    left, _every = signal.getitimer(signal.ITIMER_REAL)
    if fixturedef.scope == "function" or not left:
        return (yield)
    signal.setitimer(signal.ITIMER_REAL, ONCE)
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_REAL, left)
