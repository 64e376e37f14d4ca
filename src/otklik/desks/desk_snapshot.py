"""What desks are made of, read at once: the agents' pages need it every time, and each query has its price."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.translation import get_language


@dataclass(frozen=True, slots=True)
class Named:
    """A row with a name; `names`: (language, name) for other languages than the desk's."""

    id: int
    name: str
    names: tuple[tuple[str, str], ...]

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return dict(self.names).get(get_language() or "", self.name)


@dataclass(frozen=True, slots=True)
class StatusLine(Named):
    """A status of the desk."""

    category: str


@dataclass(frozen=True, slots=True)
class PriorityLine(Named):
    """A priority; 1 is the most urgent level."""

    level: int


@dataclass(frozen=True, slots=True)
class TypeLine:
    """A request type."""

    id: int
    name: str
    icon: str


@dataclass(frozen=True, slots=True)
class QueueLine(Named):
    """A queue; `criteria` as tickets.search.filters reads it, `order` a key of its ORDERS."""

    criteria: dict[str, Any]
    columns: list[str]
    order: str


@dataclass(frozen=True, slots=True)
class TransitionLine(Named):
    """A row of the table of transitions; `source` 0: from any status."""

    source: int
    target: int
    for_agents: bool


@dataclass(frozen=True, slots=True)
class ResolutionLine(Named):
    """A resolution; all desks have the same."""

    archived: bool


@dataclass(frozen=True, slots=True)
class DeskParts:
    """Everything of one desk, each in its own order."""

    queues: tuple[QueueLine, ...]
    statuses: tuple[StatusLine, ...]
    priorities: tuple[PriorityLine, ...]
    types: tuple[TypeLine, ...]
    mailboxes: tuple[int, ...]
    transitions: tuple[TransitionLine, ...]
    resolutions: tuple[ResolutionLine, ...]

    def agents_moves(self, status_id: int) -> list[tuple[TransitionLine, StatusLine]]:
        """What the staff may do from this status (`desks.queries.transitions_from`), each with the status after it."""
        statuses = {status.id: status for status in self.statuses}
        return [
            (row, statuses[row.target])
            for row in self.transitions
            if row.for_agents and row.source in (0, status_id) and row.target != status_id
        ]


_SQL = """
SELECT d.id,
  (SELECT json_agg(json_build_array(q.id, q.name, q.texts, q.criteria, q.columns, q."order") ORDER BY q.position, q.id)
     FROM desks_queue q WHERE q.desk_id = d.id)::text,
  (SELECT json_agg(json_build_array(s.id, s.name, s.texts, s.category) ORDER BY s.position, s.id)
     FROM desks_status s WHERE s.desk_id = d.id)::text,
  (SELECT json_agg(json_build_array(p.id, p.name, p.texts, p.level) ORDER BY p.level, p.id)
     FROM desks_priority p WHERE p.desk_id = d.id)::text,
  (SELECT json_agg(json_build_array(t.id, t.name, t.icon) ORDER BY t.position, t.id)
     FROM desks_requesttype t WHERE t.desk_id = d.id)::text,
  (SELECT json_agg(c.mailbox_id ORDER BY c.mailbox_id)
     FROM desks_channel c WHERE c.desk_id = d.id)::text,
  (SELECT json_agg(json_build_array(r.id, r.name, r.texts, coalesce(r.source_id, 0), r.target_id, r.for_agents)
                   ORDER BY r.position, r.id)
     FROM desks_transition r WHERE r.desk_id = d.id)::text,
  (SELECT json_agg(json_build_array(e.id, e.name, e.texts, e.archived) ORDER BY e.position, e.id)
     FROM desks_resolution e)::text
FROM desks_desk d WHERE d.id = ANY(%s)
"""


def parts_of(desks: Iterable[int]) -> dict[int, DeskParts]:
    """The parts of the desks by their ids: one statement, however many desks. Asks nobody's rights."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL, [list(desks)])
        return {desk: _parts(*(json.loads(text or "[]") for text in texts)) for desk, *texts in cursor.fetchall()}


def _parts(
    queues: list[Any],
    statuses: list[Any],
    priorities: list[Any],
    types: list[Any],
    boxes: list[int],
    moves: list[Any],
    resolutions: list[Any],
) -> DeskParts:
    return DeskParts(
        queues=tuple(QueueLine(row[0], row[1], _names(row[2]), *row[3:]) for row in queues),
        statuses=tuple(StatusLine(row[0], row[1], _names(row[2]), *row[3:]) for row in statuses),
        priorities=tuple(PriorityLine(row[0], row[1], _names(row[2]), *row[3:]) for row in priorities),
        types=tuple(TypeLine(*row) for row in types),
        mailboxes=tuple(boxes),
        transitions=tuple(TransitionLine(row[0], row[1], _names(row[2]), *row[3:]) for row in moves),
        resolutions=tuple(ResolutionLine(row[0], row[1], _names(row[2]), row[3]) for row in resolutions),
    )


def _names(texts: dict[str, dict[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((language, said["name"]) for language, said in texts.items() if said.get("name"))
