"""Helpers for tests of single commands: actor and time, expected events, expected refusals and row locks."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model

from otklik.core.errors import UnableTo
from otklik.journal.models import Event
from otklik.people.actor import Actor, system
from otklik.people.models import Person
from tests.cast import START

LATER = START + timedelta(hours=1)
# Commands may change a row of these tables concurrently, so each command must lock it first.
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
_LOCKS = re.compile(r'SELECT (?:DISTINCT )?"(\w+)"\."\w+".* FOR (?:NO KEY )?UPDATE', re.DOTALL)
_ADDS = re.compile(r'INSERT INTO "(\w+)"')
_CHANGES = re.compile(
    r'UPDATE (?P<table>"\w+") SET .*?(?: FROM (?P<values>unnest\(.*))? WHERE (?P<rows>\(?(?P=table)\."id" (?:=|IN) .*)',
    re.DOTALL,
)


def by(person: Person | None = None, via: str = "agent") -> dict[str, Any]:
    """Return the `actor` and `at` arguments of a command; without a person the actor is the system."""
    return {"actor": Actor(person, via) if person else system(), "at": LATER}


@contextmanager
def tells(*kinds: str) -> Iterator[None]:
    """Require that the block records exactly these events, in this order, each in a transaction that the command began,
    and changes no row of LOCKED_FIRST without a lock."""
    before = Event.objects.order_by("-id").values_list("id", flat=True).first() or 0
    with connection.execute_wrapper(_RowLocks(LOCKED_FIRST)):
        yield
    assert list(Event.objects.filter(id__gt=before).order_by("id").values_list("kind", flat=True)) == list(kinds)


@contextmanager
def refuses(*codes: str) -> Iterator[None]:
    """Require that the block is refused with one of these codes (docs/refusals.md) and records no event.

    Several codes are for the iterations of a loop. Checking only the exception type would miss a guard that is gone
    while another one refuses.
    """
    with tells(), pytest.raises(UnableTo) as caught:
        yield
    assert caught.value.code in codes


@contextmanager
def locks(*models: type[Model]) -> Iterator[None]:
    """Require that the block reads rows of each of these models under a lock, so that concurrent changes wait."""
    rows = _RowLocks()
    with connection.execute_wrapper(rows):
        yield
    locked = {table for table, _ in rows.locked}
    for model in models:
        assert model._meta.db_table in locked, f"{model.__name__} was not locked"


class _RowLocks:
    """Query wrapper that records locked rows and fails when a row of a `guarded` table is changed without its lock.

    Rows added within the block need no lock: no other transaction sees them.
    """

    def __init__(self, guarded: Collection[str] = ()) -> None:
        self.locked = set[tuple[str, int]]()
        self._guarded = guarded
        self._last_before: dict[str, int] = {}
        self._outside = _depth()

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        statement = str(sql)
        if lock := _LOCKS.match(statement):
            self.locked |= {(lock[1], pk) for pk in _ids(statement, params)}
        elif (addition := _ADDS.match(statement)) and addition[1] == Event._meta.db_table:
            assert _depth() > self._outside, "an event stands without the transaction of what it tells"
        elif addition and addition[1] in self._guarded:
            self._last_before.setdefault(addition[1], _last_id(addition[1]))
        elif (change := _CHANGES.match(statement)) and change["table"].strip('"') in self._guarded:
            self._require_locks(change["table"].strip('"'), _changed(change, params))
        return execute(sql, params, many, context)

    def _require_locks(self, table: str, changed: Iterable[int]) -> None:
        last_before = self._last_before.get(table)
        for pk in changed:
            is_new = last_before is not None and pk > last_before
            assert is_new or (table, pk) in self.locked, f"{table} {pk} changed without its lock"


def _depth() -> int:
    """Return the number of nested open transactions and savepoints."""
    return len(connection.savepoint_ids) + int(connection.in_atomic_block)


def _changed(change: re.Match[str], params: Any) -> set[int]:
    """Return the ids of the rows that this UPDATE is about to change."""
    table, values, rows = change["table"], change["values"], change["rows"]
    parameters = len(re.findall("%[sb]", f"{values} {rows}"))
    return _ids(
        f'SELECT {table}."id" FROM {f"{table}, {values}" if values else table} WHERE {rows}',
        params[len(params) - parameters :],
    )


def _ids(sql: str, params: Any) -> set[int]:
    """Return the `id` column of the statement's result, bypassing the wrappers.

    The caller executes the statement again.
    """
    with connection.connection.cursor() as cursor:
        cursor.execute(sql, params)
        return {row[[column.name for column in cursor.description].index("id")] for row in cursor.fetchall()}


def _last_id(table: str) -> int:
    return max(_ids(f'SELECT "id" FROM "{table}" ORDER BY "id" DESC LIMIT 1', None), default=0)
