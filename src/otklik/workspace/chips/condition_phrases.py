"""Conditions that no form can ask, in people's words all the same: what was before, and times in relation to others."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.form_conditions import Kind, kind_of
from otklik.tickets.jql.tree import Condition, Literal, Part, Past, Value, When
from otklik.workspace.chips.field_labels import label_of
from otklik.workspace.chips.query_parts import known_field
from otklik.workspace.chips.time_phrases import SIDES, TIMES, at, between, time_phrase
from otklik.workspace.chips.value_choices import Values

_PEOPLE = Literal("reporter")


def phrase_of(part: Part, asker: Asker) -> str:
    """Return the condition in words; "" if part of it has none."""
    match part:
        case Past():
            return _past(part, asker)
        case Condition(values=(value,)):
            return _compared(part, value, asker)
    return ""


def _compared(condition: Condition, value: Value, asker: Asker) -> str:
    field = known_field(condition.field, asker)
    side, time = SIDES.get(condition.operator), time_phrase(value)
    if field is None or side is None or not time or kind_of(field) not in (Kind.MOMENT, Kind.DAY):
        return ""
    return f"{label_of(field, condition.field.text)} {side % {'time': time}}"


def _past(past: Past, asker: Asker) -> str:
    field = known_field(past.field, asker)
    if field is None:
        return ""
    read = Values(field, asker).label
    whens = [_when(when, read, asker) for when in past.whens]
    if not all(whens):
        return ""
    label = label_of(field, past.field.text)
    text = _had(past) % {"field": label, "values": ", ".join(read(value) for value in past.values or ())}
    return f"{text} ({', '.join(whens)})" if whens else text


def _had(past: Past) -> str:
    if past.values is None:
        return _("%(field)s: changed")
    return _("%(field)s: was never %(values)s") if past.negative else _("%(field)s: was %(values)s")


def _when(when: When, read: Callable[[Value], str], asker: Asker) -> str:
    match when.name:
        case "from":
            return _("from: %(value)s") % {"value": read(when.values[0])}
        case "to":
            return _("to: %(value)s") % {"value": read(when.values[0])}
        case "by":
            people = known_field(_PEOPLE, asker)
            return _("by: %(value)s") % {"value": Values(people, asker).label(when.values[0])} if people else ""
        case "during":
            return between(*when.values)
    return at(TIMES[when.name], when.values[0])
