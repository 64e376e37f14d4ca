"""The filtered list as a file: CSV for scripts, XLSX for people, written row by row."""

import csv
import tempfile
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any

import xlsxwriter
from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from otklik.desks.texts import text_of
from otklik.portal.pages.columns import LABELS
from otklik.tickets.models import Ticket

MOST_ROWS = 20_000
_CHUNK = 1000
# A table program would run what begins so (AB-82).
_FORMULA = tuple("=+-@\t\r")
_WIDTHS = (14, 24, 60, 32, 22, 26, 16, 17, 17, 17, 48)


def heads() -> list[str]:
    """The words of the first line."""
    names = ("reference", "type", "subject", "desk", "status", "requester", "priority", "created", "updated")
    return [*(str(LABELS[name]) for name in names), _("Closed"), _("Address on the portal")]


def cells(ticket: Ticket) -> list[str | datetime]:
    """One line: texts that no program takes for a formula, moments in the active time zone."""
    kind = text_of(ticket.request_type, "name") if ticket.request_type else ""
    texts = (
        ticket.key, kind, ticket.subject, text_of(ticket.desk, "name"),
        ticket.status.name, ticket.requester.display_name if ticket.requester else "", ticket.priority.name,
    )  # fmt: skip
    link = settings.PUBLIC_URL + reverse("portal:card", args=[ticket.desk_id, ticket.key])
    moments = (ticket.created_at, ticket.updated_at, ticket.closed_at)
    return [*map(harmless, texts), *(_local(moment) if moment else "" for moment in moments), link]


def harmless(text: str) -> str:
    """The text, with an apostrophe before it where it looks like a formula."""
    return f"'{text}" if text.lstrip(" \u00a0\n").startswith(_FORMULA) or text.startswith("\n") else text


def csv_lines(tickets: QuerySet[Ticket]) -> Iterator[bytes]:
    """The file in pieces: UTF-8 with a mark, so that Excel reads Russian; semicolons where commas part decimals."""
    echo = _Echo()
    writer = csv.writer(echo, quoting=csv.QUOTE_ALL, delimiter=";" if get_language() == "ru" else ",")
    yield ("\ufeff" + writer.writerow(heads())).encode()
    for ticket in _rows(tickets):
        yield writer.writerow([_plain(cell) for cell in cells(ticket)]).encode()


def xlsx_file(tickets: QuerySet[Ticket]) -> IO[bytes]:
    """The file, open at its beginning; it is removed when closed. Holds one row in memory at a time."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet(_("Requests"))
        moment, bold = book.add_format({"num_format": "dd.mm.yyyy hh:mm"}), book.add_format({"bold": True})
        for column, width in enumerate(_WIDTHS):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(1, 0)
        for column, head in enumerate(heads()):
            sheet.write_string(0, column, head, bold)
        for line, ticket in enumerate(_rows(tickets), start=1):
            _write_line(sheet, line, cells(ticket), moment)
    file.seek(0)
    return file


class _Echo:
    """Gives back what the writer writes."""

    def write(self, text: str) -> str:
        return text


def _rows(tickets: QuerySet[Ticket]) -> Iterator[Ticket]:
    loaded = tickets.select_related("desk", "status", "request_type", "requester", "priority")
    return loaded[:MOST_ROWS].iterator(chunk_size=_CHUNK)


def _write_line(sheet: Any, line: int, row: list[str | datetime], moment: Any) -> None:
    for column, cell in enumerate(row):
        if isinstance(cell, datetime):
            sheet.write_datetime(line, column, cell, moment)
        else:
            sheet.write_string(line, column, cell)


def _local(moment: datetime) -> datetime:
    return timezone.localtime(moment).replace(tzinfo=None, second=0, microsecond=0)


def _plain(cell: str | datetime) -> str:
    return cell.strftime("%d.%m.%Y %H:%M") if isinstance(cell, datetime) else cell
