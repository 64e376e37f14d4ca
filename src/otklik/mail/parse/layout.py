"""The laid-out form of a mail: text with pictures and tables in place (ADR 68). Pure.

A layout is a row of lines. The first character of each says whose words they are (OWN, QUOTED). In a line, PICTURE
encloses a size (SMALL, LARGE) and the Content-ID of a file of the mail; tabs divide the cells of a table's row, BREAK
the lines of a cell. None of these characters comes from the mail's words.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from otklik.core import images
from otklik.mail.parse import html, limits
from otklik.mail.parse.model import Part
from otklik.mail.parse.reply.line_scanner import CUT

OWN: Final = "|"
QUOTED: Final = ">"
PICTURE: Final = "\ufffc"
BREAK: Final = "\u2028"
NONE: Final = "\u2029"
"""What is kept where the HTML was laid out and says no more than the text."""
SMALL: Final = "s"
LARGE: Final = "l"
MOST_PICTURES: Final = 200
_MOST_COLUMNS: Final = 60
_MOST_SPAN: Final = 200
_MOST_MEASURED: Final = 50
# Not larger than a logo, as it is shown.
_LOGO_SIDE, _LOGO_AREA = 150, 320 * 150

MARK = re.compile(f"{PICTURE}([sl])([^{PICTURE}\n]{{1,400}}){PICTURE}")
_OURS = re.compile(f"[{PICTURE}{BREAK}\u2029]")
_BLANKS = re.compile(r"[ \t\n\r\f\v]+")
_HIDDEN = re.compile(
    r"(?<![\w-])(?:display\s*+:\s*+none|visibility\s*+:\s*+hidden|mso-hide\s*+:\s*+all"
    r"|font-size\s*+:\s*+0(?!\s*+[.1-9]))",
    re.I,
)
_SPACED = re.compile(r"(?<![\w-])white-space\s*+:\s*+(?:pre|break-spaces)", re.I)
_PIXELS = re.compile(r"\s*+(\d{1,5})(?:\.\d*+)?\s*+(?:px)?\s*+\Z", re.I)
_SIDE = {side: re.compile(rf"(?<![\w-]){side}\s*+:\s*+(\d{{1,5}})(?:\.\d*+)?px", re.I) for side in ("width", "height")}
_TOKEN = re.compile(
    r"\[(?:cid:([^\]\s]{1,400})|(?:inline image|image|картинка|изображение|рисунок)\b:?([^\]\n]{1,220}))\]"
    r"|<([^<>\s/]{1,100}\.(?:png|jpe?g|gif|webp|bmp))>",
    re.I,
)
_GAP = re.compile("\xa0{2}|\xa0 | \xa0")


class Pictures:
    """The files of a mail that its text can refer to."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = {_key(part.content_id): part for part in reversed(parts) if part.content_id}
        self._names = {part.name.casefold(): part for part in reversed(parts) if part.name and part.content_id}
        self._left = MOST_PICTURES
        self._measured = _MOST_MEASURED

    def mark(self, source: str, width: int | None = None, height: int | None = None) -> str:
        """Return the mark of the file that an image's address refers to; "" if it is not in the mail."""
        part = self._named(source.strip())
        if part is None or not self._left:
            return ""
        self._left -= 1
        return f"{PICTURE}{self._size(part, width, height)}{part.content_id}{PICTURE}"

    def _named(self, source: str) -> Part | None:
        scheme, colon, rest = source.partition(":")
        if colon and scheme.lower() == "cid":
            return self._parts.get(_key(rest)) or self._parts.get(_key(unquote(rest)))
        if colon and scheme.lower() in {"http", "https", "data", "file", "mailto"}:
            return self._parts.get(_key(source))
        plain = unquote(source)
        return self._parts.get(_key(plain)) or self._names.get(plain.rpartition("/")[2].casefold())

    def _size(self, part: Part, width: int | None, height: int | None) -> str:
        if (width is None or height is None) and self._measured:
            self._measured -= 1
            real = images.size_of(part.content)
            if real is not None:
                width, height = _scaled(real, width, height)
        if width is None or height is None:
            return LARGE
        return SMALL if min(width, height) <= _LOGO_SIDE and width * height <= _LOGO_AREA else LARGE


def of_html(source: str, parts: Sequence[Part]) -> tuple[str, ...]:
    """Return the layout of HTML within the limits of `html.too_complex`; empty if its text conveys as much."""
    lines = _squeezed(_lines(source, parts))
    return lines if any(_is_rich(line) for line in lines) else ()


def lines_of(source: str) -> list[str]:
    """Return the visible lines of such HTML, without images and owner signs."""
    return [line[1:] for line in _lines(source, ())]


def _lines(source: str, parts: Sequence[Part]) -> list[str]:
    tree = LexborHTMLParser(source)
    root = tree.body or tree.root
    if root is None:
        return []
    walker = _Walker(Pictures(parts), _data_tables(root), strikes_by_style="line-through" in source.lower())
    walker.walk(root)
    return walker.layout()


