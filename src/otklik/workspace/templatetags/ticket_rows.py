"""The rows of a list of tickets, put together by hand: fifty rows of seven cells are most of what a queue costs, and
Django's template engine takes ten times as long for them (ADR 0033). Everything that comes from people is escaped here.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from otklik.ui.memo import drawn_once
from otklik.ui.templatetags.otklik_ui import icon, status, when
from otklik.workspace.pages.rows import COLUMNS, Column, TicketRow, usual_columns

register = template.Library()


register.simple_tag(usual_columns)


@register.simple_tag
def ticket_rows(columns: Iterable[Column], rows: Iterable[TicketRow]) -> SafeString:
    """`<tr>` for each row with a cell for each column; a column that is not in COLUMNS has no cell."""
    cells = [(_CELLS[column.name], escape(column.label)) for column in columns if column.name in COLUMNS]
    place = ("row of tickets", *cells)
    return SafeString("".join(drawn_once(place, row, partial(_row, row, cells)) for row in rows))


Cell = Callable[[TicketRow, str], str]


def _row(row: TicketRow, cells: Sequence[tuple[Cell, str]]) -> str:
    css = ' class="row-unread"' if row.fresh else ""
    return f"<tr{css}>{''.join(cell(row, label) for cell, label in cells)}</tr>\n"


def _key(row: TicketRow, label: str) -> str:
    key = escape(row.key)
    return f'<td class="key" data-label="{label}"><a href="{escape(row.url)}">{key}</a></td>'


def _subject(row: TicketRow, label: str) -> str:
    link = f'<a href="{escape(row.url)}" data-row-link>{escape(row.subject)}</a>'
    return f'<td class="subject">{link}{_badges(row)}</td>'


def _badges(row: TicketRow) -> str:
    shown = _badge("badge-held", "mail-pause", _("held message")) if row.held else ""
    if row.undelivered:
        shown += _badge("badge-held", "mail-x", _("mail not delivered"))
    return shown + _badge("badge-unverified", "shield", _("sender not verified")) if row.unverified else shown


def _badge(css: str, drawing: str, words: str) -> str:
    return f'<span class="{css}">{icon(drawing)}{escape(words)}</span>'


def _status(row: TicketRow, label: str) -> str:
    shown = status(row.status, row.category)
    return f'<td class="state" data-label="{label}" title="{escape(row.status)}">{shown}</td>'


def _requester(row: TicketRow, label: str) -> str:
    name = escape(row.requester)
    return f'<td class="person" data-label="{label}" title="{name}">{name or "—"}</td>'


def _assignee(row: TicketRow, label: str) -> str:
    nobody = _("nobody")
    name = escape(row.assignee) if row.assignee else f'<span class="soft">{escape(nobody)}</span>'
    return f'<td class="person assignee" data-label="{label}">{name}</td>'


def _priority(row: TicketRow, label: str) -> str:
    return f'<td class="priority priority-{row.priority_level}" data-label="{label}">{escape(row.priority)}</td>'


def _created(row: TicketRow, label: str) -> str:
    return f'<td class="moment created" data-label="{label}">{when(row.created_at)}</td>'


def _updated(row: TicketRow, label: str) -> str:
    return f'<td class="moment" data-label="{label}">{when(row.updated_at)}</td>'


_CELLS: dict[str, Cell] = {
    "key": _key,
    "subject": _subject,
    "requester": _requester,
    "status": _status,
    "priority": _priority,
    "assignee": _assignee,
    "created_at": _created,
    "updated_at": _updated,
}
