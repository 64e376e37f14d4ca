"""The filtered list as a file: CSV for scripts, XLSX for people, written row by row."""

import csv
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import IO, Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from otklik.core.fast_reads import AnyOf, fast_read
from otklik.core.later import Later
from otklik.desks.texts import name_of, text_of
from otklik.mail.secret_scan import blanked
from otklik.people.models import Person
from otklik.portal.listing import Wanted
from otklik.portal.pages.columns import LABELS
from otklik.portal.queries import wanted_ids
from otklik.tickets.access import read_by
from otklik.tickets.answers.table import AnswerColumns, Cell, answer_columns, with_readable_answers
from otklik.tickets.models import Ticket
from otklik.tickets.search.query import Sought

xlsxwriter = Later("xlsxwriter")
MOST_ROWS = 20_000
_CHUNK = 1000
# A table program would run what begins so (AB-82).
_FORMULA = tuple("=+-@\t\r")
_WIDTHS = (14, 24, 60, 32, 22, 26, 16, 17, 17, 17, 48)
_ANSWER_WIDTH = 26


_BESIDE = ("desk", "status", "request_type", "requester", "priority")
_SHOWN = (
    "key", "subject", "answers", "created_at", "shown_at", "closed_at", "desk__name", "desk__texts", "status__name",
    "status__texts", "request_type__name", "request_type__texts", "requester__name", "requester__email",
    "priority__name", "priority__texts",
)  # fmt: skip


@dataclass(frozen=True)
class Export:
    """What is written: the tickets by id, in order, for whom, and the columns that the answers to their forms make."""

    tickets: list[int]
    reader: Person
    answers: AnswerColumns


def export_of(reader: Person, wanted: Wanted, words: Sought | None) -> Export:
    """Of the reader's requests, those that the list shows; of answers, those that the reader may read (AB-01)."""
    tickets = wanted_ids(reader, wanted, words, MOST_ROWS)
    return Export(tickets, reader, answer_columns(reader, tickets))


def heads(answers: AnswerColumns) -> list[str]:
    """The words of the first line."""
    names = ("reference", "type", "subject", "desk", "status", "requester", "priority", "created", "updated")
    usual = [*(str(LABELS[name]) for name in names), _("Closed"), _("Address on the portal")]
    return [*usual, *map(harmless, answers.labels)]


class Lines:
    """Lines of cells: texts that no program takes for a formula, numbers, moments in the time zone that is active when
    the file is begun. What many lines share is put into words once."""

    def __init__(self, answers: AnswerColumns) -> None:
        self._answers = answers
        self._zone = timezone.get_current_timezone()
        self._names: dict[tuple[str, int], str] = {}

    def cells(self, ticket: Ticket) -> list[Cell | datetime]:
        """One line."""
        texts = (
            harmless(ticket.key), self._name("type", ticket.request_type, _title), harmless(ticket.subject),
            self._name("desk", ticket.desk, _title), self._name("status", ticket.status, name_of),
            self._name("requester", ticket.requester, _display_name), self._name("priority", ticket.priority, name_of),
        )  # fmt: skip
        link = settings.PUBLIC_URL + reverse("portal:card", args=[ticket.desk_id, ticket.key])
        moments = (ticket.created_at, ticket.shown_at, ticket.closed_at)
        answers = self._answers
        given = answers.cells(ticket) if vars(ticket).get("reads_answers") else [""] * len(answers.labels)
        said = [harmless(cell) if isinstance(cell, str) else cell for cell in given]
        return [*texts, *(self._local(moment) if moment else "" for moment in moments), link, *said]

    def _name(self, kind: str, row: Any, name: Callable[[Any], str]) -> str:
        if row is None:
            return ""
        known = self._names.get((kind, row.pk))
        if known is None:
            known = self._names[kind, row.pk] = harmless(name(row))
        return known

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(self._zone).replace(tzinfo=None, second=0, microsecond=0)


def harmless(text: str) -> str:
    """The text without anybody's personal link, and with an apostrophe before it where it looks like a formula."""
    text = blanked(text)
    return f"'{text}" if text.lstrip(" \u00a0\n").startswith(_FORMULA) or text.startswith("\n") else text


def csv_lines(export: Export) -> Iterator[bytes]:
    """The file in pieces: UTF-8 with a mark, so that Excel reads Russian; semicolons where commas part decimals.

    In the language and the time zone that are active now, though the server takes the pieces later.
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
    echo = _Echo()
    writer = csv.writer(echo, quoting=csv.QUOTE_ALL, delimiter=";" if get_language() == "ru" else ",")
    yield ("\ufeff" + writer.writerow(heads(export.answers))).encode()
    lines = Lines(export.answers)
    for ticket in _rows(export):
        yield writer.writerow([_plain(cell) for cell in lines.cells(ticket)]).encode()


def xlsx_file(export: Export) -> IO[bytes]:
    """The file, open at its beginning; it is removed when closed. Holds one row in memory at a time."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet(_("Requests"))
        moment, bold = book.add_format({"num_format": "dd.mm.yyyy hh:mm"}), book.add_format({"bold": True})
        for column, width in enumerate([*_WIDTHS, *[_ANSWER_WIDTH] * len(export.answers.labels)]):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(1, 0)
        for column, head in enumerate(heads(export.answers)):
            sheet.write_string(0, column, head, bold)
        lines = Lines(export.answers)
        for number, ticket in enumerate(_rows(export), start=1):
            _write_line(sheet, number, lines.cells(ticket), moment)
    file.seek(0)
    return file


class _Echo:
    """Gives back what the writer writes."""

    def write(self, text: str) -> str:
        return text


def _rows(export: Export) -> Iterator[Ticket]:
    """Read piece by piece; one that was merged or removed meanwhile is left out."""
    for start in range(0, len(export.tickets), _CHUNK):
        ids = export.tickets[start : start + _CHUNK]
        rows = {ticket.pk: ticket for ticket in _lines(reader=export.reader.pk, tickets=ids)}
        yield from (rows[pk] for pk in ids if pk in rows)


@fast_read("reader", "tickets")
def _lines(*, reader: int, tickets: list[int]) -> QuerySet[Any]:
    rows = with_readable_answers(Ticket.objects.filter(AnyOf("pk", tickets)), read_by(Person(pk=reader)))
    return rows.order_by().select_related(*_BESIDE).only(*_SHOWN)


def _write_line(sheet: Any, line: int, row: list[Cell | datetime], moment: Any) -> None:
    for column, cell in enumerate(row):
        if isinstance(cell, datetime):
            sheet.write_datetime(line, column, cell, moment)
        elif isinstance(cell, str):
            sheet.write_string(line, column, cell)
        else:
            sheet.write_number(line, column, cell)


def _title(row: Any) -> str:
    return text_of(row, "name")


def _display_name(person: Person) -> str:
    return person.display_name


def _plain(cell: Cell | datetime) -> str:
    if isinstance(cell, datetime):
        return cell.strftime("%d.%m.%Y %H:%M")
    return cell if isinstance(cell, str) else str(formats.number_format(cell, use_l10n=True))
