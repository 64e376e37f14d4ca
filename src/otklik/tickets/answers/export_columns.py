"""Answers of many tickets as table columns."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db.models import Case, Exists, F, Func, OuterRef, Q, QuerySet, When

from otklik.core.fast_reads import AnyOf, fast_read
from otklik.desks.models import BUILT_IN, Field
from otklik.people.models import Organization, Person
from otklik.tickets.access import read_by
from otklik.tickets.answers.display import words_of
from otklik.tickets.answers.field_types import label_of
from otklik.tickets.models import Message, Ticket

Cell = str | int | float


class Answered(Protocol):
    """A ticket, or an object with its columns."""

    @property
    def desk_id(self) -> int: ...
    @property
    def request_type_id(self) -> int | None: ...
    @property
    def answers(self) -> Any: ...


@dataclass(frozen=True)
class AnswerColumns:
    """A table column for each label; fields of several request types with the same label share one."""

    labels: list[str] = field(default_factory=list)
    rows: dict[str, list[Field]] = field(default_factory=dict)
    organizations: dict[int, str] = field(default_factory=dict)

    def cells(self, ticket: Answered) -> list[Cell]:
        """Return the ticket's answers in the order of the columns: numbers as numbers, others as text."""
        cells: dict[str, list[Cell]] = {}
        for key, answer in ticket.answers.items():
            form_field = self._row(ticket, key)
            if form_field is not None:
                cells.setdefault(label_of(form_field), []).append(self._cell(form_field, answer))
        return [_one(cells.get(label, [])) for label in self.labels]

    def _row(self, ticket: Answered, key: str) -> Field | None:
        """Return the field of the ticket's own type, otherwise of another type, as the ticket's type or desk may have
        changed."""
        rows = self.rows.get(key, [])
        mine = [form_field for form_field in rows if form_field.request_type_id == ticket.request_type_id]
        return next(iter([*mine, *rows]), None)

    def _cell(self, form_field: Field, answer: Any) -> Cell:
        if form_field.kind == Field.Kind.ORGANIZATION:
            return self.organizations.get(answer, "—")
        if form_field.kind == Field.Kind.NUMBER and isinstance(answer, int | float):
            return answer
        return words_of(form_field, answer)


def with_readable_answers(tickets: QuerySet[Ticket], messages: QuerySet[Message]) -> QuerySet[Any]:
    """Annotate `reads_answers`: the ticket has answers, and its opening message is in `messages`, that is, readable
    (AB-01)."""
    opening = Exists(messages.filter(ticket=OuterRef("pk"), opening=True).order_by())
    return tickets.annotate(reads_answers=Case(When(answers={}, then=False), default=opening))


def answer_columns(reader: Person, tickets: list[int]) -> AnswerColumns:
    """Return the columns for answers that the reader may read, as a customer, in at least one of these tickets.

    `tickets`: ids that the reader may see. Three statements at most.
    """
    asked = set(_asked(reader=reader.pk, tickets=tickets))
    return _columns(asked, hidden=False) if asked else AnswerColumns()


def _columns(asked: set[str], *, hidden: bool) -> AnswerColumns:
    rows = _rows(asked, hidden=hidden)
    labels = list(dict.fromkeys(label_of(form_field) for form_field in rows))
    known: dict[str, list[Field]] = {}
    for form_field in rows:
        known.setdefault(form_field.key, []).append(form_field)
    return AnswerColumns(labels, known, _organizations(rows))


def staff_answer_columns(tickets: list[int]) -> AnswerColumns:
    """Return the columns for staff of all these tickets, who read every answer, including hidden fields."""
    asked = set(_asked_for_staff(tickets=tickets))
    return _columns(asked, hidden=True) if asked else AnswerColumns()


@fast_read("tickets")
def _asked_for_staff(*, tickets: list[int]) -> QuerySet[Ticket, Any]:
    """The keys of the answers in these tickets."""
    keys = Ticket.objects.filter(AnyOf("pk", tickets)).order_by()
    keys = keys.annotate(said=Func(F("answers"), function="jsonb_object_keys"))
    asked: QuerySet[Ticket, Any] = keys.values_list("said", flat=True).distinct()
    return asked


@fast_read("reader", "tickets")
def _asked(*, reader: int, tickets: list[int]) -> QuerySet[Ticket, Any]:
    """The keys of the answers in these tickets that the reader may read."""
    rows = Ticket.objects.filter(AnyOf("pk", tickets)).order_by()
    read = with_readable_answers(rows, read_by(Person(pk=reader))).filter(reads_answers=True)
    keys = read.annotate(said=Func(F("answers"), function="jsonb_object_keys"))
    asked: QuerySet[Ticket, Any] = keys.values_list("said", flat=True).distinct()
    return asked


def _rows(asked: set[str], *, hidden: bool) -> list[Field]:
    rows = Field.objects.filter(~Q(key__in=BUILT_IN), key__in=asked)
    rows = rows if hidden else rows.filter(hidden=False)
    order = ("request_type__desk_id", "request_type__position", "position", "id")
    return list(rows.select_related("request_type").order_by(*order))


def _organizations(rows: Sequence[Field]) -> dict[int, str]:
    if not any(form_field.kind == Field.Kind.ORGANIZATION for form_field in rows):
        return {}
    return dict(Organization.objects.values_list("pk", "name"))


def _one(cells: list[Cell]) -> Cell:
    return cells[0] if len(cells) == 1 else "; ".join(str(cell) for cell in cells)
