"""What the tests of single commands say in short: who acts and when, and what the journal tells of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from otklik.core.errors import UnableTo
from otklik.journal.models import Event
from otklik.people.actor import Actor, system
from otklik.people.models import Person
from tests.cast import START

LATER = START + timedelta(hours=1)


def by(person: Person | None = None, via: str = "agent") -> dict[str, Any]:
    """The `actor` and `at` of a command; without a person it is the product itself."""
    return {"actor": Actor(person, via) if person else system(), "at": LATER}


@contextmanager
def tells(*kinds: str) -> Iterator[None]:
    """The journal gets exactly these events meanwhile, in this order."""
    before = Event.objects.order_by("-id").values_list("id", flat=True).first() or 0
    yield
    assert list(Event.objects.filter(id__gt=before).order_by("id").values_list("kind", flat=True)) == list(kinds)


@contextmanager
def refuses(error: type[UnableTo] = UnableTo) -> Iterator[None]:
    """The command raises this, and the journal tells of nothing."""
    with tells(), pytest.raises(error):
        yield


@contextmanager
def locks(*models: type[Model]) -> Iterator[None]:
    """Rows of each of these are read under a lock meanwhile, so that whoever changes one at the same moment waits."""
    with CaptureQueriesContext(connection) as asked:
        yield
    locking = [query["sql"] for query in asked if " FOR UPDATE" in query["sql"] or " FOR NO KEY UPDATE" in query["sql"]]
    for model in models:
        assert any(f'FROM "{model._meta.db_table}"' in sql for sql in locking), f"{model.__name__} was not locked"
