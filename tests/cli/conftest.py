"""Homes for the product's own processes."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from otklik.core.embedded_postgres import Embedded
from tests.homes import copy_home, started_home


@pytest.fixture(scope="module")
def installed() -> Iterator[Path]:
    """A home that the tests of a module share. The first start in it makes the database."""
    root = Path(tempfile.mkdtemp(prefix="otklik-test-"))
    root.chmod(0o711)
    home = root / "home"
    yield home
    Embedded(home).kill()
    shutil.rmtree(root)


@pytest.fixture(scope="module")
def started(installed: Path) -> Path:
    """The same home, in which the product was started once and ended."""
    copy_home(started_home(), installed)
    return installed
