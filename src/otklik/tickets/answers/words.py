"""The answers of a ticket for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from otklik.desks.models import Field
from otklik.tickets.answers.form import KINDS
from otklik.tickets.answers.kinds import label_of
from otklik.tickets.models import Attachment, Ticket


@dataclass(frozen=True, slots=True)
class FileWords:
    """A file of an answer; `url` leads to the download."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One answer: `words`, or `files`; `long`: several lines of text."""

    key: str
    label: str
    words: str
    long: bool
    files: list[FileWords]


def fields_of(ticket: Ticket) -> list[Field]:
    """The fields of the ticket's type, and those of other types of the desk to which it has answers; one query."""
    rows = Field.objects.filter(request_type__desk_id=ticket.desk_id).order_by("position", "id")
    mine = [row for row in rows if row.request_type_id == ticket.request_type_id]
    known = {row.key for row in mine}
    others = {row.key: row for row in rows if row.key in ticket.answers and row.key not in known}
    return [*mine, *others.values()]


def answer_lines(ticket: Ticket, *, for_staff: bool) -> list[AnswerLine]:
    """What the form asked and got, in the form's order. Customers are not shown hidden presets.

    A ticket without answers costs no query.
    """
    if not ticket.answers:
        return []
    files = _files_of(ticket)
    return [
        _line(row, ticket.answers[row.key], files)
        for row in fields_of(ticket)
        if row.key in ticket.answers and not row.built_in and (for_staff or not row.hidden)
    ]


def words_of(row: Field, answer: Any) -> str:
    """One answer as words; what no longer fits its field is shown as it is."""
    try:
        return KINDS[row.kind].words(row, answer)
    except (TypeError, ValueError, KeyError, ArithmeticError):
        return str(answer)


def _line(row: Field, answer: Any, files: Mapping[tuple[str, str], int]) -> AnswerLine:
    if row.kind == Field.Kind.ATTACHMENT:
        links = [
            FileWords(one["name"], reverse("portal:attachment", args=[pk, one["name"]]))
            for one in answer
            if (pk := files.get((one["name"], one["digest"])))
        ]
        return AnswerLine(row.key, label_of(row), "", long=False, files=links)
    return AnswerLine(row.key, label_of(row), words_of(row, answer), row.kind == Field.Kind.PARAGRAPH, [])


def _files_of(ticket: Ticket) -> dict[tuple[str, str], int]:
    rows = Attachment.objects.filter(message__ticket=ticket, message__opening=True).values_list("name", "digest", "pk")
    return {(name, digest): pk for name, digest, pk in rows}
