"""Parse a filter chip's form into a condition."""

from datetime import date

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from otklik.core.date_inputs import DAY_FORMATS
from otklik.tickets.jql.fields import number_of
from otklik.tickets.jql.form_conditions import HOWS, PERIODS, UNITS, How, Kind, Simple
from otklik.tickets.jql.tree import Literal, Value
from otklik.workspace.chips.value_choices import value_typed

MOST_VALUES = 100
MOST_AMOUNT = 9_999
# The filter language accepts years up to 9999; one day may be added.
YEARS = range(1000, 9998)


class InvalidCondition(Exception):
    """The form is incomplete or invalid; the message is shown to the person who filled it in."""


def chosen_values(data: QueryDict) -> tuple[Value, ...]:
    """Return the distinct values that are ticked or typed next to them, at most MOST_VALUES of each."""
    texts = data.getlist("value")[:MOST_VALUES]
    values = [value for value in map(value_typed, texts) if value is not None]
    typed = data.get("words", "").replace(",", " ").split()[:MOST_VALUES]
    return tuple(dict.fromkeys([*values, *map(Literal, typed)]))


def parse_condition(data: QueryDict, kind: Kind) -> Simple:
    """Return the condition that the form describes. Raises InvalidCondition, or BadJql for an invalid number."""
    how = next((how for how in HOWS[kind] if how == data.get("how")), None)
    if how is None:
        raise InvalidCondition(_("Choose what is asked."))
    if how in (How.EMPTY, How.SET):
        return Simple(how)
    if kind is Kind.TEXT:
        return Simple(how, text=_text(data))
    if kind is Kind.NUMBER:
        text = _text(data)
        number_of("", Literal(text))  # raises BadJql, which says what is wrong
        return Simple(how, text=text)
    if kind in (Kind.MOMENT, Kind.DAY):
        return _of_time(data, how)
    return _of_values(data, how)


def _of_values(data: QueryDict, how: How) -> Simple:
    values = chosen_values(data)
    if not values:
        raise InvalidCondition(_("Choose one value at least."))
    if how not in (How.IS, How.NOT, How.NOT_OR_EMPTY) and len(values) > 1:
        raise InvalidCondition(_("Choose one value to compare with."))
    return Simple(how, values)


def _text(data: QueryDict) -> str:
    text = " ".join(data.get("text", "").split())
    if not text:
        raise InvalidCondition(_("Type what is looked for."))
    return text


def _of_time(data: QueryDict, how: How) -> Simple:
    match how:
        case How.LAST | How.OLDER | How.NEXT:
            amount, unit = data.get(f"{how}.amount", "").strip(), data.get(f"{how}.unit", "")
            known = amount.isascii() and amount.isdigit() and len(amount) <= len(str(MOST_AMOUNT)) and unit in UNITS
            if not (known and int(amount)):
                raise InvalidCondition(_("Type a number from 1 to %(most)d.") % {"most": MOST_AMOUNT})
            return Simple(how, amount=int(amount), unit=unit)
        case How.SINCE | How.EARLIER:
            period = data.get(f"{how}.period", "")
            if period not in PERIODS:
                raise InvalidCondition(_("Choose a period."))
            return Simple(how, period=period)
    day = _day(data.get(f"{how}.day", ""))
    if how is not How.BETWEEN:
        return Simple(how, day=day)
    until = _day(data.get(f"{how}.until", ""))
    if until < day:
        raise InvalidCondition(_("The last day is before the first one."))
    return Simple(how, day=day, until=until)


def _day(typed: str) -> date:
    try:
        day: date = forms.DateField(input_formats=DAY_FORMATS).clean(typed)
    except forms.ValidationError:
        raise InvalidCondition(_("This is no date: %(typed)s") % {"typed": typed[:40] or "—"}) from None
    if day.year not in YEARS:
        raise InvalidCondition(_("This is no date: %(typed)s") % {"typed": typed[:40]})
    return day
