"""What the tests of single commands say in short: who acts and when, and what the journal tells of it."""

import re
from collections.abc import Iterable, Iterator
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
# Two commands may change a row of these at one moment, so every command locks it first.
LOCKED_FIRST = {
    "desks_center",
    "desks_desk",
    "desks_mailtext",
    "desks_resolution",
    "desks_transition",
    "mail_imapaccount",
    "mail_inboundmail",
    "mail_senderrule",
    "people_organization",
    "tickets_ticket",
    "tickets_unconfirmed",
}
_LOCKS = re.compile(r'SELECT .* FROM "(\w+)" .* FOR (?:NO KEY )?UPDATE', re.DOTALL)
_CHANGES_ROW = re.compile(r'UPDATE "(\w+)" SET .* WHERE "\1"\."id" = ', re.DOTALL)


def by(person: Person | None = None, via: str = "agent") -> dict[str, Any]:
    """The `actor` and `at` of a command; without a person it is the product itself."""
    return {"actor": Actor(person, via) if person else system(), "at": LATER}


@contextmanager
def tells(*kinds: str) -> Iterator[None]:
    """The journal gets exactly these events meanwhile, in this order, and no row changes unlocked (LOCKED_FIRST)."""
    before = Event.objects.order_by("-id").values_list("id", flat=True).first() or 0
    with CaptureQueriesContext(connection) as asked:
        yield
    _require_locks(query["sql"] for query in asked)
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
    locked = {found[1] for found in (_LOCKS.match(query["sql"]) for query in asked) if found}
    for model in models:
        assert model._meta.db_table in locked, f"{model.__name__} was not locked"


def _require_locks(statements: Iterable[str]) -> None:
    locked = set[str]()
    for sql in statements:
        if locks_rows := _LOCKS.match(sql):
            locked.add(locks_rows[1])
        changes = _CHANGES_ROW.match(sql)
        assert changes is None or changes[1] not in LOCKED_FIRST - locked, f"changed without its lock: {sql}"
