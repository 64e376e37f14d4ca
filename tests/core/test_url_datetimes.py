"""Times in URLs."""

from datetime import UTC, datetime

import pytest

from otklik.core.url_datetimes import typed_moment

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize("words", ["2026-11-30T12:00:00Z", "2026-11-30T15:00+03:00", "2026-12-01T11:59:00+23:59"])
def test_a_moment_is_in_utc_whatever_offset_it_bears(words: str) -> None:
    moment = typed_moment(words)
    assert moment == NOON and moment.tzinfo is UTC


@pytest.mark.parametrize(
    "words",
    ["", "вчера", "2026-11-30", "2026-11-30T12:00:00", "2026-02-30T12:00:00Z", "0001-01-01T00:00:00+14:00",
     "9999-12-31T23:59:59-14:00"],
)  # fmt: skip
def test_what_is_no_moment_is_none(words: str) -> None:
    assert typed_moment(words) is None
