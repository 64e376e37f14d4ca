"""Render typed text as HTML: shown as typed, except for a few formatting marks (ADR 66).

`**bold**`, `_*italic*_`, ``` ``code`` ``` around words of one line, `[words](https://…)`, lines of code between two
lines of three backticks, and `[picture: name.png]` where the message has that picture. Everything else stays, in every
form in which the words are read: `typed_html` and `typed_text` walk the same tree.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape

import nh3
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from otklik.mail.parse.text_cleaning import without_format_characters
from otklik.tickets.typed_marks import MARK, Part, parts_of
from otklik.ui.message_html import LONGEST_TEXT, MOST_LINKS, block_html, cut_html, linked

_HOST = re.compile(
    r"(?:https?://|mailto:|www\.|(?<![\w.@/-]))(?:[^@/\s]{1,64}@)?((?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24})(?![\w@-]|\.\w)"
)
_ITEM = re.compile(r"[ \t]*(?:[-*+•–—]|\d{1,9}[.)])[ \t]+\S")
_TAGS = set("a blockquote br code div em img p pre span strong".split())
_ATTRIBUTES = {
    "a": {"href", "target"},
    "img": {"src", "alt", "class", "loading"},
    "div": {"class"},
    "pre": {"class", "tabindex"},
    "span": {"class"},
}


# One empty line separates paragraphs; further ones are kept, up to this many.
_EMPTY, MOST_EMPTY = "<p><br></p>", 20
_BETWEEN = re.compile(r"(\n(?:[ \t]*\n)+)")


@dataclass(frozen=True, slots=True)
class Mark:
    """Formatted text. `kind`: bold, italic, code, link (`target`: its URL) or picture (`target`: its file name)."""

    kind: str
    inner: tuple["str | Mark", ...]
    target: str = ""


Node = str | Mark


def typed_html(text: str, pictures: Sequence[tuple[str, str]] = ()) -> str:
    """Return the text as safe HTML. `pictures`: (name, URL) of the message's own; others are not shown.

    Text beyond LONGEST_TEXT is cut with a notice.
    """
    return _typed_html(text, tuple(pictures), translation.get_language() or "")


def typed_text(text: str) -> str:
    """Return the text as plain text, without formatting marks; links with their targets."""
    return "\n".join(
        line if part.is_code else "".join(map(_plain, parsed(line))) for part in parts_of(text) for line in part.lines
    )


def pictures_named(text: str, names: Sequence[str]) -> set[str]:
    """Return those of the pictures that the text shows, so that a list of files need not repeat them."""
    pictures = (
        node for part in parts_of(text) if not part.is_code for line in part.lines for node in parsed(line, names)
    )
    return {node.target for node in pictures if isinstance(node, Mark) and node.kind == "picture"}


def parsed(line: str, pictures: Sequence[str] = ()) -> tuple[Node, ...]:
    """Parse a line into text and marks."""
    named = {form: name for name in pictures for form in picture_forms(name) if form in line}
    if not named:
        return _marks(line)
    forms = re.compile("(" + "|".join(map(re.escape, sorted(named, key=len, reverse=True))) + ")")
    nodes: list[Node] = []
    for index, text in enumerate(forms.split(line)):
        nodes += [Mark("picture", (text,), named[text])] if index % 2 else _marks(text)
    return tuple(nodes)


def picture_forms(name: str) -> list[str]:
    """Return how a picture may be named in a text, in each language."""
    return [f"[{word}: {name}]" for word in _picture_words()]


def place_beside(text: str, target: str) -> str:
    """Return the link's true host in parentheses if its text names another one, else ""."""
    named, true = _HOST.search(_as_seen(text)), _HOST.search(target.lower())
    shown = true[1] if true else target
    return "" if named is None or named[1] == shown else f" ({shown})"


def _as_seen(text: str) -> str:
    """Return the text as people see it: without invisible characters, in compatibility form."""
    return without_format_characters(unicodedata.normalize("NFKC", text)).replace("\u3002", ".").lower()


def link_text(text: str, target: str) -> str:
    """Return a link as plain text."""
    bare = target.removeprefix("mailto:")
    return bare if text.strip() in {"", target, bare} else f"{text} ({bare})"


