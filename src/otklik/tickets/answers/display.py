"""Display values of a ticket's answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.urls import reverse

from otklik.desks.models import Field
from otklik.tickets.answers.field_types import label_of
from otklik.tickets.answers.form import KINDS
from otklik.tickets.models import Attachment, Ticket


@dataclass(frozen=True, slots=True)
class FileWords:
    """A file of an answer. `url`: its download."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One answer as shown: text in `words`, or `files`. `long`: multi-line text."""

    key: str
    label: str
    words: str
    long: bool
    files: list[FileWords]


def fields_of(ticket: Ticket) -> list[Field]:
    """Return the fields of the ticket's type, and of other types for which it has answers. One query.

    Covers other desks that the ticket was at.
    """
    here, answered = Q(request_type__desk_id=ticket.desk_id), Q(custom__isnull=False, key__in=ticket.answers)
    rows = Field.objects.filter(here | answered).order_by("position", "id")
    mine = [field for field in rows if field.request_type_id == ticket.request_type_id]
    known = {field.key for field in mine}
    others = {field.key: field for field in rows if field.key in ticket.answers and field.key not in known}
    return [*mine, *others.values()]


def answer_lines(ticket: Ticket, *, for_staff: bool) -> list[AnswerLine]:
    """Return the answers in the form's order. Hidden presets are left out for customers.

    No query for a ticket without answers.
    """
    if not ticket.answers:
        return []
    files = _files_of(ticket)
    return [
        _line(field, ticket.answers[field.key], files)
        for field in fields_of(ticket)
        if field.key in ticket.answers and not field.built_in and (for_staff or not field.hidden)
    ]


def words_of(field: Field, answer: Any) -> str:
    """Return an answer as text; one that no longer fits its field is shown as stored."""
    try:
        return KINDS[field.kind].display(field, answer)
    except (TypeError, ValueError, KeyError, ArithmeticError):
        return str(answer)


def _line(field: Field, answer: Any, files: Mapping[tuple[str, str], int]) -> AnswerLine:
    if field.kind == Field.Kind.ATTACHMENT:
        links = [
            FileWords(file["name"], reverse("portal:attachment", args=[pk, file["name"]]))
            for file in answer
            if (pk := files.get((file["name"], file["digest"])))
        ]
        return AnswerLine(field.key, label_of(field), "", long=False, files=links)
    return AnswerLine(field.key, label_of(field), words_of(field, answer), field.kind == Field.Kind.PARAGRAPH, [])


def _files_of(ticket: Ticket) -> dict[tuple[str, str], int]:
    rows = Attachment.objects.filter(message__ticket=ticket, message__opening=True).values_list("name", "digest", "pk")
    return {(name, digest): pk for name, digest, pk in rows}
