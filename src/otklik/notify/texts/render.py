"""Render a text and its values as a plain-text body and as HTML for mail programs.

The text is Markdown. It is turned into HTML with a mark where each value goes, and kept so; then the values come in,
escaped. So a value is never read as Markdown, as HTML or as a placeholder (AB-74, AB-84, AB-87).
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any

from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from otklik.mail.secret_scan import blanked
from otklik.notify.texts.grammar import CLOSE, OPEN, Mistake, Nodes, Place, asked, chosen, parse
from otklik.notify.texts.placeholders import BLOCKS
from otklik.tickets.typed_marks import MARK

_MARK = re.compile(f"{OPEN}([a-z0-9._]+){CLOSE}")
_PARAGRAPH = re.compile(f"<p>{OPEN}([a-z0-9._]+){CLOSE}</p>")
_LINK = re.compile(r"(?:https?://|mailto:|tel:)[^\s<>]+", re.IGNORECASE)
# Markdown rules that would swallow characters typed literally.
_SWALLOWING = ["escape", "entity", "autolink", "backticks", "emphasis"]
_MARK_TAGS: dict[str, tuple[str, str]] = {"bold": ("strong", "strong"), "italic": ("em", "em")}
_LOOKS = {
    "<p>": '<p style="margin:0 0 12px;">',
    "<h1>": '<h1 style="margin:0 0 12px;font-size:20px;line-height:1.3;">',
    "<h2>": '<h2 style="margin:16px 0 8px;font-size:17px;line-height:1.3;">',
    "<h3>": '<h3 style="margin:16px 0 8px;font-size:16px;line-height:1.3;">',
    "<ul>": '<ul style="margin:0 0 12px;padding-left:24px;">',
    "<ol>": '<ol style="margin:0 0 12px;padding-left:24px;">',
    "<blockquote>": '<blockquote style="margin:0 0 12px;padding:4px 0 4px 16px;border-left:3px solid #dce1e7;">',
    "<hr />": '<hr style="margin:16px 0;border:0;border-top:1px solid #dce1e7;">',
}
_SWALLOWED = re.compile(r"[ \t]{2}|\t|^ ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Value:
    """A placeholder's value: as text, and as safe HTML."""

    text: str
    html: str

    def __bool__(self) -> bool:
        return bool(self.text)


def text_value(text: str) -> Value:
    """Return a value of one line, escaped for HTML, without secret links."""
    line = " ".join(blanked(text).split())
    return Value(line, escape(line))


def lines(text: str) -> Value:
    """Return a value of several lines, which keeps line breaks and blanks, without secret links."""
    shown = [blanked(line).rstrip() for line in text.strip("\r\n").splitlines()]
    plain = "\n".join(shown).rstrip()
    return Value(plain, html_lines(plain)) if plain.strip() else Value("", "")


def html_lines(text: str) -> str:
    """Convert typed text to HTML, keeping runs of blanks by a style that mail programs support."""
    html = escape(text).replace("\n", "<br>")
    return f'<span style="white-space:pre-wrap;">{html}</span>' if _SWALLOWED.search(text) else html


@dataclass(frozen=True, slots=True)
class Bodies:
    """Text and HTML of the body, without the frame."""

    text: str
    html: str


def subject_of(source: str, known: Collection[str], values: Mapping[str, Value]) -> str:
    """Return the subject with its values, on one line."""
    true = {name for name, value in values.items() if value}
    nodes = chosen(parse(source, known).nodes, true)
    parts = (values[node.name].text if isinstance(node, Place) else node for node in nodes)
    return " ".join("".join(parts).split())


def bodies_of(source: str, known: Collection[str], values: Mapping[str, Value]) -> Bodies:
    """Return the body with its values. A text with mistakes gives empty bodies: call `mistakes_in` first."""
    nodes = parse(source, known).nodes
    made = _skeleton(nodes, frozenset(name for name in asked(nodes) if values.get(name)))
    html = _PARAGRAPH.sub(lambda match: values[match.group(1)].html, made.html)
    return Bodies(
        text=_MARK.sub(lambda match: values[match.group(1)].text, made.text),
        html=_MARK.sub(lambda match: values[match.group(1)].html, html),
    )


def mistakes_in(
    source: str, known: Collection[str], needed: Sequence[str] = (), *, subject: bool = False
) -> list[Mistake]:
    """Return everything that makes the text unusable; empty if it is valid."""
    parsed = parse(source, known)
    mistakes = list(parsed.mistakes)
    if mistakes:
        return mistakes
    if subject and (block := next((name for name in parsed.names() if name in BLOCKS), "")):
        mistakes.append(Mistake(1, _("{%(name)s} is too long for a subject.") % {"name": block}))
    for name in needed:
        if not all(name in _shown(parsed.nodes, true) for true in ((), asked(parsed.nodes))):
            mistakes.append(
                Mistake(1, _("{%(name)s} must be there: without it the mail makes no sense.") % {"name": name})
            )
    if not subject:
        mistakes += _link_mistakes(source, parsed.nodes)
    return mistakes


