"""The rows of a list of tickets, put together by hand: fifty rows of seven cells are most of what a queue costs, and
Django's template engine takes ten times as long for them (ADR 0033). Everything that comes from people is escaped here.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache

from django import template
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from otklik.core.date_inputs import day_typed
from otklik.mail.dkim_check import senders_are_checked
from otklik.ui.template_fragment_cache import drawn_each
from otklik.ui.templatetags.otklik_ui import icon, status, when
from otklik.workspace.pages.rows import Column, usual_columns
from otklik.workspace.ticket_row import TicketRow

register = template.Library()


register.simple_tag(usual_columns)


@register.simple_tag
def ticket_rows(columns: Iterable[Column], rows: Iterable[TicketRow], *, tick: bool = False) -> SafeString:
    """Render `<tr>` for each row with a cell for each column.

    `tick`: with a checkbox first, for bulk actions (the form `bulk-form`).
    """
    heads = list(columns)
    boxes = [(_tick, escape(_("Select %(key)s")))] if tick else []
    has_subject = any(column.name == "subject" for column in heads)
    cells = [*boxes, *((_cell(column.name, has_subject), escape(column.label)) for column in heads)]
    # Rows do not tell whether the site checks senders, so it is part of the cache key.
    place = ("row of tickets", senders_are_checked(), *cells)
    return SafeString("".join(drawn_each(place, rows, lambda ticket: _row(ticket, cells))))


Cell = Callable[[TicketRow, str], str]


def _row(ticket: TicketRow, cells: Sequence[tuple[Cell, str]]) -> str:
    css = ' class="row-unread"' if ticket.fresh else ""
    stamp = f"{ticket.version}-{ticket.updated_at.timestamp():.0f}"
    data = f' data-ticket="{ticket.id}" data-key="{escape(ticket.key)}"'
    data += f' data-version="{ticket.version}" data-stamp="{stamp}"'
    return f"<tr{css}{data}>{''.join(cell(ticket, label) for cell, label in cells)}</tr>\n"


def _tick(ticket: TicketRow, label: str) -> str:
    name = label % {"key": escape(ticket.key)}
    box = (
        f'<input class="form-check-input row-select" type="checkbox" name="ticket" value="{ticket.id}" form="bulk-form"'
    )
    return f'<td class="tick">{box} aria-label="{name}"></td>'


def _key(ticket: TicketRow, label: str) -> str:
    key = escape(ticket.key)
    return f'<td class="key" data-label="{label}"><a href="{escape(ticket.url)}">{key}</a></td>'


def _key_alone(ticket: TicketRow, label: str) -> str:
    """Return the key when there is no subject: then it carries the link that shortcuts and list updates look for."""
    key = escape(ticket.key)
    return f'<td class="key" data-label="{label}"><a href="{escape(ticket.url)}" data-row-link>{key}</a></td>'


def _subject(ticket: TicketRow, label: str) -> str:
    link = f'<a href="{escape(ticket.url)}" data-row-link>{escape(ticket.subject)}</a>'
    return f'<td class="subject">{link}{_badges(ticket)}</td>'


def _badges(ticket: TicketRow) -> str:
    shown = _badge("badge-held", "mail-pause", _("held message")) if ticket.held else ""
    if ticket.undelivered:
        shown += _badge("badge-held", "mail-x", _("mail not delivered"))
    return shown + _badge("badge-unverified", "shield", _("sender not verified")) if ticket.unverified else shown


def _badge(css: str, drawing: str, label: str) -> str:
    return f'<span class="{css}">{icon(drawing)}{escape(label)}</span>'


def _status(ticket: TicketRow, label: str) -> str:
    shown = status(ticket.status, ticket.category)
    return f'<td class="state" data-label="{label}" title="{escape(ticket.status)}" data-edit="status">{shown}</td>'


def _requester(ticket: TicketRow, label: str) -> str:
    name = escape(ticket.requester)
    return f'<td class="person" data-label="{label}" title="{name}">{name or "—"}</td>'


def _assignee(ticket: TicketRow, label: str) -> str:
    nobody = _("nobody")
    name = escape(ticket.assignee) if ticket.assignee else f'<span class="soft">{escape(nobody)}</span>'
    value = ticket.assignee_id or ""
    return f'<td class="person assignee" data-label="{label}" data-edit="assignee" data-value="{value}">{name}</td>'


def _priority(ticket: TicketRow, label: str) -> str:
    edit = f'data-edit="priority" data-value="{ticket.priority_id}"'
    name = escape(ticket.priority)
    return f'<td class="priority priority-{ticket.priority_level}" data-label="{label}" {edit}>{name}</td>'


def _created(ticket: TicketRow, label: str) -> str:
    return f'<td class="moment created" data-label="{label}">{when(ticket.created_at)}</td>'


def _updated(ticket: TicketRow, label: str) -> str:
    return f'<td class="moment" data-label="{label}">{when(ticket.updated_at)}</td>'


def _type(ticket: TicketRow, label: str) -> str:
    name = f"{icon(ticket.icon)} {escape(ticket.type_name)}" if ticket.type_name else "—"
    return f'<td class="more type" data-label="{label}">{name}</td>'


def _labels(ticket: TicketRow, label: str) -> str:
    return f'<td class="more labels" data-label="{label}">{escape(ticket.labels)}</td>'


def _due(ticket: TicketRow, label: str) -> str:
    if ticket.due is None:
        return f'<td class="more due" data-label="{label}"></td>'
    late = " is-late" if ticket.closed_at is None and ticket.due < timezone.localdate() else ""
    hint = f' <span class="visually-hidden">{escape(_("overdue"))}</span>' if late else ""
    return f'<td class="more due{late}" data-label="{label}">{escape(day_typed(ticket.due))}{hint}</td>'


def _resolution(ticket: TicketRow, label: str) -> str:
    return f'<td class="more resolution" data-label="{label}">{escape(ticket.resolution)}</td>'


def _closed(ticket: TicketRow, label: str) -> str:
    shown = when(ticket.closed_at) if ticket.closed_at else ""
    return f'<td class="moment closed" data-label="{label}">{shown}</td>'


@cache
def _answer(name: str) -> Cell:
    """Return the cell function for a field; cached, because its identity is part of the cache key of rendered rows."""

    def cell(ticket: TicketRow, label: str) -> str:
        return f'<td class="more answer" data-label="{label}">{escape(dict(ticket.answers).get(name, ""))}</td>'

    return cell


def _cell(name: str, has_subject: bool) -> Cell:
    if name == "key" and not has_subject:
        return _key_alone
    return _CELLS.get(name) or _answer(name)


_CELLS: dict[str, Cell] = {
    "key": _key,
    "subject": _subject,
    "requester": _requester,
    "status": _status,
    "priority": _priority,
    "assignee": _assignee,
    "created_at": _created,
    "updated_at": _updated,
    "type": _type,
    "labels": _labels,
    "due": _due,
    "resolution": _resolution,
    "closed_at": _closed,
}
