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
# Two blanks after the end of a sentence are a typist's habit.
_GAP = re.compile(r"[^\s.!?…:;,](?:[ \u00a0]{2}|\t)|[ \u00a0]{3}(?=\S)")
_WIDE_GAP = re.compile(r"\S(?:[ \u00a0]{3}|\t)")


def message_html(text: str) -> SafeString:
    """Plain text as paragraphs and lines, with addresses of the web and of mail as links.

    What mail programs write in place of a picture, `[cid:…]`, is left out. Everything is escaped; a link is only ever
    http, https or mailto (AB-72). Time grows with the length alone. Text beyond LONGEST_TEXT is left out, and a line
    says so.
    """
    made, left = "", MOST_LINKS
    plain = without_tokens(text[:LONGEST_TEXT].replace("\r\n", "\n").replace("\r", "\n"))
    for block in paragraphs(plain):
        lines = []
        for line in block.split("\n"):
            lines.append(linked(line, left))
            left -= lines[-1].count("<a href=")
        made += block_html(block.split("\n"), lines)
    return mark_safe(made + cut_html(text))  # noqa: S308  # every piece was escaped


def paragraphs(text: str) -> list[str]:
    """The text's paragraphs, which blank lines separate."""
    return [block for block in re.split(r"\n(?:[ \t]*\n)+", text.strip("\n")) if block.strip()]


def cut_html(text: str) -> str:
    """What is said where a text is longer than a page shows."""
    if len(text) <= LONGEST_TEXT:
        return ""
    notice = _("The text goes on; the original mail holds all of it.")
    return f"<p><em>{escape(notice)}</em></p>"


def sanitized_html(source: str, images: Mapping[str, str] | None = None) -> SafeString:
    """A mail's own HTML reduced to what cannot act: no script, form, frame, style sheet, class, remote picture.

    `images` maps a Content-ID (without brackets) to a `data:` URL; any other picture is left without a source (AB-70,
    AB-71). HTML over the limits of size, depth, elements or time is not shown: a sentence stands in its place (AB-73).
    For use inside a sandboxed frame.
    """
    try:
        return mark_safe(clean_bounded(source, images or {}))  # noqa: S308  # what the sanitiser returned
    except TooComplex:
        notice = _("This mail is too complex to be shown as it was sent. Please read its text instead.")
        return mark_safe(f"<p>{escape(notice)}</p>")  # noqa: S308  # escaped


def block_html(typed: list[str], lines: list[str]) -> str:
    """One block; where its blanks mean something (columns, a program) they stay, in letters of one width.

    `typed`: its lines as they were typed; `lines`: the same as HTML.
    """
    if not _keeps_blanks(typed):
        return f"<p>{'<br>'.join(lines)}</p>"
    return '<pre class="columns" tabindex="0">\n' + "\n".join(lines) + "</pre>"


def _keeps_blanks(lines: list[str]) -> bool:
    """Columns: half of the lines have gaps, or one a wide gap. Indented: some short lines begin further right."""
    lines = [line.rstrip() for line in lines]
    gaps = sum(_GAP.search(line) is not None for line in lines)
    if gaps > 1 and gaps * 2 >= len(lines):
        return True
    if max(map(len, lines)) > _SHORT_LINE:
        return False
    wide = any(_WIDE_GAP.search(line) for line in lines)
    return wide or any(line.startswith(_INDENTS) for line in lines)


def linked(line: str, most: int = MOST_LINKS) -> str:
    """One line, escaped, with addresses of the web and of mail as links (AB-72), the first `most` of them."""
    made, position = list[str](), 0
    for match in _LINK.finditer(line):
        if len(made) >= 2 * most:
            break
        target = _without_tail(match.group())
        if _worth_a_link(target):
            made += [escape(line[position : match.start()]), _anchor(target)]
            position = match.start() + len(target)
    return "".join(made) + escape(line[position:])


def _without_tail(target: str) -> str:
    """A full stop, or a bracket that was opened before the address, belongs to the sentence."""
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
