"""The table of an exported ticket list, for staff: its columns, and its rows in chunks."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from otklik.desks.texts import translated
from otklik.people.models import known_as
from otklik.tickets.answers.export_columns import AnswerColumns, staff_answer_columns
from otklik.tickets.models import Rating, SharedOrganization, Ticket
from otklik.ui.spreadsheets import Cell, Head, safe_cell
from otklik.workspace.pages.conversation import channel_words

CHUNK_SIZE = 1000
_ANSWER_WIDTH = 26
_READ = (
    "id", "key", "subject", "desk_id", "desk__name", "desk__texts", "request_type_id", "request_type__name",
    "request_type__texts", "status__name", "status__texts", "resolution__name", "resolution__texts", "priority__name",
    "priority__texts", "assignee_id", "assignee__name", "assignee__email", "requester_id", "requester__name",
    "requester__email", "labels", "channel", "due", "created_at", "updated_at", "closed_at", "answers",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RelatedValues:
    """Values from other tables for the tickets of one chunk, by ticket id."""

    organizations: dict[int, list[str]]
    scores: dict[int, int]


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """A column of the file: heading, width in characters, and the function that returns the cell of a ticket's row."""

    label: Any
    width: int
    cell: Callable[[Any, RelatedValues], Cell | None]


def _named(field: str) -> Callable[[Any, RelatedValues], str]:
    name, texts = f"{field}__name", f"{field}__texts"
    return lambda ticket, _related: safe_cell(translated(getattr(ticket, name) or "", getattr(ticket, texts)))


def _person(field: str) -> Callable[[Any, RelatedValues], str]:
    key, name, address = f"{field}_id", f"{field}__name", f"{field}__email"

    def cell(ticket: Any, _related: RelatedValues) -> str:
        known = known_as(getattr(ticket, name), getattr(ticket, address))
        return "" if getattr(ticket, key) is None else safe_cell(known or "—")

    return cell


def _text(field: str) -> Callable[[Any, RelatedValues], str]:
    return lambda ticket, _related: safe_cell(getattr(ticket, field) or "")


def _as_it_is(field: str) -> Callable[[Any, RelatedValues], Cell | None]:
    return lambda ticket, _related: getattr(ticket, field)


COLUMNS: dict[str, ExportColumn] = {
    "key": ExportColumn(_("Number"), 14, lambda ticket, _related: ticket.key),
    "subject": ExportColumn(_("Subject"), 60, _text("subject")),
    "requester": ExportColumn(_("Requester"), 26, _person("requester")),
    "status": ExportColumn(_("Status"), 22, _named("status")),
    "priority": ExportColumn(_("Priority"), 16, _named("priority")),
    "assignee": ExportColumn(_("Assignee"), 26, _person("assignee")),
    "created_at": ExportColumn(_("Created"), 17, _as_it_is("created_at")),
    "updated_at": ExportColumn(_("Updated"), 17, _as_it_is("updated_at")),
    "desk": ExportColumn(_("Desk"), 26, _named("desk")),
    "type": ExportColumn(_("Type"), 24, _named("request_type")),
    "resolution": ExportColumn(_("Resolution"), 18, _named("resolution")),
    "closed_at": ExportColumn(_("Closed"), 17, _as_it_is("closed_at")),
    "due": ExportColumn(_("Due"), 12, _as_it_is("due")),
    "labels": ExportColumn(_("Labels"), 22, lambda ticket, _related: safe_cell(" ".join(ticket.labels))),
    "address": ExportColumn(_("Requester's address"), 30, _text("requester__email")),
    "organizations": ExportColumn(
        _("Organisations"), 26, lambda ticket, related: safe_cell("; ".join(related.organizations.get(ticket.id, [])))
    ),
    "channel": ExportColumn(_("Channel"), 12, lambda ticket, _related: str(channel_words(ticket.channel))),
    "satisfaction": ExportColumn(_("Rating"), 8, lambda ticket, related: related.scores.get(ticket.id)),
    "url": ExportColumn(_("Link"), 48, lambda ticket, _related: f"{settings.PUBLIC_URL}/browse/{ticket.key}"),
}


@dataclass(frozen=True, slots=True)
class ExportTable:
    """The table to write: `ids` of `tickets` in this order, `columns` (keys of COLUMNS), then columns of form answers.

    Texts and times are in the language and time zone that are active while it is written.
    """

    tickets: QuerySet[Ticket]
    ids: list[int]
    columns: Sequence[str]
    answers: AnswerColumns

    def headers(self) -> list[Head]:
        """Return headings and widths of all columns."""
        usual = [Head(str(COLUMNS[name].label), COLUMNS[name].width) for name in self.columns]
        return [*usual, *(Head(safe_cell(label), _ANSWER_WIDTH) for label in self.answers.labels)]

    def chunks(self) -> Iterator[list[list[Cell]]]:
        """Yield lists of up to CHUNK_SIZE rows. Tickets that are no longer in `tickets` are left out."""
        for start in range(0, len(self.ids), CHUNK_SIZE):
            ids = self.ids[start : start + CHUNK_SIZE]
            read = {ticket.id: ticket for ticket in self._read(ids)}
            related = _related(ids, self.columns)
            yield [self._row(read[pk], related) for pk in ids if pk in read]

    def _read(self, ids: list[int]) -> QuerySet[Ticket, Any]:
        names = _READ if self.answers.labels else _READ[:-1]
        return self.tickets.filter(pk__in=ids).order_by().values_list(*names, named=True)

    def _row(self, ticket: Any, related: RelatedValues) -> list[Cell]:
        cells = [_shown(COLUMNS[name].cell(ticket, related)) for name in self.columns]
        answers = self.answers.cells(ticket) if self.answers.labels else []
        return [*cells, *(safe_cell(answer) if isinstance(answer, str) else answer for answer in answers)]


def answers_of(ids: list[int]) -> AnswerColumns:
    """Return the columns for the form answers on these tickets, as staff of their desks see them."""
    return staff_answer_columns(ids)


def _shown(cell: Cell | None) -> Cell:
    if isinstance(cell, datetime):
        return timezone.localtime(cell).replace(tzinfo=None, second=0, microsecond=0)
    return "" if cell is None else cell


def _related(ids: list[int], columns: Sequence[str]) -> RelatedValues:
    organizations: dict[int, list[str]] = {}
    if "organizations" in columns:
        shared = SharedOrganization.objects.filter(ticket__in=ids).order_by("pk")
        for ticket, name in shared.values_list("ticket", "organization__name"):
            organizations.setdefault(ticket, []).append(name)
    ratings = Rating.objects.filter(ticket__in=ids) if "satisfaction" in columns else Rating.objects.none()
    return RelatedValues(organizations, dict(ratings.values_list("ticket", "score")))