def of_plain(flow: Iterable[str | Part], parts: Sequence[Part]) -> tuple[str, ...]:
    """Return the layout of plain texts and images that follow or refer to each other; empty if there are none."""
    pieces, pictures, lines = list(flow), Pictures(parts), list[str]()
    if not any(isinstance(piece, Part) or _TOKEN.search(piece) for piece in pieces):
        return ()
    written = [[] if isinstance(piece, Part) else _written(piece, pictures) for piece in pieces]
    named = {match[2] for rows in written for line in rows for match in MARK.finditer(line)}
    for piece, rows in zip(pieces, written, strict=True):
        if not isinstance(piece, Part):
            lines += rows
        elif piece.content_id not in named:
            lines.append(OWN + pictures.mark(f"cid:{piece.content_id}"))
    return _squeezed(lines) if any(MARK.search(line) for line in lines) else ()


def _written(text: str, pictures: Pictures) -> list[str]:
    return [(QUOTED if line.startswith(">") else OWN) + with_marks(line, pictures) for line in text.split("\n")]


def with_marks(line: str, pictures: Pictures) -> str:
    """Return a line of plain text with mail programs' placeholders replaced by marks of images, or removed."""
    return _TOKEN.sub(lambda match: _token(match, pictures), _OURS.sub(" ", line).expandtabs(8))


def spoken(text: str, lines: Sequence[str]) -> str:
    """Return plain text without placeholders of images, if the layout of its mail shows images."""
    return _TOKEN.sub(" ", text) if any(MARK.search(line) for line in lines) else text


def without_tokens(text: str) -> str:
    """Remove Content-ID placeholders from plain text, and lines that had nothing else."""
    if "[cid:" not in text.lower():
        return text
    lines = text.split("\n")
    pairs = [(line, _CID.sub("", line)) for line in lines]
    return "\n".join(bare for line, bare in pairs if bare.strip() or not _CID.search(line))


_CID = re.compile(r"[ \t]?\[cid:[^\]\s]{1,400}\]", re.I)


def _token(match: re.Match[str], pictures: Pictures) -> str:
    cid, name, file = match.groups()
    mark = pictures.mark(f"cid:{cid}" if cid else (name or file).strip())
    return mark if mark or cid else match.group()


class _Walker(html.Walker):
    """Writes lines with images and tables. While a table is open its cells are lines of their own."""

    def __init__(self, pictures: Pictures, tables: set[int], *, strikes_by_style: bool) -> None:
        super().__init__(strikes_by_style=strikes_by_style)
        self._pictures, self._tables = pictures, tables
        self._rows: list[list[str]] | None = None
        self._pending: dict[int, int] = {}
        self._outside: list[html.Line] = []
        self._passed = 0
        self._spaced: set[int] = set()

    def enter(self, node: LexborNode) -> LexborNode | None:
        tag, style = node.tag, _style(node)
        if style is None or (style and _HIDDEN.search(style)):
            self._passed = node.mem_id
            return None
        if style and _SPACED.search(style):
            self._spaced.add(node.mem_id)
            self.pre += 1
        if tag == "table" and node.mem_id in self._tables:
            self.newline(if_full=True)
            self.structure(tag, node.attributes)
            self._rows = []
        elif self._rows is not None and tag == "tr":
            self._rows.append([])
            self._fill()
        elif self._rows is not None and tag in {"td", "th"}:
            self._outside, self.lines = self.lines, [html.Line(self.depth)]
        else:
            return super().enter(node)
        return node.child

    def leave(self, node: LexborNode) -> None:
        if node.mem_id == self._passed:
            self._passed = 0
            return
        if node.mem_id in self._spaced:
            self._spaced.discard(node.mem_id)
            self.pre = max(0, self.pre - 1)
        if self._rows is not None and node.tag in {"td", "th"}:
            self._close_cell(node)
        elif self._rows is not None and node.tag == "table":
            self._close_table()
        elif self._rows is None or node.tag != "tr":
            super().leave(node)

    def small(self, tag: str, node: LexborNode) -> None:
        if tag != "img":
            super().small(tag, node)
            return
        width, height = _side(node, "width"), _side(node, "height")
        mark = self._pictures.mark(node.attributes.get("src") or "", width, height)
        if mark:
            self.lines[-1].put(mark)
        elif width not in {0, 1, 2} and height not in {0, 1, 2}:
            super().small(tag, node)

    def open_cell(self) -> None:
        """Begin a cell of a layout table."""
        self.newline(if_full=True)

    def write(self, value: str) -> None:
        value = _OURS.sub(" ", value)
        if self.pre:
            super().write(value.expandtabs(8).replace(" ", "\xa0"))
            return
        value = _BLANKS.sub(" ", value)
        if value != " " or self.lines[-1].pieces:
            self.lines[-1].put(value)

    def newline(self, *, if_full: bool = False) -> None:
        """As in the base class; a block of blanks is an empty line."""
        line = self.lines[-1]
        if not if_full or line.full or not line.pieces:
            super().newline(if_full=if_full)
        elif "\xa0" in "".join(line.pieces):
            line.pieces.clear()
            self.lines.append(html.Line(self.depth))
        else:
            line.pieces.clear()

    def layout(self) -> list[str]:
        """Return the written lines, each with its owner sign."""
        out, cut = list[str](), False
        for line in self.lines:
            value = _line("".join(line.pieces))
            if value == CUT:
                cut = True
            else:
                out.append((QUOTED if cut or line.depth else OWN) + value)
        return out

    def _close_cell(self, node: LexborNode) -> None:
        inside, self.lines = self.lines, self._outside
        lines = [_line("".join(line.pieces)).replace("\t", " ") for line in inside]
        if self._rows is None:
            return
        if not self._rows:
            self._rows.append([])
        cells = self._rows[-1]
        cell_text = BREAK.join(line for line in lines if line and line != CUT)
        across, down = (_span(node, name) for name in ("colspan", "rowspan"))
        if len(cells) >= _MOST_COLUMNS:
            cells[-1] = f"{cells[-1]} {cell_text}".strip()
            return
        for column in range(len(cells), min(len(cells) + across, _MOST_COLUMNS)):
            if down > 1:
                self._pending[column] = down
            cells.append(cell_text)
            cell_text = ""
        self._fill()

    def _fill(self) -> None:
        """Insert empty cells where a cell with rowspan reaches down."""
        cells = self._rows[-1] if self._rows else []
        while (left := self._pending.get(len(cells), 0)) > 1:
            self._pending[len(cells)] = left - 1
            cells.append("")

    def _close_table(self) -> None:
        rows = [cells for cells in self._rows or [] if any(cells)]
        self._rows, self._pending = None, {}
        width = max((len(cells) for cells in rows), default=0)
        for cells in rows:
            if width > 1:
                self.lines.append(html.Line(self.depth, ["\t".join(cells + [""] * (width - len(cells)))], full=True))
            else:
                self.lines += [html.Line(self.depth, [piece], full=True) for piece in cells[0].split(BREAK)]
        self.lines.append(html.Line(self.depth))
        self.lines.append(html.Line(self.depth))


