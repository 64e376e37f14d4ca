"""The columns of a ticket list, including those for answers to request forms."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from otklik.core.ids import typed_id
from otklik.desks.models import Field
from otklik.people.models import Organization
from otklik.tickets.answers.display import words_of
from otklik.tickets.answers.field_types import label_of
from otklik.tickets.models import Ticket
from otklik.workspace.pages.rows import ALL_USUAL, COLUMNS, Column
from otklik.workspace.ticket_row import TicketRow

MOST = 20
LONGEST_ANSWER = 200
_ANSWER = re.compile(r"customfield_\d{1,18}")


@dataclass(frozen=True, slots=True)
class ListColumns:
    """The columns chosen for a list.

    `names`: in order; `labels`: by name; `fields`: name -> form fields behind an answer column.
    """

    names: tuple[str, ...]
    labels: dict[str, str]
    fields: dict[str, list[Field]]

    def heads(self) -> list[Column]:
        """Column headings without links for sorting."""
        return [Column(name=name, label=self.labels[name], url="", sorted="") for name in self.names]

    def rows(self, tickets: Sequence[TicketRow]) -> list[TicketRow]:
        """Return the rows with their answers. Answer columns take one query, organizations another."""
        if not self.fields or not tickets:
            return list(tickets)
        ids = [ticket.id for ticket in tickets]
        stored = Ticket.objects.filter(pk__in=ids).values_list("pk", "request_type_id", "answers")
        answers = {pk: self._answers(kind, by_column) for pk, kind, by_column in stored}
        organizations = _organizations(answers.values())
        shown = {pk: tuple((name, _words(*answer, organizations)) for name, answer in by_column.items())
                 for pk, by_column in answers.items()}  # fmt: skip
        return [ticket._replace(answers=shown.get(ticket.id, ())) for ticket in tickets]

    def _answers(self, kind: int | None, stored: dict[str, Any]) -> dict[str, tuple[Field, Any]]:
        """(field, answer) by column. The field is that of the ticket's type, or else of a type that it had before."""
        answers = {}
        for name in self.names:
            if name in stored and (fields := self.fields.get(name)):
                mine = [field for field in fields if field.request_type_id == kind]
                answers[name] = ((mine or fields)[0], stored[name])
        return answers


def _words(field: Field, answer: Any, organizations: dict[int, str]) -> str:
    is_organization = field.kind == Field.Kind.ORGANIZATION
    text = organizations.get(typed_id(str(answer)), "—") if is_organization else words_of(field, answer)
    return text if len(text) <= LONGEST_ANSWER else f"{text[:LONGEST_ANSWER]}…"


def _organizations(answers: Iterable[dict[str, tuple[Field, Any]]]) -> dict[int, str]:
    """Names of the organizations among the answers, by id. One query, none without such answers."""
    pairs = [answer for answered in answers for answer in answered.values()]
    ids = {typed_id(str(answer)) for field, answer in pairs if field.kind == Field.Kind.ORGANIZATION}
    return dict(Organization.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}


def list_columns(desks: Iterable[int], names: Sequence[str], otherwise: Sequence[str] = ALL_USUAL) -> ListColumns:
    """Return the columns with these names, without unknown and repeated ones, MOST at most; `otherwise` if none is
    left.

    The key is added in front unless key or subject is there, as one of them must link to the ticket. Answer columns
    must belong to forms of `desks` (ids), which takes one query.
    """
    wanted = list(dict.fromkeys(names))[:MOST]
    fields = _fields(desks, [name for name in wanted if _ANSWER.fullmatch(name)])
    labels = {name: str(label) for name, label in COLUMNS.items()}
    labels |= {name: label_of(rows[0]) for name, rows in fields.items()}
    known = [name for name in wanted if name in labels] or list(otherwise)
    leads = {"key", "subject"} & set(known)
    return ListColumns(tuple(known) if leads else ("key", *known), labels, fields)


def _fields(desks: Iterable[int], keys: Sequence[str]) -> dict[str, list[Field]]:
    fields: dict[str, list[Field]] = {}
    if keys:
        rows = Field.objects.filter(key__in=keys, request_type__desk__in=list(desks)).select_related("request_type")
        for field in rows.order_by("request_type__desk_id", "request_type__position", "position", "id"):
            fields.setdefault(field.key, []).append(field)
    return fields


def answer_columns(desks: Iterable[int]) -> dict[str, str]:
    """Name -> label of the answer columns on offer for these desks (ids): fields on their present forms. One query."""
    rows = Field.objects.filter(request_type__desk__in=list(desks), request_type__archived=False, archived=False)
    rows = rows.exclude(kind__in=[Field.Kind.ATTACHMENT, Field.Kind.PARAGRAPH]).select_related("request_type")
    asked = rows.order_by("request_type__desk_id", "request_type__position", "position", "id")
    named: dict[str, str] = {}
    for field in asked:
        if _ANSWER.fullmatch(field.key):
            named.setdefault(field.key, label_of(field))
    return named
