"""The text of a filter chip: «Статус: Открытый, В работе», «Обновлено: раньше 2 дней назад»."""

from collections.abc import Callable, Sequence
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from otklik.core.date_inputs import day_typed
from otklik.tickets.jql.form_conditions import How, Kind, Simple
from otklik.tickets.jql.tree import Empty, Value

# A chip names this many values and counts the rest.
NAMED = 5
SINCE = {
    "Day": gettext_lazy("today"),
    "Week": gettext_lazy("this week"),
    "Month": gettext_lazy("this month"),
    "Year": gettext_lazy("this year"),
}
ONWARD = {
    "Day": gettext_lazy("from today on"),
    "Week": gettext_lazy("from this week on"),
    "Month": gettext_lazy("from this month on"),
    "Year": gettext_lazy("from this year on"),
}
EARLIER = {
    "Day": gettext_lazy("before today"),
    "Week": gettext_lazy("before this week"),
    "Month": gettext_lazy("before this month"),
    "Year": gettext_lazy("before this year"),
}


def words_of(label: str, asked: Simple, kind: Kind, read: Callable[[Value], str], *, may_come: bool = False) -> str:
    """Return the condition `asked` of a field as a phrase in the reader's language.

    `label`: the field's name; `read`: returns the text of one value; `may_come`: the field's dates may lie in the
    future, so that "this week" reads "from this week on".
    """
    parts: dict[str, object] = {"field": label, "values": _joined(asked.values, read), "text": asked.text}
    if kind in (Kind.MOMENT, Kind.DAY) and asked.how not in (How.EMPTY, How.SET):
        return _("%(field)s: %(values)s") % {**parts, "values": _time(asked, may_come=may_come)}
    if kind is Kind.NUMBER:
        parts["values"] = asked.text
    return _template(asked, kind) % parts


def _template(asked: Simple, kind: Kind) -> str:
    only_empty = bool(asked.values) and all(isinstance(value, Empty) for value in asked.values)
    match asked.how:
        case How.NOT if only_empty:
            return _("%(field)s: somebody") if kind is Kind.PEOPLE else _("%(field)s: not empty")
        case How.IS:
            return _("%(field)s: %(values)s")
        case How.NOT:
            return _("%(field)s not: %(values)s")
        case How.NOT_OR_EMPTY:
            return _("%(field)s not: %(values)s (or empty)")
        case How.CONTAINS:
            return _("%(field)s contains: %(text)s")
        case How.LACKS:
            return _("%(field)s does not contain: %(text)s")
        case How.EMPTY:
            return _("%(field)s: empty")
        case How.SET:
            return _("%(field)s: not empty")
    return _ranked(asked.how, kind)


def _ranked(how: How, kind: Kind) -> str:
    if kind is Kind.RANK:
        return {
            How.LEAST: _("%(field)s: %(values)s or higher"),
            How.MOST: _("%(field)s: %(values)s or lower"),
            How.MORE: _("%(field)s: higher than %(values)s"),
        }.get(how) or _("%(field)s: lower than %(values)s")
    return {
        How.LEAST: _("%(field)s: at least %(values)s"),
        How.MOST: _("%(field)s: at most %(values)s"),
        How.MORE: _("%(field)s: more than %(values)s"),
    }.get(how) or _("%(field)s: less than %(values)s")


def _joined(values: Sequence[Value], read: Callable[[Value], str]) -> str:
    named = ", ".join(read(value) for value in values[:NAMED])
    more = len(values) - NAMED
    return _("%(values)s and %(more)d more") % {"values": named, "more": more} if more > 0 else named


def _time(asked: Simple, *, may_come: bool) -> str:
    days = {"day": _day(asked.day), "until": _day(asked.until)}
    match asked.how:
        case How.SINCE:
            return str((ONWARD if may_come else SINCE)[asked.period])
        case How.EARLIER:
            return str(EARLIER[asked.period])
        case How.ON:
            return days["day"]
        case How.FROM:
            return _("from %(day)s on") % days
        case How.BEFORE:
            return _("before %(day)s") % days
        case How.UNTIL:
            return _("until %(day)s") % days
        case How.AFTER:
            return _("after %(day)s") % days
        case How.BETWEEN:
            return _("%(day)s to %(until)s") % days
    is_open = may_come and asked.how is How.LAST
    return (_open_span(asked) if is_open else _span(asked)) % {"n": asked.amount}


def _span(asked: Simple) -> str:
    count = asked.amount
    match asked.how, asked.unit:
        case How.LAST, "h":
            return ngettext("within the last %(n)d hour", "within the last %(n)d hours", count)
        case How.LAST, "d":
            return ngettext("within the last %(n)d day", "within the last %(n)d days", count)
        case How.LAST, _weeks:
            return ngettext("within the last %(n)d week", "within the last %(n)d weeks", count)
        case How.OLDER, "h":
            return ngettext("more than %(n)d hour ago", "more than %(n)d hours ago", count)
        case How.OLDER, "d":
            return ngettext("more than %(n)d day ago", "more than %(n)d days ago", count)
        case How.OLDER, _weeks:
            return ngettext("more than %(n)d week ago", "more than %(n)d weeks ago", count)
        case _next, "h":
            return ngettext("in %(n)d hour at the latest", "in %(n)d hours at the latest", count)
        case _next, "d":
            return ngettext("in %(n)d day at the latest", "in %(n)d days at the latest", count)
    return ngettext("in %(n)d week at the latest", "in %(n)d weeks at the latest", count)


def _open_span(asked: Simple) -> str:
    count = asked.amount
    match asked.unit:
        case "h":
            return ngettext("not before %(n)d hour ago", "not before %(n)d hours ago", count)
        case "d":
            return ngettext("not before %(n)d day ago", "not before %(n)d days ago", count)
    return ngettext("not before %(n)d week ago", "not before %(n)d weeks ago", count)


def _day(day: date | None) -> str:
    return day_typed(day) if day else ""
