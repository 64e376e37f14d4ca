"""Rows are locked without joins, and only by core.locks."""

import ast
from pathlib import Path

import pytest
from django.db import transaction
from django.db.models import F

import otklik
from otklik.core.locks import lock, lock_all, lock_first
from otklik.people.models import Person
from otklik.tickets.commands.base import locked
from otklik.tickets.models import Ticket
from tests.cast import Cast
from tests.conftest import joins_while_locking
from tests.meanwhile import meanwhile
from tests.refusing import refused_as
from tests.statement_caps import statements_at_most

SOURCE = Path(otklik.__file__).parent


def test_no_other_module_locks_rows() -> None:
    found = []
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            named = isinstance(node, ast.Attribute) and node.attr == "select_for_update"
            text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            if named or any(words in text.upper() for words in ("FOR UPDATE", "FOR NO KEY UPDATE", "FOR SHARE")):
                found.append(path.relative_to(SOURCE).as_posix())
    assert set(found) == {"core/locks.py"}


def test_a_query_that_joins_is_refused(cast: Cast) -> None:
    joining = (
        Ticket.objects.select_related("status"),
        Ticket.objects.filter(status__name="Открытый"),
        Ticket.objects.exclude(requester__is_active=False),
        Ticket.objects.annotate(name=F("desk__name")),
        Person.objects.filter(emailaddress__email="anna@clinic.test"),
    )
    for rows in joining:
        with transaction.atomic(), pytest.raises(ValueError, match="joins"):
            lock_all(rows)
    with transaction.atomic():
        assert lock_first(Ticket.objects.filter(status_id=cast.ticket.status_id)) == cast.ticket


@pytest.mark.parametrize(
    ("sql", "is_wrong"),
    [
        ("SELECT 1 FROM a WHERE a.x = 1 FOR UPDATE", False),
        ("SELECT 1 FROM a INNER JOIN b ON true FOR UPDATE OF a", True),
        ("SELECT 1 FROM a LEFT OUTER JOIN b ON true FOR UPDATE SKIP LOCKED", True),
        ("SELECT 1 FROM a, b FOR UPDATE", True),
        ("SELECT 1 FROM a INNER JOIN b ON true", False),
    ],
)
def test_the_watch_over_all_statements_of_the_tests_sees_joins(sql: str, is_wrong: bool) -> None:
    assert joins_while_locking(sql) is is_wrong


def test_what_is_gone_is_said_so(cast: Cast) -> None:
    with transaction.atomic(), refused_as("core.gone"):
        lock(Ticket, 0)
    with transaction.atomic(), refused_as("core.gone"):
        locked(Ticket(pk=0))


def test_a_locked_row_is_read_as_the_one_before_left_it(people: Cast) -> None:
    mine = Ticket.objects.filter(pk=people.ticket.pk)
    with meanwhile(lambda: mine.update(subject="Новая тема")) as other, transaction.atomic():
        row = lock(Ticket, people.ticket.pk)
    assert other.waited and row.subject == "Новая тема"


def test_a_row_that_no_longer_fits_when_its_lock_is_free_is_left_out(people: Cast) -> None:
    mine = Ticket.objects.filter(pk=people.ticket.pk, assignee=None)
    with meanwhile(lambda: mine.update(assignee=people.agent)), transaction.atomic():
        assert lock_first(mine) is None


def test_a_row_that_somebody_holds_is_passed_over_when_asked(people: Cast) -> None:
    rows = Ticket.objects.filter(pk=people.ticket.pk)
    with meanwhile(lambda: rows.update(subject="x")) as other, transaction.atomic():
        assert lock_all(rows, skip_locked=True) == []
    assert not other.waited


def test_a_ticket_is_locked_and_read_by_two_statements(people: Cast) -> None:
    with transaction.atomic(), statements_at_most("ticket locked") as queries:
        row = locked(people.ticket)
        assert row.desk.key and row.status.name and row.priority.name
    assert {one["sql"].split()[0] for one in queries} == {"SELECT"}
