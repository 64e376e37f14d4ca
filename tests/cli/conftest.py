"""Homes for the product's own processes."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from otklik.core.embedded import Embedded


@pytest.fixture(scope="module")
def installed() -> Iterator[Path]:
    """A home that the tests of a module share. The first start in it makes the database."""
    root = Path(tempfile.mkdtemp(prefix="otklik-test-"))
    root.chmod(0o711)
    home = root / "home"
    yield home
    Embedded(home).kill()
    shutil.rmtree(root)
