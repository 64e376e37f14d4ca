"""Dates, times and spans of the filter language, in the asker's time zone.

Follows Jira Data Center: a date without a time means midnight, -2d is 48 hours ago, and weeks begin on Monday.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo

from otklik.tickets.jql.errors import BadJql
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.function_calls import FUNCTIONS, no_such_function
from otklik.tickets.jql.refusals import JqlRefusal
from otklik.tickets.jql.tree import Call, Condition, Literal, Past, Query, Value, conditions

_DATE = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[ T](\d{1,2}):(\d{2}))?")
_SPAN = re.compile(r"([+-]?)((?:\d+[ywdhm]\s*)+)")
_STEP = re.compile(r"([+-]?)(\d{1,5})([yMwdhm]?)")
_PERIOD = re.compile(r"(start|end)of(day|week|month|year)")
_DAY_FIRST = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})(?: ?г\.?)?")
_DAYS = {
    **dict.fromkeys(("today", "сегодня"), "startOfDay()"),
    **dict.fromkeys(("yesterday", "вчера"), "startOfDay(-1)"),
    **dict.fromkeys(("позавчера",), "startOfDay(-2)"),
    **dict.fromkeys(("tomorrow", "завтра"), "startOfDay(+1)"),
}
_NATURAL = {"day": "d", "week": "w", "month": "M", "year": "y"}
_UNITS = {"w": timedelta(weeks=1), "d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}
_LAST = timedelta(milliseconds=1)
# Narrower than datetime's range, so that converting to another time zone or adding a day cannot overflow.
_YEARS = range(1000, 9999)


def moment(value: Literal | Call, asker: Asker) -> tuple[datetime, timedelta]:
    """Return (start, length) of a date or time in a query: a date lasts a day, a time a minute, others nothing.

    Raises BadJql for anything else, and outside of the years 1000 to 9998.
    """
    word = value.text.strip() if isinstance(value, Literal) else value.name
    try:
        at, lasts = _read(value, word, asker)
        if at.year in _YEARS:
            return at, lasts
    except (ValueError, OverflowError):  # the date does not exist, or is out of range
        pass
    if near := _near(word):
        raise BadJql(JqlRefusal.NOT_A_DATE_NEAR, at=value.at, word=word, near=near)
    raise BadJql(JqlRefusal.NOT_A_DATE, at=value.at, word=word)


def _near(word: str) -> str:
    """Return JQL's spelling of a common way to write a day, such as 29.11.2026 or «вчера»; "" for anything else."""
    if known := _DAYS.get(word.casefold()):
        return known
    match = _DAY_FIRST.fullmatch(word)
    if match is None:
        return ""
    first, second, year = int(match[1]), int(match[2]), int(match[3])
    year += 2000 if year < 100 else 0
    # A month has no number above 12: 11/29/2026 is American.
    month, day = (first, second) if second > 12 >= first else (second, first)
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""


def follows_clock(query: Query) -> bool:
    """Return whether the query's result depends on the current time, as with `-2d`, `now()` or `startOfDay()`."""
    return any(_is_of_now(value) for condition in conditions(query.where) for value in _values_of(condition))


def _values_of(condition: Condition | Past) -> Iterator[Value]:
    yield from condition.values or ()
    if isinstance(condition, Past):
        for when in condition.whens:
            yield from when.values


def _is_of_now(value: Value) -> bool:
    if isinstance(value, Call):
        name = value.name.lower()
        return name == "now" or _PERIOD.fullmatch(name) is not None or any(map(_is_of_now, value.arguments[1:]))
    return isinstance(value, Literal) and _SPAN.fullmatch(value.text.strip()) is not None


def _read(value: Literal | Call, word: str, asker: Asker) -> tuple[datetime, timedelta]:
    if isinstance(value, Call):
        return _called(value, asker), timedelta(0)
    if match := _DATE.fullmatch(word):
        return _written(match, asker.zone)
    if match := _SPAN.fullmatch(word):
        return _spanned(match, asker), timedelta(0)
    raise ValueError(word)


def _written(match: re.Match[str], zone: tzinfo) -> tuple[datetime, timedelta]:
    year, month, day, hour, minute = (int(part or 0) for part in match.groups())
    at = datetime(year, month, day, hour, minute, tzinfo=zone)
    # Subtract in UTC to get elapsed time: a day may have 23 hours.
    begun, next_day = at.astimezone(UTC), _midnight(at.date() + timedelta(days=1), zone).astimezone(UTC)
    return begun, timedelta(minutes=1) if match[4] else next_day - begun


def _spanned(match: re.Match[str], asker: Asker) -> datetime:
    sign = -1 if match[1] == "-" else 1
    at = asker.at.astimezone(UTC)
    for count, unit in re.findall(r"(?<!\d)(\d+)([ywdhm])", match[2]):
        # A day of a span is 24 hours even if the clocks change.
        at = _moved(at, sign * int(count), unit) if unit == "y" else at + sign * int(count) * _UNITS[unit]
    return at


def _called(call: Call, asker: Asker) -> datetime:
    now = asker.at.astimezone(asker.zone)
    if call.name.lower() == "now" and not call.arguments:
        return now
    period = _PERIOD.fullmatch(call.name.lower())
    step = _STEP.fullmatch(call.arguments[0].text.strip()) if len(call.arguments) == 1 else None
    if period is None and call.name.lower() not in map(str.lower, FUNCTIONS):
        raise no_such_function(call)
    if period is None or (call.arguments and step is None):
        raise BadJql(JqlRefusal.ARGUMENTS_WRONG, at=call.at, name=call.name, example='startOfDay("-1d")')
    return _bound(now, period[1], period[2], step)


def _bound(now: datetime, end: str, period: str, step: re.Match[str] | None) -> datetime:
    """Return the start or end of the current period, moved by `step`.

    A step in the period's unit selects another period; one in any other unit moves the resulting time.
    """
    count, unit = (int(step[1] + step[2]), step[3] or _NATURAL[period]) if step else (0, "d")
    whole = unit == _NATURAL[period]
    first = _first_day(_moved(now, count, unit) if whole else now, period)
    at = _midnight(first, now.tzinfo)
    if end == "end":
        at = _midnight(_after(first, period), now.tzinfo) - _LAST
    return at if whole else _moved(at, count, unit)


def _first_day(now: datetime, period: str) -> date:
    day = now.date()
    match period:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "year":
            return day.replace(month=1, day=1)
    return day


def _after(first: date, period: str) -> date:
    days = {"day": 1, "week": 7, "month": 32, "year": 367}[period]
    later = first + timedelta(days=days)
    return later.replace(day=1) if period == "month" else later.replace(month=1, day=1) if period == "year" else later


def _moved(at: datetime, count: int, unit: str) -> datetime:
    """Move a time: days, weeks, months and years in local time, hours and minutes in elapsed time."""
    if unit in "hm":
        return (at.astimezone(UTC) + count * _UNITS[unit]).astimezone(at.tzinfo)
    if unit in "wd":
        return at + count * _UNITS[unit]
    months = at.year * 12 + at.month - 1 + count * (12 if unit == "y" else 1)
    first = date(months // 12, months % 12 + 1, 1)
    last = (_after(first, "month") - timedelta(days=1)).day
    return at.replace(year=first.year, month=first.month, day=min(at.day, last))


def _midnight(day: date, zone: tzinfo | None) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)