def _shown(nodes: Nodes, true: Collection[str]) -> set[str]:
    return {node.name for node in chosen(nodes, true) if isinstance(node, Place)}


def _link_mistakes(source: str, nodes: Nodes) -> list[Mistake]:
    """Links must be http(s), mailto or tel, and must not contain placeholders."""
    mistakes = []
    for target in {target for true in ((), asked(nodes)) for target in _targets(_source(nodes, true))}:
        if "%EE%80%80" in target:
            mistakes.append(Mistake(1, _("A placeholder cannot stand inside a link's address. Use {ticket.link}.")))
        elif not _LINK.fullmatch(target):
            line = source.count("\n", 0, max(source.find(target), 0)) + 1
            mistakes.append(Mistake(line, _("«%(link)s» is no full address of a page.") % {"link": target[:100]}))
    return mistakes


def _targets(source: str) -> list[str]:
    return [
        str(child.attrs["href"])
        for token in _MARKDOWN.parse(source)
        for child in token.children or ()
        if child.type == "link_open"
    ]


def _source(nodes: Nodes, true: Collection[str]) -> str:
    """Return the Markdown with markers for the values; blocks are paragraphs of their own."""
    parts = []
    for node in chosen(nodes, true):
        if isinstance(node, Place):
            mark = f"{OPEN}{node.name}{CLOSE}"
            parts.append(f"\n\n{mark}\n\n" if node.name in BLOCKS else mark)
        else:
            parts.append(node)
    return "\n".join(line.strip() if not line.strip(" ") else line for line in "".join(parts).split("\n"))


def _marked(state: StateInline, silent: bool) -> bool:
    """Parse bold and italic as everywhere in the product (ui.typed_text), not by Markdown's rules."""
    match = MARK.match(state.src, state.pos)
    kind = (match.lastgroup if match else None) or ""
    if match is None or kind not in _MARK_TAGS or match.end() > state.posMax:
        return False
    if not silent:
        name, tag = _MARK_TAGS[kind]
        state.push(f"{name}_open", tag, 1)
        inner: list[Token] = []
        state.md.inline.parse(match[kind], state.md, state.env, inner)
        state.tokens += inner
        state.push(f"{name}_close", tag, -1)
    state.pos = match.end()
    return True


def _item_open(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """Keep the numbers of a list as typed."""
    return f'<li value="{int(tokens[index].info)}">' if tokens[index].info else "<li>"


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable(
        ["html_block", "html_inline", "image", "fence", "code", "reference", "lheading", *_SWALLOWING]
    )
    reader.inline.ruler.before("link", "marks", _marked)
    reader.add_render_rule("list_item_open", _item_open)
    return reader


_MARKDOWN = _reader()


@lru_cache(maxsize=512)
def _skeleton(nodes: Nodes, true: frozenset[str]) -> Bodies:
    source = _source(nodes, true)
    html = str(_MARKDOWN.render(source))
    for plain, look in _LOOKS.items():
        html = re.sub(f"{re.escape(plain)}(?!{OPEN}(?:{'|'.join(map(re.escape, BLOCKS))}){CLOSE})", look, html)
    return Bodies(text=_text(_MARKDOWN.parse(source)), html=html.replace("<a href=", '<a style="color:#066fd1;" href='))


def _text(tokens: Sequence[Token]) -> str:
    """Convert Markdown tokens to readable text; only markers of lists and quotations remain."""
    lines: list[str] = []
    quoted, lists = 0, 0
    item = ""
    for token in tokens:
        match token.type:
            case "blockquote_open":
                quoted += 1
            case "blockquote_close":
                quoted -= 1
            case "bullet_list_open" | "ordered_list_open":
                lists += 1
            case "bullet_list_close" | "ordered_list_close":
                lists -= 1
                lines.append("")
            case "list_item_open":
                item = f"{token.info}{token.markup} " if token.info else "- "
            case "hr":
                lines += ["* * *", ""]
            case "inline":
                for line in _inline(token.children or ()).split("\n"):
                    lines.append("> " * quoted + "  " * (lists - 1) + item + line)
                    item = "  " if item and lists else ""
                item = ""
                if not (lists and token.level > 2):
                    lines.append("")
    return "\n".join(lines).strip("\n") + "\n"


def _inline(children: Sequence[Token]) -> str:
    parts, target, since = [], "", 0
    for child in children:
        if child.type in {"softbreak", "hardbreak"}:
            parts.append("\n")
        elif child.type == "link_open":
            target, since = str(child.attrs["href"]), len(parts)
        elif child.type == "link_close":
            shown = "".join(parts[since:])
            parts.append("" if shown in {target, target.removeprefix("mailto:")} else f" ({target})")
        else:
            parts.append(child.content)
    return "".join(parts)
