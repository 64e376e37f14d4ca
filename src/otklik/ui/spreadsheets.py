"""Write tables as CSV and XLSX, row by row, safe against formula injection."""

import csv
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any

from django.utils import formats
from django.utils.translation import get_language

from otklik.core.lazy_modules import Later
from otklik.mail.secret_scan import blanked

xlsxwriter = Later("xlsxwriter")
Cell = str | int | float | date | datetime
Lines = Iterable[Sequence[Cell]]
# A table program would run what begins so (AB-82); some take the wide forms of these signs for the same (OWASP).
_FORMULA = tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")


@dataclass(frozen=True, slots=True)
class Head:
    """A column: its words, and how many letters wide people see it."""

    words: str
    width: int


def harmless(text: str) -> str:
    """The text without anybody's personal link, and with an apostrophe before it where it looks like a formula."""
    text = blanked(text)
    return f"'{text}" if text.lstrip(" \u00a0\n").startswith(_FORMULA) or text.startswith("\n") else text


def csv_pieces(heads: Sequence[Head], pieces: Iterable[Lines]) -> Iterator[bytes]:
    """The file in pieces as they are given: UTF-8 with a mark, so that Excel reads Russian; semicolons where commas
    part decimals. In the language that is active when the first piece is taken."""
    writer = csv.writer(_Echo(), quoting=csv.QUOTE_ALL, delimiter=";" if get_language() == "ru" else ",")
    yield ("\ufeff" + writer.writerow([head.words for head in heads])).encode()
    for lines in pieces:
        # Several lines at once: each piece that the server takes costs as much as a line.
        yield "".join(writer.writerow([_plain(cell) for cell in cells]) for cells in lines).encode()


def xlsx_file(title: str, heads: Sequence[Head], pieces: Iterable[Lines]) -> IO[bytes]:
    """The file, open at its beginning; it is removed when closed. Holds one line in memory at a time."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet(title)
        day, moment = book.add_format({"num_format": "dd.mm.yyyy"}), book.add_format({"num_format": "dd.mm.yyyy hh:mm"})
        bold = book.add_format({"bold": True})
        for column, head in enumerate(heads):
            sheet.set_column(column, column, head.width)
        sheet.freeze_panes(1, 0)
        for column, head in enumerate(heads):
            sheet.write_string(0, column, head.words, bold)
        for number, cells in enumerate((cells for lines in pieces for cells in lines), start=1):
            _write_line(sheet, number, cells, day, moment)
    file.seek(0)
    return file


class _Echo:
    """Gives back what the writer writes."""

    def write(self, text: str) -> str:
        return text


def _write_line(sheet: Any, line: int, cells: Sequence[Cell], day: Any, moment: Any) -> None:
    for column, cell in enumerate(cells):
        if isinstance(cell, date):  # a moment is one, too
            sheet.write_datetime(line, column, cell, moment if isinstance(cell, datetime) else day)
        elif isinstance(cell, str):
            sheet.write_string(line, column, cell)
        else:
            sheet.write_number(line, column, cell)


def _plain(cell: Cell) -> str:
    if isinstance(cell, date):
        written = f"{cell.day:02}.{cell.month:02}.{cell.year}"
        return f"{written} {cell.hour:02}:{cell.minute:02}" if isinstance(cell, datetime) else written
    return cell if isinstance(cell, str) else str(formats.number_format(cell, use_l10n=True))
