"""What the tests of reliability share."""

from pathlib import Path

import pytest

from tests.intake.conftest import people, sink
from tests.reliability.house import house

__all__ = ["people", "sink"]


@pytest.fixture(scope="session")
def ready_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a stopped product with the desk ACCREDO, to be copied."""
    home = tmp_path_factory.mktemp("ready") / "home"
    with house(home) as made:
        assert made.stop() == 0
    return home
