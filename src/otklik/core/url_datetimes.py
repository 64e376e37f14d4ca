"""Parse points in time from URL parameters."""

from datetime import UTC, datetime

from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware


def typed_moment(text: str) -> datetime | None:
    """Parse an ISO 8601 time with offset; return it in UTC, None for anything else.

    PostgreSQL rejects some offsets that Python accepts, hence the conversion.
    """
    try:
        moment = parse_datetime(text)
        return moment.astimezone(UTC) if moment is not None and is_aware(moment) else None
    except (ValueError, OverflowError):
        return None
