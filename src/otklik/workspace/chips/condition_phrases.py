"""Conditions that no form can ask, in people's words all the same: what was before, and times in relation to others."""

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from otklik.core.date_inputs import day_typed
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.form_conditions import Kind, day_written, kind_of, span_written
from otklik.tickets.jql.tree import Call, Condition, Literal, Operator, Part, Past, Value, When
from otklik.workspace.chips.field_labels import label_of
from otklik.workspace.chips.query_parts import known_field
from otklik.workspace.chips.value_choices import Values

_BOUNDS = {
    "startofday": gettext_lazy("the beginning of the day"),
    "startofweek": gettext_lazy("the beginning of the week"),
    "startofmonth": gettext_lazy("the beginning of the month"),
    "startofyear": gettext_lazy("the beginning of the year"),
    "endofday": gettext_lazy("the end of the day"),
    "endofweek": gettext_lazy("the end of the week"),
    "endofmonth": gettext_lazy("the end of the month"),
    "endofyear": gettext_lazy("the end of the year"),
    "now": gettext_lazy("now"),
}
_SIDES = {
    Operator.LESS: gettext_lazy("earlier than: %(time)s"),
    Operator.AT_MOST: gettext_lazy("not later than: %(time)s"),
    Operator.MORE: gettext_lazy("later than: %(time)s"),
    Operator.AT_LEAST: gettext_lazy("not earlier than: %(time)s"),
    Operator.IS: gettext_lazy("exactly: %(time)s"),
}
_TIMES = {
    "after": _SIDES[Operator.MORE],
    "before": _SIDES[Operator.LESS],
    "on": gettext_lazy("when: %(time)s"),
}
_PEOPLE = Literal("reporter")


def said(part: Part, asker: Asker) -> str:
    """Return the condition in words; "" if part of it has none."""
    match part:
        case Past():
            return _past(part, asker)
        case Condition(values=(value,)):
            return _compared(part, value, asker)
    return ""


def _compared(condition: Condition, value: Value, asker: Asker) -> str:
    field = known_field(condition.field, asker)
    side, time = _SIDES.get(condition.operator), _time(value)
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
            times = [_time(value) for value in when.values]
            return (
                _("between: %(first)s and %(last)s") % dict(zip(("first", "last"), times, strict=True))
                if all(times)
                else ""
            )
    time = _time(when.values[0])
    return str(_TIMES[when.name]) % {"time": time} if time else ""


def _time(value: Value) -> str:
    """Return a date, a relative time or the bound of a period in words; "" for anything else."""
    match value:
        case Literal(text):
            if day := day_written(text):
                return day_typed(day)
            span = span_written(text)
            return _ago(*span) if span and span[0] < 0 else ""
        case Call(name, arguments) if name.lower() in _BOUNDS:
            step = "".join(argument.text for argument in arguments)
            return f"{_BOUNDS[name.lower()]} ({step.replace('-', '−')})" if step else str(_BOUNDS[name.lower()])
    return ""


def _ago(amount: int, unit: str) -> str:
    words = {
        "h": ngettext("%(n)d hour ago", "%(n)d hours ago", -amount),
        "d": ngettext("%(n)d day ago", "%(n)d days ago", -amount),
        "w": ngettext("%(n)d week ago", "%(n)d weeks ago", -amount),
    }
    return words[unit] % {"n": -amount}
