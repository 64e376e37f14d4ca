"""Fixtures of the reliability tests."""

from pathlib import Path

import pytest

from tests.homes import desk_home
from tests.intake.conftest import people, sink

__all__ = ["people", "sink"]


@pytest.fixture(scope="session")
def ready_made() -> Path:
    """Return the home of a stopped product with the desk ACCREDO, to be copied."""
    return desk_home()
