"""The post office around the notices."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from tests.cast import Cast, build_cast
from tests.postoffice import Sink, running_intake, running_sink


@pytest.fixture
def people(transactional_db: None, home: Path) -> Cast:
    """The cast, visible to other threads too; nothing of it waits to be mailed."""
    return build_cast()


@pytest.fixture
def sink(transactional_db: None, settings: Settings) -> Iterator[Sink]:
    """A real mail server that takes our mail."""
    with running_sink(settings) as running:
        yield running


@pytest.fixture
def intake(transactional_db: None, home: Path) -> Iterator[int]:
    """The product's SMTP intake; the value is its port."""
    with running_intake() as port:
        yield port
