"""Message text as safe HTML: plain text as it was typed, and a mail's own HTML sanitised.

The stored bytes stay as they came; both functions run whenever something is shown (AB-65), so that a better sanitiser
heals old mail too. A mail's own HTML is shown only inside a sandboxed frame, never on a page of ours.
"""

import re
from collections.abc import Mapping
from html import escape
from urllib.parse import urlsplit

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from otklik.mail.parse.layout import without_tokens
from otklik.ui.sanitize import TooComplex, clean_bounded

LONGEST_TEXT = 512 * 1024
"""Characters of one message that a page shows; the rest is in the original."""

MOST_LINKS = 500
"""Addresses of one text that become links; nobody clicks more, and each costs a browser more than its letters."""

_LINK = re.compile(
    r"\bhttps?://[^\s<>\"«»„“”]{1,2000}|\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}", re.IGNORECASE
)
_TRAILING = ".,;:!?'*_…"
_OPENING = {")": "(", "]": "[", "}": "{"}

_SHORT_LINE = 100
_INDENTS = ("  ", "\t", "\u00a0\u00a0", " \u00a0", "\u00a0 ")
# Two blanks after a sentence are a habit of typists.
_GAP = re.compile(r"[^\s.!?…:;,](?:[ \u00a0]{2}|\t)|[ \u00a0]{3}(?=\S)")
# Between the rows of a table drawn with signs.
_RULE = re.compile(r"\s*+(?=\S*[+|┬┼┴╦╬╩╤╪╧])[-+|:=─-╰][-+|:=─-╰ ]{3,}+")
_BAR = re.compile(r"[|│┃║]")
_WIDE_GAP = re.compile(r"\S(?:[ \u00a0]{3}|\t)")


def message_html(text: str) -> SafeString:
    """Return plain text as HTML paragraphs, with web and mail addresses as links (http, https, mailto; AB-72).

    Everything is escaped. `[cid:…]`, which mail programs write for pictures, is left out. Takes linear time. Text
    beyond LONGEST_TEXT is cut with a notice.
    """
    html, left = "", MOST_LINKS
    plain = without_tokens(text[:LONGEST_TEXT].replace("\r\n", "\n").replace("\r", "\n"))
    for block in paragraphs(plain):
        lines = []
        for line in block.split("\n"):
            lines.append(linked(line, left))
            left -= lines[-1].count("<a href=")
        html += block_html(block.split("\n"), lines)
    return mark_safe(html + cut_html(text))  # noqa: S308  # every piece was escaped


def paragraphs(text: str) -> list[str]:
    """Return the text's paragraphs, which are separated by blank lines."""
    return [block for block in re.split(r"\n(?:[ \t]*\n)+", text.strip("\n")) if block.strip()]


def cut_html(text: str) -> str:
    """Return the notice for a text longer than LONGEST_TEXT, else ""."""
    if len(text) <= LONGEST_TEXT:
        return ""
    notice = _("The text goes on; the original mail holds all of it.")
    return f"<p><em>{escape(notice)}</em></p>"


def sanitized_html(source: str, images: Mapping[str, str] | None = None) -> SafeString:
    """Return a mail's HTML without scripts, forms, frames, style sheets, classes and remote pictures.

    For use inside a sandboxed frame. `images`: `data:` URLs by Content-ID without brackets; other pictures get no
    source (AB-70, AB-71). HTML that exceeds the limits of size, depth, elements or time is replaced by a notice
    (AB-73).
    """
    try:
        return mark_safe(clean_bounded(source, images or {}))  # noqa: S308  # what the sanitiser returned
    except TooComplex:
        notice = _("This mail is too complex to be shown as it was sent. Please read its text instead.")
        return mark_safe(f"<p>{escape(notice)}</p>")  # noqa: S308  # escaped


def block_html(typed: list[str], lines: list[str]) -> str:
    """Return one paragraph; if its blanks matter (columns, code), as preformatted text.

    `typed`: its lines as typed; `lines`: the same as HTML.
    """
    if not _keeps_blanks(typed):
        return f"<p>{'<br>'.join(lines)}</p>"
    return '<pre class="columns" tabindex="0">\n' + "\n".join(lines) + "</pre>"


def _keeps_blanks(lines: list[str]) -> bool:
    """Columns: half of the lines have gaps, or one has a wide gap, or a rule is drawn between lines with bars. Code:
    some short lines are indented."""
    lines = [line.rstrip() for line in lines]
    if _is_drawn(lines):
        return True
    gaps = sum(_GAP.search(line) is not None for line in lines)
    if gaps > 1 and gaps * 2 >= len(lines):
        return True
    if max(map(len, lines)) > _SHORT_LINE:
        return False
    wide = any(_WIDE_GAP.search(line) for line in lines)
    return wide or any(line.startswith(_INDENTS) for line in lines)


def _is_drawn(lines: list[str]) -> bool:
    ruled = [_RULE.fullmatch(line) is not None for line in lines]
    return any(ruled) and any(_BAR.search(line) and not rule for line, rule in zip(lines, ruled, strict=True))


def linked(line: str, most: int = MOST_LINKS) -> str:
    """Return a line escaped, with its first `most` web and mail addresses as links (AB-72)."""
    pieces, position = list[str](), 0
    for match in _LINK.finditer(line):
        if len(pieces) >= 2 * most:
            break
        target = _without_tail(match.group())
        if _worth_a_link(target):
            pieces += [escape(line[position : match.start()]), _anchor(target)]
            position = match.start() + len(target)
    return "".join(pieces) + escape(line[position:])


def _without_tail(target: str) -> str:
    """Strip punctuation, and brackets opened before the address: they belong to the sentence."""
    end = len(target)
    surplus = {closing: target.count(closing) - target.count(opening) for closing, opening in _OPENING.items()}
    while end and (target[end - 1] in _TRAILING or surplus.get(target[end - 1], 0) > 0):
        end -= 1
        if target[end] in surplus:
            surplus[target[end]] -= 1
    return target[:end]


def _worth_a_link(target: str) -> bool:
    if "://" not in target:
        return "@" in target and not target.startswith("@")
    try:
        return bool(urlsplit(target).hostname)
    except ValueError:
        return False


def _anchor(target: str) -> str:
    href = target if "://" in target else f"mailto:{target}"
    return f'<a href="{escape(href)}" rel="noopener noreferrer nofollow">{escape(target)}</a>'
