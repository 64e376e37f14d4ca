"""Render laid-out mails, with pictures and tables in place, for pages and mails (ADR 68).

Nothing of the mail's HTML comes here: every tag is written by us, every word is escaped, and a picture is only ever a
file of the message itself, by its own address (AB-65, AB-70, AB-71).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from otklik.mail.parse import html, layout
from otklik.mail.parse.layout_trimming import TrimmedLayout, trim_layout
from otklik.mail.parse.model import Part
from otklik.tickets.models import Attachment, Message
from otklik.ui.markup import words_text
from otklik.ui.message_html import LONGEST_TEXT, MOST_LINKS, block_html, cut_html, linked, paragraphs
from otklik.ui.pictures import is_shown

LARGEST_OLD_HTML = 256 * 1024
_TABLE = 'class="mail-table" tabindex="0"'
_MAIL_TABLE = 'border="1" cellpadding="6" cellspacing="0" style="border-collapse:collapse;margin:0 0 12px;"'
_WIDEST = 60
_GAP = re.compile(r"\n\s*\n")
_MAYBE_RICH = re.compile(r"<t[dh]\b|\bcid:|&nbsp;\s*&nbsp;|<pre\b|white-space", re.IGNORECASE)

Address = Callable[[Attachment], str]


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A message as HTML, with ids of the files shown in it, and of those shown on demand."""

    html: SafeString
    shown: frozenset[int]
    folded: frozenset[int]


def laid_out(message: Message, files: Sequence[Attachment], *, shown_at: Address, given_at: Address) -> LaidOut | None:
    """Return the message with its mail's layout; None if its text is equivalent.

    `shown_at`, `given_at`: return the URLs of a file as picture and as download. Mails stored before layouts existed
    are laid out from their HTML.
    """
    fit = _kept(message, files) if message.layout else _from_html(message, files)
    if fit is None:
        return None
    named = {file.content_id.strip("<> "): file for file in reversed(files) if file.content_id}
    pictures = {cid: _picture_html(file, shown_at(file), given_at(file)) for cid, file in named.items()}
    marks = {match[2] for match in layout.MARK.finditer(fit.text)}
    return LaidOut(
        layout_html(fit.text, pictures),
        frozenset(named[cid].pk for cid in marks if cid in named and is_shown(named[cid])),
        frozenset(named[cid].pk for cid in fit.folded if cid in named),
    )


def _kept(message: Message, files: Iterable[Attachment]) -> TrimmedLayout | None:
    folded = frozenset(file.content_id.strip("<> ") for file in files if file.folded)
    return TrimmedLayout(message.layout, folded) if message.layout != layout.NONE else None


def _from_html(message: Message, files: Sequence[Attachment]) -> TrimmedLayout | None:
    source = message.html
    if not source or len(source) > LARGEST_OLD_HTML or not _MAYBE_RICH.search(source) or html.too_complex(source):
        return None
    parts = [Part(file.name, file.content_type, file.size, b"", file.content_id.strip("<> ")) for file in files]
    return trim_layout(layout.of_html(source, parts), message.text, whole=True)


def own_content_id(file: Attachment) -> str:
    """Return the Content-ID of a picture in our mails; never the sender's."""
    return f"file-{file.pk}@otklik"


def in_place(message: Message, files: Iterable[Attachment]) -> frozenset[int]:
    """Return ids of those files that are pictures within the message's text."""
    marks = {match[2] for match in layout.MARK.finditer(message.layout)}
    return frozenset(file.pk for file in files if file.content_id.strip("<> ") in marks and is_shown(file))


def mail_content(message: Message, files: Sequence[Attachment]) -> tuple[str, str] | None:
    """Return the message as (plain text, HTML) for a mail of ours; None if its text is equivalent.

    `files`: those attached to our mail; pictures among them are shown by `own_content_id`, others named.
    """
    if message.layout in {"", layout.NONE}:
        return None
    going, pictures, names = in_place(message, files), dict[str, str](), dict[str, str]()
    for file in message.attachments.all():
        cid, name = file.content_id.strip("<> "), file.name or _("picture")
        names[cid] = name
        pictures[cid] = escape(_named(name))
        if file.pk in going:
            pictures[cid] = f'<img src="cid:{own_content_id(file)}" alt="{escape(name)}" style="max-width:100%;">'
    return layout_text(message.layout, names), layout_html(message.layout, pictures, table=_MAIL_TABLE)


