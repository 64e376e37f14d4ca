"""How much is in every queue: one statement, and no row is read beyond what a person cares to know.

A queue's part of the statement depends on its criteria, the reader ("me") and the desk's statuses alone, so it is
built once and kept; only its words stay, never a count.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from otklik.desks.parts import DeskParts, StatusLine
from otklik.mail.models import InboundMail
from otklik.mail.queries import for_a_person
from otklik.people.models import Person
from otklik.tickets.access import tickets_at
from otklik.tickets.filters import narrow

COUNTED = 999
MAILS_COUNTED = 99

Statement = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Counts:
    """By queue and by desk; COUNTED + 1 and MAILS_COUNTED + 1 mean "more"."""

    queues: dict[int, int] = field(default_factory=dict)
    mails: dict[int, int] = field(default_factory=dict)


def counted(person: Person, parts: Mapping[int, DeskParts]) -> Counts:
    """Count the queues and the mails that wait for a person of these desks, which the person works at."""
    statements = list(_statements(person, parts))
    if not statements:
        return Counts()
    # The pieces come from the ORM with their parameters apart.
    sql = " UNION ALL ".join(
        f"SELECT {kind}, {pk}, (SELECT count(*) FROM ({sql}) c)"  # noqa: S608 - numbers, and what the ORM wrote
        for kind, pk, (sql, _) in statements
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for _, _, (_, values) in statements for value in values])
        rows = cursor.fetchall()
    return Counts({pk: n for kind, pk, n in rows if kind == 0}, {pk: n for kind, pk, n in rows if kind == 1})


def _statements(person: Person, parts: Mapping[int, DeskParts]) -> Iterator[tuple[int, int, Statement]]:
    for desk, made_of in parts.items():
        for queue in made_of.queues:
            criteria = json.dumps(queue.criteria, sort_keys=True)
            yield 0, queue.id, _tickets(desk, criteria, person.pk, made_of.statuses)
        if made_of.mailboxes:
            yield 1, desk, _mails(made_of.mailboxes)


@lru_cache(maxsize=2000)
def _tickets(desk: int, criteria: str, viewer: int, statuses: tuple[StatusLine, ...]) -> Statement:
    tickets = narrow(tickets_at([desk]), json.loads(criteria), Person(pk=viewer), statuses)
    return _words_of(tickets, COUNTED + 1)


@lru_cache(maxsize=500)
def _mails(mailboxes: tuple[int, ...]) -> Statement:
    return _words_of(InboundMail.objects.filter(for_a_person(), mailbox__in=mailboxes), MAILS_COUNTED + 1)


def _words_of(rows: QuerySet[Any], most: int) -> Statement:
    """The statement that lists `most` rows by id alone; it is not run."""
    try:
        sql, values = rows.order_by().values("pk")[:most].query.sql_with_params()
    except EmptyResultSet:
        return "SELECT 1 WHERE false", ()
    return sql, tuple(values)
