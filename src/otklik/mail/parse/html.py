"""Convert HTML bodies to text, with marks where quotations begin."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from otklik.mail.parse import html_fields, html_lists, limits, text_cleaning
from otklik.mail.parse.html_tags import BLOCK, SKIP, SPACED, STRUCK
from otklik.mail.parse.reply.line_scanner import CUT

_SPACE = re.compile(r"[ \t\n\r\f\v\xa0]+")
_WORD = re.compile(r"[^\W_]{2}")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")
_VOID = {"br", "hr", "img", "meta", "link", "input", "col", "area", "base", "wbr", "source", "param", "track", "embed"}
_TAG_NAME = re.compile(r"/?[a-zA-Z!][a-zA-Z0-9\-]{0,20}")
_UNSEEN = {"script", "style", "head"}
_CUT_IDS = {
    "divrplyfwdmsg",
    "appendonsend",
    "outlookmessageheader",
    "ms-outlook-mobile-reference-message",
    "x_divrplyfwdmsg",
    "x_appendonsend",
    "zwchr",
    "mail-editor-reference-message-container",
}
_QUOTE_IDS = {"yahoo_quoted", "isreplycontent", "reply-intro", "replysplit", "bloop_reply", "orig_msg"}
_QUOTE_CLASS = re.compile(
    r"\b(?:OutlookMessageHeader|yahoo_quoted|protonmail_quote|tutanota_quote|zmail_extra|gmail_extra_quote|"
    r"front-blockquote|freebirdquote|cleanchroniclequote|alto_quote|mail_quote|"
    r"moz-forward-quote|jsd-quote|quotedmessage|wm-quote|rambler_quote)\b",
    re.I,
)
_STRUCK_MARK = "~~"
_STRUCK_STYLE = re.compile(r"(?<![\w-])text-decoration(?:-line)?\s*+:[^;]{0,60}line-through", re.I)
_NO_BORDER = re.compile(r"border(?:-left)?\s*:\s*(?:none|0|medium none)", re.I)


@dataclass(slots=True)
class Rendered:
    """Rendered HTML. `text`: for reading; `marked`: for the quotation trimmer, with `> ` before quotations."""

    text: str
    marked: str
    has_marks: bool


@dataclass(slots=True)
class Line:
    """A line being written. `full`: it has more than blanks, cached because recomputing would be quadratic. `typed`:
    its blanks are kept."""

    depth: int
    pieces: list[str] = field(default_factory=list)
    full: bool = False
    typed: bool = False

    def put(self, piece: str) -> None:
        self.pieces.append(piece)
        self.full = self.full or bool(piece.strip())


# A tag as HTML reads it: `>` ends it but inside the quotes of a value.
_ATTRIBUTE = r"[\s/]*+=?+[^\s/>=]++(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>\"'][^\s>]*+)?)?"
_WHOLE_TAG = re.compile(rf"<[a-zA-Z][^\s/>]*+((?:{_ATTRIBUTE}){{0,{limits.HTML_ATTRIBUTES + 1}}})")
_FEW = 300
_ONE_ATTRIBUTE = re.compile(_ATTRIBUTE)
_OPTION = re.compile(r"<option\b", re.I)
_ROOT = re.compile(r"<(?:html|body)(?=[\s/])([^>]{2,20000})", re.I)


def too_complex(source: str) -> bool:
    """Return whether HTML exceeds the limits of size, depth, elements or attributes (AB-73). Builds no tree."""
    if len(source) > limits.HTML_CHARS or _too_dear(source):
        return True
    depth = deepest = count = 0
    for match in _TAG.finditer(source):
        name = match.group(2).lower()
        if name in _VOID:
            continue
        count += 1
        depth = (
            max(0, depth - 1)
            if match.group(1)
            else depth + (name not in {"p", "li", "td", "tr", "o", "option", "dd", "dt", "th"})
        )
        deepest = max(deepest, depth)
    return deepest > limits.HTML_DEPTH or count > 2 * limits.HTML_ELEMENTS


def _too_dear(source: str) -> bool:
    """Return whether parsing attributes or list options would take quadratic time beyond the limit.

    Parsers compare each attribute of a tag with all others.
    """
    if len(source) < limits.HTML_OPTIONS:
        return False
    tags = (match[1] for match in _WHOLE_TAG.finditer(source))
    work = sum(len(_ONE_ATTRIBUTE.findall(attributes)) ** 2 for attributes in tags if len(attributes) > _FEW)
    work += sum(len(match[1].split()) for match in _ROOT.finditer(source)) ** 2
    return work > limits.HTML_ATTRIBUTES**2 or len(_OPTION.findall(source)) > limits.HTML_OPTIONS


def bare(source: str, unseen_tags: Collection[str] = _UNSEEN) -> str:
    """Return the text of HTML that is too complex for a tree, by cutting out everything between angle brackets. One
    pass."""
    first, *pieces = source[: limits.HTML_CHARS].split("<")
    out, unseen = [first], ""
    for piece in pieces:
        match = _TAG_NAME.match(piece)
        name = match.group().lower() if match else ""
        if unseen and name != "/" + unseen:
            continue
        unseen = name if name in unseen_tags else ""
        if not unseen:
            out.append(piece.partition(">")[2] if match else "<" + piece)
    joined = "\n".join(line for part in out if (line := " ".join(part.split())))
    return text_cleaning.body(text_cleaning.unescaped(joined))


def render(source: str) -> Rendered:
    """Return readable text of an HTML body.

    Lists keep their bullets, cells are separated by tabs, links show their address if it differs from their text.
    """
    tree = LexborHTMLParser(source)
    root = tree.body or tree.root
    walker = Walker(strikes_by_style="line-through" in source.lower())
    if root is not None:
        walker.walk(root)
    return walker.rendered()


class Walker:
    """Walks the tree without recursion and writes lines."""

    def __init__(self, *, strikes_by_style: bool = False) -> None:
        self.strikes_by_style = strikes_by_style
        self.struck: list[tuple[int, Line, int]] = []
        self.lines: list[Line] = [Line(0)]
        self.depth = 0
        self.pre = 0
        self.lists: list[html_lists.Numbers | None] = []
        self.marks = False
        self.cell = False
        self.seen: list[str] = []
        self.seen_chars = 0
        self.links: list[tuple[int, int]] = []

    def walk(self, root: LexborNode) -> None:
        open_nodes: list[LexborNode] = []
        node: LexborNode | None = root
        while node is not None:
            child = self.enter(node)
            open_nodes.append(node)
            node = child
            while node is None and open_nodes:
                done = open_nodes.pop()
                self.leave(done)
                if not open_nodes:
                    return
                node = done.next

    def enter(self, node: LexborNode) -> LexborNode | None:
        """Write the beginning of a node; return its first child, None if nothing inside is to be visited."""
        tag = node.tag
        if tag == "-text":
            self.read(node.text_content or "")
            return None
        if tag is None or tag in SKIP or tag.startswith(("-", "_", "!")):
            return None
        if self.strikes(tag, node):
            self.struck.append((node.mem_id, self.lines[-1], len(self.lines[-1].pieces)))
            self.lines[-1].pieces.append("")
        if tag == "br":
            self.newline()
        elif tag in {"img", "hr", "a"}:
            self.small(tag, node)
        elif tag in {"input", "select", "textarea"}:
            self.field(tag, node)
            return None
        elif tag in BLOCK:
            self.open_block(tag, node)
        elif tag in {"td", "th"}:
            self.open_cell()
        return node.child

    def read(self, value: str) -> None:
        if self.links:
            self.seen.append(_SPACE.sub(" ", value))
            self.seen_chars += len(self.seen[-1])
        self.write(value)

    def small(self, tag: str, node: LexborNode) -> None:
        if tag == "a":
            self.links.append((len(self.seen), self.seen_chars))
        if tag == "img":
            self.write(_instead_of(node))
        elif tag == "hr":
            self.newline(if_full=True)
            if (node.attributes.get("id") or "").lower() in _CUT_IDS:
                self.cut()
        elif (node.attributes.get("name") or "").lower() in {"_mailoriginal", "_mailendcompose"}:
            pass

    def field(self, tag: str, node: LexborNode) -> None:
        """Write the content of a form field."""
        if tag == "textarea":
            self.newline(if_full=True)
            self.pre += 1
            self.write(node.text().strip("\r\n"))
            self.pre -= 1
            self.newline(if_full=True)
        elif shown := html_fields.shown(node):
            self.write(f" {shown} ")

    def open_block(self, tag: str, node: LexborNode) -> None:
        self.newline(if_full=True)
        attributes = node.attributes
        if tag in {"div", "blockquote", "table", "section"} and attributes:
            self.structure(tag, attributes)
        if tag == "blockquote" and not _NO_BORDER.search(attributes.get("style") or ""):
            self.depth += 1
            self.marks = True
            self.lines.append(Line(self.depth))
        elif tag in {"ul", "ol"}:
            self.lists.append(html_lists.numbers(node) if tag == "ol" else None)
        elif tag == "li":
            self.bullet(node)
        elif tag == "pre":
            self.pre += 1
        elif tag == "tr":
            self.cell = False

    def structure(self, tag: str, attributes: dict[str, str | None]) -> None:
        """Recognize the markup that mail programs put around a quoted mail."""
        ident = (attributes.get("id") or "").lower()
        classes = attributes.get("class") or ""
        if (
            ident in _CUT_IDS
            or ident in _QUOTE_IDS
            or (classes and _QUOTE_CLASS.search(classes))
            or attributes.get("name") == "messageReplySection"
        ):
            self.cut()

    def open_cell(self) -> None:
        if self.cell and self.lines[-1].pieces:
            self.lines[-1].put("\t")
        self.cell = True

    def bullet(self, node: LexborNode) -> None:
        numbers = self.lists[-1] if self.lists else None
        if len(self.lists) > 1 and not self.lines[-1].full:
            self.lines[-1].typed = True
            self.lines[-1].put("  " * min(len(self.lists) - 1, limits.QUOTE_DEPTH))
        self.lines[-1].put(numbers.next_label(node) if numbers else "* ")

    def strikes(self, tag: str, node: LexborNode) -> bool:
        """Return whether an element strikes out its words."""
        by_style = self.strikes_by_style and _STRUCK_STYLE.search(node.attributes.get("style") or "")
        return (tag in STRUCK or bool(by_style)) and not self.struck

    def close_struck(self) -> None:
        """Enclose what was written since the element began in `~~`, if that is more than blanks."""
        _, line, begin = self.struck.pop()
        if line is self.lines[-1] and not "".join(line.pieces[begin:]).strip():
            return
        if line.pieces[begin : begin + 1] == [""]:
            line.pieces[begin] = _STRUCK_MARK
        else:  # A line of blanks was emptied and begun anew.
            line.pieces.insert(0, _STRUCK_MARK)
        end = next((one for one in reversed(self.lines) if one.full), line)
        end.pieces.append(_STRUCK_MARK)

    def leave(self, node: LexborNode) -> None:
        tag = node.tag
        if self.struck and self.struck[-1][0] == node.mem_id:
            self.close_struck()
        if tag not in BLOCK:
            if tag == "a":
                self.link(node)
            return
        self.newline(if_full=True)
        if tag == "blockquote" and not _NO_BORDER.search(node.attributes.get("style") or ""):
            self.depth = max(0, self.depth - 1)
            self.lines.append(Line(self.depth))
        elif tag in {"ul", "ol"} and self.lists:
            self.lists.pop()
        elif tag == "pre":
            self.pre = max(0, self.pre - 1)
        if tag in SPACED and "MsoNormal" not in (node.attributes.get("class") or ""):
            self.blank()

    def link(self, node: LexborNode) -> None:
        shown = self.words_of_link()
        href = (node.attributes.get("href") or "").strip()
        if not href.lower().startswith(("http://", "https://")) or len(href) > 300:
            return
        if not shown or ("." in shown and _plain_url(shown) in _plain_url(href)):
            return
        if not _plain_url(href).startswith(_plain_url(shown)):
            self.lines[-1].put(f" <{href}> ")

    def words_of_link(self) -> str:
        """Return the text of the link that ends here, as far as it may be its address. Links may be nested."""
        begin, chars = self.links.pop()
        shown = "…" if self.seen_chars - chars > limits.LINK_CHARS else "".join(self.seen[begin:])
        if not self.links:
            self.seen.clear()
        return _SPACE.sub(" ", shown).strip()

    def write(self, value: str) -> None:
        if self.pre:
            first, *others = value.replace("\r\n", "\n").split("\n")
            self.lines[-1].typed = self.lines[-1].typed or not self.lines[-1].full
            self.lines[-1].put(first)
            for other in others:
                self.lines.append(Line(self.depth, typed=True))
                self.lines[-1].put(other)
            return
        value = _SPACE.sub(" ", value)
        if value != " " or self.lines[-1].pieces:
            self.lines[-1].put(value)

    def newline(self, *, if_full: bool = False) -> None:
        if not if_full or self.lines[-1].full:
            self.lines.append(Line(self.depth))

    def blank(self) -> None:
        if len(self.lines) > 1 and self.lines[-2].pieces:
            self.lines.append(Line(self.depth))

    def cut(self) -> None:
        self.marks = True
        self.lines.append(Line(self.depth, [CUT], full=True))
        self.lines.append(Line(self.depth))

    def rendered(self) -> Rendered:
        plain: list[str] = []
        marked: list[str] = []
        for line in self.lines:
            value = "".join(line.pieces)
            value = value.rstrip() if line.typed else _tidy(value)
            marked.append(
                CUT if value == CUT else ("> " * min(line.depth, limits.QUOTE_DEPTH) + value) if line.depth else value
            )
            if value != CUT and (value or not plain or plain[-1]):
                plain.append(value)
        return Rendered("\n".join(plain).strip("\n"), "\n".join(marked).strip("\n"), self.marks)


def _instead_of(picture: LexborNode) -> str:
    """Return what the text says in place of a picture. It parts the words around it, unless it is a sign in one.

    The description of a picture that comes with the mail is mostly a program's, and the picture is shown.
    """
    alt = (picture.attributes.get("alt") or "").strip()
    if alt and not _WORD.search(alt):
        return alt
    return " " if (picture.attributes.get("src") or "").strip().lower().startswith("cid:") else f" {alt} "


def _tidy(value: str) -> str:
    return re.sub(r" {2,}", " ", value.strip(" \n\r")) if "  " in value else value.strip(" \n\r")


def _plain_url(value: str) -> str:
    bare = "".join(value.lower().split())
    return re.sub(r"\Ahttps?://(?:www\.)?", "", bare).rstrip("/")
