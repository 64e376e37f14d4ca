"""Home directories for tests that start the product as a process."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from otklik.core.embedded_postgres import Embedded
from tests.homes import copy_home, started_home


@pytest.fixture(scope="module")
def installed() -> Iterator[Path]:
    """Yield a home shared by the tests of a module; the first start in it creates the database."""
    root = Path(tempfile.mkdtemp(prefix="otklik-test-"))
    root.chmod(0o711)
    home = root / "home"
    yield home
    Embedded(home).kill()
    shutil.rmtree(root)


@pytest.fixture(scope="module")
def started(installed: Path) -> Path:
    """Return the same home after the product was started and stopped in it once."""
    copy_home(started_home(), installed)
    return installed
