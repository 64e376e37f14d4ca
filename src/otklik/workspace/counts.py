"""How much is in every queue: one statement, and no row is read beyond what a person cares to know.

A queue's part of the statement depends on its criteria and the desk's statuses alone ("me" is filled in), so it is
built once and kept; only its words stay, never a count.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet

from otklik.core.compiled_sql import SOMEBODY, CompiledSQL, compiled, run
from otklik.desks.desk_snapshot import DeskParts, StatusLine
from otklik.mail.models import InboundMail
from otklik.mail.queries import for_a_person
from otklik.people.models import Person
from otklik.tickets.access import tickets_at
from otklik.tickets.search.filters import narrow

COUNTED = 999
MAILS_COUNTED = 99


@dataclass(frozen=True, slots=True)
class Counts:
    """By queue and by desk; COUNTED + 1 and MAILS_COUNTED + 1 mean "more"."""

    queues: dict[int, int] = field(default_factory=dict)
    mails: dict[int, int] = field(default_factory=dict)


def counted(person: Person, parts: Mapping[int, DeskParts]) -> Counts:
    """Count the queues and the mails that wait for a person of these desks, which the person works at."""
    statements = list(_statements(parts))
    if not statements:
        return Counts()
    # The pieces come from the ORM with their parameters apart.
    sql = " UNION ALL ".join(
        f"SELECT {kind}, {pk}, (SELECT count(*) FROM ({part.sql}) c)"  # noqa: S608 - numbers, and what the ORM wrote
        for kind, pk, part in statements
    )
    rows = run(CompiledSQL(sql, tuple(value for _, _, part in statements for value in part.values)), person.pk)
    return Counts({pk: n for kind, pk, n in rows if kind == 0}, {pk: n for kind, pk, n in rows if kind == 1})


def _statements(parts: Mapping[int, DeskParts]) -> Iterator[tuple[int, int, CompiledSQL]]:
    for desk, made_of in parts.items():
        for queue in made_of.queues:
            criteria = json.dumps(queue.criteria, sort_keys=True)
            yield 0, queue.id, _tickets(desk, criteria, made_of.statuses)
        if made_of.mailboxes:
            yield 1, desk, _mails(made_of.mailboxes)


@lru_cache(maxsize=2000)
def _tickets(desk: int, criteria: str, statuses: tuple[StatusLine, ...]) -> CompiledSQL:
    tickets = narrow(tickets_at([desk]), json.loads(criteria), Person(pk=SOMEBODY), statuses)
    return _ids(tickets, COUNTED + 1)


@lru_cache(maxsize=500)
def _mails(mailboxes: tuple[int, ...]) -> CompiledSQL:
    return _ids(InboundMail.objects.filter(for_a_person(), mailbox__in=mailboxes), MAILS_COUNTED + 1)


def _ids(rows: QuerySet[Any], most: int) -> CompiledSQL:
    return compiled(rows.order_by().values("pk")[:most])