def _data_tables(root: LexborNode) -> set[int]:
    """Return tables with columns and without inner tables; others only arrange the page."""
    above: dict[int, int] = {}
    columns: dict[int, int] = {}
    outer: set[int] = set()
    widest: dict[int, int] = {}
    for node in root.traverse(include_text=False):
        parent = node.parent
        table = above.get(parent.mem_id, 0) if parent is not None else 0
        above[node.mem_id] = node.mem_id if node.tag == "table" else table
        if node.tag in {"table", "blockquote"} and table:
            outer.add(table)
        elif node.tag in {"td", "th"} and parent is not None and table:
            columns[parent.mem_id] = columns.get(parent.mem_id, 0) + 1
            widest[table] = max(widest.get(table, 0), columns[parent.mem_id])
    return {table for table, most in widest.items() if most > 1 and table not in outer}


def _style(node: LexborNode) -> str | None:
    """Return an element's style; None if it is hidden by an attribute."""
    if not node.is_element_node:
        return ""
    attributes = node.attributes
    return None if "hidden" in attributes else attributes.get("style") or ""


def _side(node: LexborNode, name: str) -> int | None:
    match = _PIXELS.match(node.attributes.get(name) or "") or _SIDE[name].search(node.attributes.get("style") or "")
    return int(match.group(1)) if match else None


def _span(node: LexborNode, name: str) -> int:
    value = (node.attributes.get(name) or "1").strip()
    return max(1, min(int(value), _MOST_SPAN)) if value.isascii() and value.isdigit() and len(value) < 6 else 1


def _scaled(real: tuple[int, int], width: int | None, height: int | None) -> tuple[int, int]:
    if width is not None:
        return width, real[1] * width // max(1, real[0])
    if height is not None:
        return real[0] * height // max(1, real[1]), height
    return real


def _line(value: str) -> str:
    return re.sub(r" {2,}", " ", value.strip(" \n\r")) if "  " in value else value.strip(" \n\r")


def _is_rich(line: str) -> bool:
    return "\t" in line or PICTURE in line or _GAP.search(line) is not None or line[1:2] == "\xa0"


def _squeezed(lines: Iterable[str]) -> tuple[str, ...]:
    """Remove surrounding empty lines and reduce others to one."""
    out: list[str] = []
    for line in lines:
        if line[1:].strip() or (out and out[-1][1:].strip()):
            out.append(line.rstrip(" \n\r"))
    while out and not out[-1][1:].strip():
        out.pop()
    return tuple(out) if sum(map(len, out)) <= limits.TEXT_CHARS else ()


def _key(content_id: str) -> str:
    return content_id.strip("<> ").casefold()