def brief_text(message: Message) -> str:
    """Return the message's text for a narrow place: without pictures, each row of a table on a line of its own."""
    if message.layout in {"", layout.NONE}:
        return words_text(message.text, message.markup)
    bare = layout.MARK.sub("", message.layout).replace(layout.BREAK, " ")
    return _GAP.sub("\n\n", bare.replace("\t", " | ")).strip()


def layout_html(text: str, pictures: Mapping[str, str], *, table: str = _TABLE) -> SafeString:
    """Return a layout as HTML. `pictures`: HTML of pictures by Content-ID; missing ones are left out."""
    html, left = "", MOST_LINKS
    for block in paragraphs(text[:LONGEST_TEXT]):
        for is_row, group in groupby(block.split("\n"), key=lambda line: "\t" in line):
            lines, rendered = list(group), list[str]()
            for line in lines:
                rendered.append(_row(line, pictures, left) if is_row else _line(line, pictures, left))
                left -= rendered[-1].count('rel="noopener noreferrer nofollow"')
            bare = [layout.MARK.sub("", line).replace(layout.BREAK, " ") for line in lines]
            html += f"<table {table}>{''.join(rendered)}</table>" if is_row else block_html(bare, rendered)
    return mark_safe(html + cut_html(text))  # noqa: S308  # every piece was escaped


def layout_text(text: str, names: Mapping[str, str]) -> str:
    """Return a layout as plain text, with names of pictures (by Content-ID) and tables aligned in columns."""
    named = layout.MARK.sub(lambda match: _named(names.get(match[2], "")), text)
    out: list[str] = []
    for is_row, group in groupby(named.split("\n"), key=lambda line: "\t" in line):
        lines = list(group)
        out += _columns([line.split("\t") for line in lines]) if is_row else lines
    return "\n".join(line.replace(layout.BREAK, "\n") for line in out)


def _row(line: str, pictures: Mapping[str, str], left: int) -> str:
    return "<tr>" + "".join(f"<td>{_line(cell, pictures, left)}</td>" for cell in line.split("\t")) + "</tr>"


def _line(line: str, pictures: Mapping[str, str], left: int) -> str:
    pieces = layout.MARK.split(line)
    # Text, then repeatedly a size, a Content-ID and the text after it.
    parts = [_words(pieces[0], left)]
    for size, cid, text in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        picture = pictures.get(cid, "")
        parts.append(
            picture.replace('class="inline-picture"', 'class="inline-sign"') if size == layout.SMALL else picture
        )
        parts.append(_words(text, left))
    return "".join(parts)


def _words(text: str, left: int) -> str:
    return linked(text, left).replace(layout.BREAK, "<br>")


def _picture_html(file: Attachment, shown_at: str, given_at: str) -> str:
    """Return the picture as a link to it; a type that browsers do not show, as a link to its download."""
    name = escape(file.name or _("picture"))
    if not is_shown(file):
        return f'<a href="{escape(given_at)}">{name}</a>'
    shown = f'<img class="inline-picture" src="{escape(shown_at)}" alt="{name}" loading="lazy">'
    return f'<a href="{escape(shown_at)}" target="_blank">{shown}</a>'


def _named(name: str) -> str:
    return "[" + (_("picture: %(name)s") % {"name": name}) + "]" if name else ""


def _columns(rows: list[list[str]]) -> list[str]:
    """Align the rows in columns; separate long cells by bars instead."""
    plain = [[cell.replace(layout.BREAK, " ") for cell in cells] for cells in rows]
    count = max(map(len, plain))
    widths = [max(len(cells[place]) if place < len(cells) else 0 for cells in plain) for place in range(count)]
    if sum(widths) + 3 * count > 2 * _WIDEST or max(widths) > _WIDEST:
        return [" | ".join(cells).rstrip() for cells in plain]
    return [
        "   ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=False)).rstrip() for cells in plain
    ]
