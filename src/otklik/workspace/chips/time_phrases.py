"""Dates, relative times and bounds of periods in people's words."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from otklik.core.date_inputs import day_typed
from otklik.tickets.jql.form_conditions import day_written, span_written
from otklik.tickets.jql.tree import Call, Literal, Operator, Value

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
SIDES = {
    Operator.LESS: gettext_lazy("earlier than: %(time)s"),
    Operator.AT_MOST: gettext_lazy("not later than: %(time)s"),
    Operator.MORE: gettext_lazy("later than: %(time)s"),
    Operator.AT_LEAST: gettext_lazy("not earlier than: %(time)s"),
    Operator.IS: gettext_lazy("exactly: %(time)s"),
}
TIMES = {
    "after": SIDES[Operator.MORE],
    "before": SIDES[Operator.LESS],
    "on": gettext_lazy("when: %(time)s"),
}


def at(words: str | Promise, value: Value) -> str:
    """Return `words` (of TIMES or SIDES) with the time; "" if the time has no words."""
    time = time_phrase(value)
    return str(words) % {"time": time} if time else ""


def between(first: Value, last: Value) -> str:
    """Return a period in words; "" if one of its ends has none."""
    times = {"first": time_phrase(first), "last": time_phrase(last)}
    return _("between: %(first)s and %(last)s") % times if all(times.values()) else ""


def time_phrase(value: Value) -> str:
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
