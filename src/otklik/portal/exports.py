"""Export of the customer's filtered ticket list as CSV or XLSX, written row by row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import IO, Any, NamedTuple

from django.conf import settings
from django.db.models import Case, JSONField, Model, QuerySet, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from otklik.core.fast_reads import AnyOf, fast_read
from otklik.desks.models import Desk, Priority, RequestType, Status
from otklik.desks.texts import name_of
from otklik.people.models import Person
from otklik.portal.listing import Wanted
from otklik.portal.pages.list_columns import LABELS
from otklik.portal.queries import wanted_ids
from otklik.tickets.access import read_by
from otklik.tickets.answers.export_columns import AnswerColumns, Cell, answer_columns, with_readable_answers
from otklik.tickets.models import Ticket
from otklik.tickets.search.query import ParsedSearch
from otklik.ui.spreadsheets import Head, csv_pieces, safe_cell, xlsx_file

MOST_ROWS = 20_000
_CHUNK = 1000
_WIDTHS = (14, 24, 60, 32, 22, 26, 16, 17, 17, 17, 48)
_ANSWER_WIDTH = 26


class Row(NamedTuple):
    """A ticket's columns, with ids for names. `answers`: those that the reader may read."""

    id: int
    key: str
    subject: str
    desk_id: int
    status_id: int
    request_type_id: int | None
    requester_id: int | None
    priority_id: int
    created_at: datetime
    shown_at: datetime
    closed_at: datetime | None
    answers: dict[str, Any]


@dataclass(frozen=True)
class Export:
    """What to write: ids of tickets in order, the reader, and the columns of answers."""

    tickets: list[int]
    reader: Person
    answers: AnswerColumns


def export_of(reader: Person, wanted: Wanted, search: ParsedSearch | None) -> Export:
    """Return the export of the reader's listed requests, with the answers they may read (AB-01)."""
    tickets = wanted_ids(reader, wanted, search, MOST_ROWS)
    return Export(tickets, reader, answer_columns(reader, tickets))


def heads(answers: AnswerColumns) -> list[Head]:
    """Return the column headers."""
    names = ("reference", "type", "subject", "desk", "status", "requester", "priority", "created", "updated")
    labels = [*(str(LABELS[name]) for name in names), _("Closed"), _("Address on the portal")]
    fixed = [Head(label, width) for label, width in zip(labels, _WIDTHS, strict=True)]
    return [*fixed, *(Head(safe_cell(label), _ANSWER_WIDTH) for label in answers.labels)]


class Lines:
    """Converts rows to cells: texts safe from formula injection, numbers, and times in the active zone. Shared names
    are formatted once."""

    def __init__(self, answers: AnswerColumns) -> None:
        self._answers = answers
        self._zone = timezone.get_current_timezone()
        self._names: dict[tuple[type[Model], int | None], str] = {}
        self._cards: dict[int, str] = {}

    def of(self, rows: Sequence[Row]) -> Iterator[list[Cell | datetime]]:
        """Yield one line per row, reading names for all rows at once."""
        for model, ids in (
            (RequestType, {row.request_type_id for row in rows}), (Desk, {row.desk_id for row in rows}),
            (Status, {row.status_id for row in rows}), (Priority, {row.priority_id for row in rows}),
            (Person, {row.requester_id for row in rows}),
        ):  # fmt: skip
            self._learn(model, [pk for pk in ids if pk is not None and (model, pk) not in self._names])
        return map(self._cells, rows)

    def _cells(self, row: Row) -> list[Cell | datetime]:
        name = self._names.get
        texts = (
            row.key, name((RequestType, row.request_type_id), ""), safe_cell(row.subject),
            name((Desk, row.desk_id), ""), name((Status, row.status_id), ""),
            name((Person, row.requester_id), ""), name((Priority, row.priority_id), ""),
        )  # fmt: skip
        moments = (row.created_at, row.shown_at, row.closed_at)
        cells = self._answers.cells(row) if self._answers.labels else []
        answers = [safe_cell(cell) if isinstance(cell, str) else cell for cell in cells]
        return [*texts, *(self._local(moment) if moment else "" for moment in moments), self._card(row), *answers]

    def _learn(self, model: type[Model], ids: list[int]) -> None:
        if ids:
            named = _people(people=ids) if model is Person else _named(rows=ids, model=model)
            self._names.update({(model, row.pk): safe_cell(_name(row)) for row in named})

    def _card(self, row: Row) -> str:
        start = self._cards.get(row.desk_id)
        if start is None:
            start = self._cards[row.desk_id] = settings.PUBLIC_URL + reverse("portal:desk", args=[row.desk_id])
        return f"{start}/{row.key}"

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(self._zone).replace(tzinfo=None, second=0, microsecond=0)


def csv_lines(export: Export) -> Iterator[bytes]:
    """Yield the CSV file: UTF-8 with a byte order mark for Excel; semicolons where the decimal separator is a comma.

    Language and time zone are those active now, although the server consumes the pieces later.
    """
    return _in_words_of(get_language(), timezone.get_current_timezone(), _csv_lines(export))


def _in_words_of(language: str | None, zone: tzinfo, pieces: Iterator[bytes]) -> Iterator[bytes]:
    while True:
        with override(language), timezone.override(zone):
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece


def _csv_lines(export: Export) -> Iterator[bytes]:
    return csv_pieces(heads(export.answers), _lines_of(export))


def xlsx_of(export: Export) -> IO[bytes]:
    """Return the XLSX file, open at its start; it is deleted when closed. Holds one row in memory at a time."""
    return xlsx_file(_("Requests"), heads(export.answers), _lines_of(export))


def _lines_of(export: Export) -> Iterator[Iterator[list[Cell | datetime]]]:
    lines = Lines(export.answers)
    return (lines.of(rows) for rows in _rows(export))


def _rows(export: Export) -> Iterator[list[Row]]:
    """Yield chunks of rows; tickets deleted meanwhile are left out."""
    for start in range(0, len(export.tickets), _CHUNK):
        ids = export.tickets[start : start + _CHUNK]
        read = _lines(reader=export.reader.pk, tickets=ids, answers=bool(export.answers.labels))
        rows = {row[0]: Row(*row) for row in read}
        yield [rows[pk] for pk in ids if pk in rows]


@fast_read("reader", "tickets")
def _lines(*, reader: int, tickets: list[int], answers: bool) -> QuerySet[Ticket, Any]:
    """Return the rows of these ids, with answers as far as readable, if the file has columns for them."""
    rows = Ticket.objects.filter(AnyOf("pk", tickets)).order_by()
    nothing: Any = Value({}, output_field=JSONField())
    if answers:
        rows = with_readable_answers(rows, read_by(Person(pk=reader)))
        nothing = Case(When(reads_answers=True, then="answers"), default=nothing)
    columns: QuerySet[Ticket, Any] = rows.values_list(*Row._fields[:-1], nothing)
    return columns


@fast_read("rows")
def _named(*, rows: list[int], model: Any) -> QuerySet[Any]:
    """Named rows of a model by id."""
    return model.objects.filter(AnyOf("pk", rows)).only("name", "texts")  # type: ignore[no-any-return]


@fast_read("people")
def _people(*, people: list[int]) -> QuerySet[Person]:
    return Person.objects.filter(AnyOf("pk", people)).only("name", "email")


def _name(row: Any) -> str:
    return row.display_name if isinstance(row, Person) else name_of(row)