@lru_cache(maxsize=1)
def _picture_words() -> list[str]:
    alternatives = []
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            alternatives.append(_("picture"))
    return list(dict.fromkeys(alternatives))


def _marks(text: str, *, without: frozenset[str] = frozenset()) -> tuple[Node, ...]:
    """`without`: kinds that enclose this text, so marks nest at most four deep."""
    nodes, position = list[Node](), 0
    for match in MARK.finditer(text):
        kind = match.lastgroup or ""
        kind = "link" if kind == "target" else kind
        if kind in without:
            continue
        nodes += [text[position : match.start()], _mark(kind, match, without | {kind})]
        position = match.end()
    return tuple(node for node in (*nodes, text[position:]) if node)


def _mark(kind: str, match: re.Match[str], without: frozenset[str]) -> Mark:
    if kind == "code":
        return Mark(kind, (match["code"],))
    if kind == "link":
        content = match["words"].strip()
        return Mark(kind, _marks(content, without=without) if content else (match["target"],), match["target"])
    return Mark(kind, _marks(match[kind], without=without))


def _plain(node: Node) -> str:
    if isinstance(node, str):
        return node
    text = "".join(map(_plain, node.inner))
    return link_text(text, node.target) if node.kind == "link" else text


@lru_cache(maxsize=4096)
def _typed_html(text: str, pictures: tuple[tuple[str, str], ...], language: str) -> str:
    """`language` is part of the cache key because of the notice."""
    page = _Page(dict(pictures))
    html = "".join(map(page.part, parts_of(text[:LONGEST_TEXT]))) + cut_html(text)
    return nh3.clean(
        f'<div class="typed">{html}</div>' if html else "",
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


class _Page:
    """Renders the tree as HTML, and counts links."""

    def __init__(self, pictures: Mapping[str, str]) -> None:
        self.pictures = pictures
        self.left = MOST_LINKS

    def part(self, part: Part) -> str:
        lines = "\n".join(part.lines)
        if part.is_code:
            return f"<pre><code>{escape(lines)}\n</code></pre>"
        return "".join(
            _EMPTY * min(place.count("\n") - 2, MOST_EMPTY) if number % 2 else self.paragraph(place.split("\n"))
            for number, place in enumerate(_BETWEEN.split(lines.strip("\n")))
            if place.strip() or number % 2
        )

    def paragraph(self, lines: list[str]) -> str:
        """Render lines starting with ">" as a quotation, with the sign."""
        rendered, start = "", 0
        for index in range(1, len(lines) + 1):
            if index == len(lines) or lines[index].startswith(">") != lines[start].startswith(">"):
                html = block_html(lines[start:index], [self.line(line) for line in lines[start:index]])
                rendered += f"<blockquote>{html}</blockquote>" if lines[start].startswith(">") else html
                start = index
        return rendered

    def line(self, line: str) -> str:
        html = "".join(self.node(node) for node in parsed(line, tuple(self.pictures)))
        return f'<span class="item">{html}</span>' if _ITEM.match(line) else html

    def node(self, node: Node, *, in_link: bool = False) -> str:
        if isinstance(node, str):
            html = escape(node) if in_link else linked(node, self.left)
            self.left -= 0 if in_link else html.count("<a href=")
            return html
        match node.kind:
            case "code":
                return f"<code>{escape(_plain(node))}</code>"
            case "picture":
                return self.picture(node.target)
            case "link":
                html = "".join(self.node(inner_node, in_link=True) for inner_node in node.inner)
                beside = place_beside("".join(map(_plain, node.inner)), node.target)
                return f'<a href="{escape(node.target)}">{html}</a>{escape(beside)}'
        tag = "strong" if node.kind == "bold" else "em"
        return f"<{tag}>{''.join(self.node(inner_node, in_link=in_link) for inner_node in node.inner)}</{tag}>"

    def picture(self, name: str) -> str:
        address = escape(self.pictures[name])
        shown = f'<img class="inline-picture" src="{address}" alt="{escape(name)}" loading="lazy">'
        return f'<a href="{address}" target="_blank">{shown}</a>'
