"""Dates in JQL, in the reader's time zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from otklik.people.models import Person
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.moments import moment
from otklik.tickets.jql.parse import parse
from otklik.tickets.jql.tree import Condition, Empty

MOSCOW = ZoneInfo("Europe/Moscow")
# A Sunday, 01:30 in Moscow and still Saturday in Greenwich.
NOW = datetime(2026, 11, 29, 1, 30, tzinfo=MOSCOW)


def when(text: str, at: datetime = NOW, zone: str = "Europe/Moscow") -> tuple[datetime, timedelta]:
    where = parse(f"created = {text}").where
    assert isinstance(where, Condition) and not isinstance(where.values[0], Empty)
    return moment(where.values[0], Asker(Person(time_zone=zone), at))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-11-29", "2026-11-29 00:00"),
        ('"2026/11/29 14:45"', "2026-11-29 14:45"),
        ("2026-1-2", "2026-01-02 00:00"),
        ("-1d", "2026-11-28 01:30"),
        ("-1w 2d", "2026-11-20 01:30"),
        ("-90m", "2026-11-29 00:00"),
        ("+1h", "2026-11-29 02:30"),
        ("1h", "2026-11-29 02:30"),
        ("-1y", "2025-11-29 01:30"),
        ("now()", "2026-11-29 01:30"),
        ("startOfDay()", "2026-11-29 00:00"),
        ('startOfDay("-1d")', "2026-11-28 00:00"),
        ("startOfDay(-1)", "2026-11-28 00:00"),
        ('startOfDay("+9h")', "2026-11-29 09:00"),
        ("startOfWeek()", "2026-11-23 00:00"),
        ("startOfWeek(1)", "2026-11-30 00:00"),
        ('startOfWeek("+2d")', "2026-11-25 00:00"),
        ("startOfMonth()", "2026-11-01 00:00"),
        ('startOfMonth("+14d")', "2026-11-15 00:00"),
        ('startOfMonth("-1M")', "2026-10-01 00:00"),
        ("startOfYear(-1)", "2025-01-01 00:00"),
        ("endOfDay()", "2026-11-29 23:59"),
        ("endOfWeek()", "2026-11-29 23:59"),
        ("endOfMonth(3)", "2027-02-28 23:59"),
        ('endOfMonth("+15d")', "2026-12-15 23:59"),
        ("endOfYear()", "2026-12-31 23:59"),
        ("ENDOFYEAR(+1)", "2027-12-31 23:59"),
    ],
)
def test_when_that_is(text: str, said: str) -> None:
    assert f"{when(text)[0].astimezone(MOSCOW):%Y-%m-%d %H:%M}" == said


def test_an_end_is_the_last_millisecond() -> None:
    assert when("endOfDay()")[0] == datetime(2026, 11, 30, tzinfo=MOSCOW) - timedelta(milliseconds=1)


def test_a_day_and_a_minute_last() -> None:
    assert when("2026-11-29")[1] == timedelta(days=1)
    assert when('"2026-11-29 14:45"')[1] == timedelta(minutes=1)
    assert when("-1d")[1] == when("startOfDay()")[1] == timedelta(0)


def test_the_day_is_the_asker_s() -> None:
    assert when("startOfDay()", zone="America/New_York")[0] == datetime(2026, 11, 28, 5, tzinfo=UTC)
    assert when("2026-11-29", zone="Asia/Vladivostok")[0] == datetime(2026, 11, 28, 14, tzinfo=UTC)


def test_a_day_on_which_the_clocks_change_is_as_long_as_it_is() -> None:
    begun, lasts = when("2026-03-29", zone="Europe/Berlin")
    assert (begun.astimezone(UTC).hour, lasts) == (23, timedelta(hours=23))
    noon = datetime(2026, 3, 29, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    assert noon - when("-1d", noon, "Europe/Berlin")[0] == timedelta(hours=24)
    assert when("startOfDay(-1)", noon, "Europe/Berlin")[0].astimezone(UTC) == datetime(2026, 3, 27, 23, tzinfo=UTC)
