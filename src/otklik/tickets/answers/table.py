"""Answers of many requests as columns of a table."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, F, Func, OuterRef, Q, QuerySet

from otklik.desks.models import BUILT_IN, Field
from otklik.people.models import Organization
from otklik.tickets.answers.kinds import label_of
from otklik.tickets.answers.words import words_of
from otklik.tickets.models import Message, Ticket

Cell = str | int | float


@dataclass(frozen=True)
class AnswerColumns:
    """One column for each label: fields of several types that are called alike stand in one."""

    labels: list[str] = field(default_factory=list)
    rows: dict[tuple[int, str], list[Field]] = field(default_factory=dict)
    organizations: dict[int, str] = field(default_factory=dict)

    def cells(self, ticket: Ticket) -> list[Cell]:
        """The ticket's answers, in the columns' order: numbers as numbers, everything else in words."""
        found: dict[str, list[Cell]] = {}
        for key, answer in ticket.answers.items():
            row = self._row(ticket, key)
            if row is not None:
                found.setdefault(label_of(row), []).append(self._cell(row, answer))
        return [_one(found.get(label, [])) for label in self.labels]

    def _row(self, ticket: Ticket, key: str) -> Field | None:
        """The field of the ticket's own type; a type that it had before may have asked, too."""
        rows = self.rows.get((ticket.desk_id, key), [])
        mine = [row for row in rows if row.request_type_id == ticket.request_type_id]
        return next(iter([*mine, *rows]), None)

    def _cell(self, row: Field, answer: Any) -> Cell:
        if row.kind == Field.Kind.ORGANIZATION:
            return self.organizations.get(answer, "—")
        if row.kind == Field.Kind.NUMBER and isinstance(answer, int | float):
            return answer
        return words_of(row, answer)


def with_readable_answers(tickets: QuerySet[Ticket], said: QuerySet[Message]) -> QuerySet[Any]:
    """The tickets, each with `reads_answers`: whether its opening message is `said`, that is, readable (AB-01)."""
    return tickets.annotate(reads_answers=Exists(said.filter(ticket=OuterRef("pk"), opening=True).order_by()))


def answer_columns(tickets: QuerySet[Ticket]) -> AnswerColumns:
    """The columns for answers that customers may see and at least one of the tickets has. Three queries at most."""
    said = tickets.order_by().annotate(said=Func(F("answers"), function="jsonb_object_keys"))
    asked = set(said.values_list("desk_id", "said").distinct())
    if not asked:
        return AnswerColumns()
    rows = _rows(asked)
    labels = list(dict.fromkeys(label_of(row) for row in rows))
    known: dict[tuple[int, str], list[Field]] = {}
    for row in rows:
        known.setdefault((row.request_type.desk_id, row.key), []).append(row)
    return AnswerColumns(labels, known, _organizations(rows))


def _rows(asked: set[tuple[int, str]]) -> list[Field]:
    desks, keys = {desk for desk, _key in asked}, {key for _desk, key in asked}
    rows = Field.objects.filter(~Q(key__in=BUILT_IN), request_type__desk__in=desks, key__in=keys, hidden=False)
    order = ("request_type__desk_id", "request_type__position", "position", "id")
    return [
        row for row in rows.select_related("request_type").order_by(*order)
        if (row.request_type.desk_id, row.key) in asked
    ]  # fmt: skip


def _organizations(rows: Sequence[Field]) -> dict[int, str]:
    if not any(row.kind == Field.Kind.ORGANIZATION for row in rows):
        return {}
    return dict(Organization.objects.values_list("pk", "name"))


def _one(cells: list[Cell]) -> Cell:
    return cells[0] if len(cells) == 1 else "; ".join(str(cell) for cell in cells)
