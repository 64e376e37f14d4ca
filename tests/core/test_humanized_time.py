"""Times in words, in both languages and in the reader's time zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from otklik.core.humanized_time import moment_in_full, moment_words

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 11, 22, 18, 0, tzinfo=MOSCOW)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=MOSCOW)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("value", "russian", "english"),
    [
        (at(2026, 11, 22, 14, 25), "Сегодня 14:25", "Today 14:25"),
        (at(2026, 11, 22, 0, 0), "Сегодня 00:00", "Today 00:00"),
        (at(2026, 11, 21, 9, 10), "Вчера 09:10", "Yesterday 09:10"),
        (at(2026, 11, 21, 23, 59), "Вчера 23:59", "Yesterday 23:59"),
        (at(2026, 11, 23, 10, 0), "Завтра 10:00", "Tomorrow 10:00"),
        (at(2026, 11, 3, 14, 25), "3 ноября 14:25", "3 November 14:25"),
        (at(2026, 12, 31, 8, 5), "31 декабря 08:05", "31 December 08:05"),
        (at(2025, 11, 3, 14, 25), "3 ноября 2025 14:25", "3 November 2025 14:25"),
    ],
)
def test_moments_are_said_as_people_say_them(
    value: datetime, russian: str, english: str, compiled_messages: None
) -> None:
    with timezone.override(MOSCOW):
        with translation.override("ru"):
            assert moment_words(value, NOW) == russian
        with translation.override("en"):
            assert moment_words(value, NOW) == english


def test_the_day_is_the_readers_not_the_servers() -> None:
    late = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)  # already Sunday in Moscow, still Saturday in London
    with translation.override("en"):
        with timezone.override(MOSCOW):
            assert moment_words(late, NOW) == "Today 01:30"
        with timezone.override(ZoneInfo("Europe/London")):
            assert moment_words(late, NOW) == "Yesterday 22:30"


def test_new_years_eve_names_no_year_twice() -> None:
    with timezone.override(MOSCOW), translation.override("en"):
        assert moment_words(at(2025, 12, 31, 23, 59), at(2026, 1, 1, 0, 1)) == "Yesterday 23:59"
        assert moment_words(at(2025, 12, 30, 23, 59), at(2026, 1, 1, 0, 1)) == "30 December 2025 23:59"


def test_the_full_moment_carries_year_and_zone() -> None:
    with timezone.override(MOSCOW), translation.override("ru"):
        assert moment_in_full(at(2026, 11, 3, 14, 25)) == "3 ноября 2026 14:25 МСК"
