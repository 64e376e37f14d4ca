"""The next day at an hour, in the reader's time zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from otklik.core.date_inputs import next_day_at


@pytest.mark.parametrize(
    ("zone", "at", "then"),
    [
        ("Europe/Moscow", datetime(2026, 12, 1, 12, 0, tzinfo=UTC), datetime(2026, 12, 2, 6, 0, tzinfo=UTC)),
        # There it is the second of December already.
        ("Asia/Vladivostok", datetime(2026, 12, 1, 15, 0, tzinfo=UTC), datetime(2026, 12, 2, 23, 0, tzinfo=UTC)),
        ("Europe/Moscow", datetime(2026, 12, 31, 20, 59, tzinfo=UTC), datetime(2027, 1, 1, 6, 0, tzinfo=UTC)),
        # The clock goes back in the night between.
        ("Europe/Berlin", datetime(2026, 10, 24, 12, 0, tzinfo=UTC), datetime(2026, 10, 25, 8, 0, tzinfo=UTC)),
    ],
)
def test_it_is_the_hour_of_the_readers_clock(zone: str, at: datetime, then: datetime) -> None:
    with timezone.override(ZoneInfo(zone)):
        assert next_day_at(9, at) == then
