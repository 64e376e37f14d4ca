"""Placeholders for form answers: {ticket.answers} for all, {answer.customfield_10005} for one."""

import re
from collections.abc import Iterable
from html import escape

from otklik.desks.models import Desk, Field
from otklik.desks.queries import asked_fields
from otklik.desks.texts import text_of
from otklik.notify.texts.mail_kinds import ACCOUNT, STAFF, MailKind, Text
from otklik.notify.texts.placeholders import PlaceKind
from otklik.notify.texts.render import Value, html_lines
from otklik.tickets.answers.display import fields_of, words_of
from otklik.tickets.answers.field_types import label_of
from otklik.tickets.models import Ticket

ALL = "ticket.answers"
_ONE = re.compile(r"\{(?:if )?\s*(answer\.[a-z0-9_]+)\s*\}")
_NOTHING = Value("", "")
_LINE = '<p style="margin:0 0 4px;"><span style="color:#667382;">{label}:</span> {words}</p>'


def field_places(kind: MailKind, desk: Desk) -> list[PlaceKind]:
    """A placeholder for each visible field of the desk's forms; none in mails about an account. One query."""
    if kind.to == ACCOUNT:
        return []
    return [
        PlaceKind(f"answer.{field.key}", f"«{label_of(field)}» ({text_of(field.request_type, 'name')})")
        for field in asked_fields(desk)
        if not field.hidden
    ]


def known_in(kind: MailKind, text: Text) -> tuple[str, ...]:
    """The placeholders that a text may use when sent. A field that no longer exists is allowed, and renders empty."""
    return kind.places if kind.to == ACCOUNT else (*kind.places, *_named(text))


def answer_values(kind: MailKind, text: Text, ticket: Ticket, *, readable: bool) -> dict[str, Value]:
    """The values of the answer placeholders in `text`, by name. `readable`: whether the reader may see the answers.

    All are empty if not. No query if the text uses none. Hidden presets are only shown to staff.
    """
    named = _named(text)
    values = dict.fromkeys([ALL, *named], _NOTHING)
    if not readable or not ticket.answers or not (named or ALL in text.body + text.subject):
        return values
    fields = [field for field in fields_of(ticket) if field.key in ticket.answers and not field.built_in]
    shown = [
        (field, words_of(field, ticket.answers[field.key])) for field in fields if kind.to == STAFF or not field.hidden
    ]
    every = {f"answer.{field.key}": _value(answer) for field, answer in shown}
    return {**values, **{name: every[name] for name in named if name in every}, ALL: _table(shown)}


def _named(text: Text) -> list[str]:
    return list(dict.fromkeys(_ONE.findall(f"{text.subject}\n{text.body}")))


def _value(answer: str) -> Value:
    return Value(answer, html_lines(answer))


def _table(shown: Iterable[tuple[Field, str]]) -> Value:
    lines = [(label_of(field), answer) for field, answer in shown]
    text = "\n".join(f"{label}: {answer}" for label, answer in lines)
    html = "".join(_LINE.format(label=escape(label), words=_value(answer).html) for label, answer in lines)
    return Value(text, html)
