"""What many tests of one module begin with, made once for all of them, in a transaction around the module.

Each test still has a transaction of its own within it and finds everything as it was made.
"""

import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client, override_settings
from pytest_django.plugin import DjangoDbBlocker


@dataclass(frozen=True)
class Session:
    """A browser's cookies, to begin again with."""

    cookies: bytes

    @classmethod
    def of(cls, client: Client) -> "Session":
        """What this browser has now."""
        return cls(pickle.dumps(client.cookies))

    def client(self, **options: Any) -> Client:
        """A new browser with these cookies."""
        made = Client(**options)
        made.cookies = pickle.loads(self.cookies)
        return made


@contextmanager
def around_a_module(home: Path, blocker: DjangoDbBlocker) -> Iterator[None]:
    """For a module's fixture: what is written within is there for its tests and rolled back after the last.

    Received files land in `home`. A test that commits (`transactional_db`) cannot be in such a module.
    """
    around = transaction.atomic()
    around._from_testcase = True  # type: ignore[attr-defined]  # as Django marks its own: durable blocks may be in it
    with override_settings(HOME=home, FILES=home / "files"), blocker.unblock(), around:
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def module_home(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """A home for the tests of this module, in a transaction around them."""
    home = tmp_path_factory.mktemp("module")
    with around_a_module(home, django_db_blocker):
        yield home
