"""Data that many tests of one module share, made once in a transaction around the module.

Each test still has its own transaction within it and finds the data as it was made.
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
    """The cookies of a client, to be reused."""

    cookies: bytes

    @classmethod
    def of(cls, client: Client) -> "Session":
        """Return the client's present cookies."""
        return cls(pickle.dumps(client.cookies))

    def client(self, **options: Any) -> Client:
        """Return a new client with these cookies."""
        client_with_cookies = Client(**options)
        client_with_cookies.cookies = pickle.loads(self.cookies)
        return client_with_cookies


@contextmanager
def around_a_module(home: Path, blocker: DjangoDbBlocker) -> Iterator[None]:
    """Wrap a module's fixture in a transaction: what is written within exists for its tests and is rolled back after
    the last.

    Received files are stored in `home`. A test that commits (`transactional_db`) cannot be in such a module.
    """
    around = transaction.atomic()
    around._from_testcase = True  # type: ignore[attr-defined]  # as Django marks its own: durable blocks may nest
    with override_settings(HOME=home, FILES=home / "files"), blocker.unblock(), around:
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def module_home(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """Yield a home for the tests of this module, in a transaction around them."""
    home = tmp_path_factory.mktemp("module")
    with around_a_module(home, django_db_blocker):
        yield home
