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
# Spreadsheet programs run cells that start with these (AB-82); some accept the fullwidth forms too (OWASP).
_FORMULA = tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")


@dataclass(frozen=True, slots=True)
class Head:
    """A column: its heading, and its width in characters."""

    words: str
    width: int


def safe_cell(text: str) -> str:
    """Return the text without personal links, and with an apostrophe in front if it looks like a formula."""
    text = blanked(text)
    return f"'{text}" if text.lstrip(" \u00a0\n").startswith(_FORMULA) or text.startswith("\n") else text


def csv_pieces(heads: Sequence[Head], pieces: Iterable[Lines]) -> Iterator[bytes]:
    """Yield the CSV file in chunks: UTF-8 with a byte order mark for Excel, semicolons in Russian, commas otherwise.

    The language is that active when the first chunk is taken.
    """
    writer = csv.writer(_Echo(), quoting=csv.QUOTE_ALL, delimiter=";" if get_language() == "ru" else ",")
    yield ("\ufeff" + writer.writerow([head.words for head in heads])).encode()
    for lines in pieces:
        # Several lines per chunk, because each chunk costs the server as much as a line.
        yield "".join(writer.writerow([_plain(cell) for cell in cells]) for cells in lines).encode()


def xlsx_file(title: str, heads: Sequence[Head], pieces: Iterable[Lines]) -> IO[bytes]:
    """Return the XLSX file, open at its start; it is deleted when closed. Holds one row in memory at a time."""
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
    """A file object that returns what is written."""

    def write(self, text: str) -> str:
        return text


def _write_line(sheet: Any, line: int, cells: Sequence[Cell], day: Any, moment: Any) -> None:
    for column, cell in enumerate(cells):
        if isinstance(cell, date):  # datetime is a subclass
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
