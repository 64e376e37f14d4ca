"""Parse points in time from URL parameters."""

from datetime import UTC, datetime

from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware


def typed_moment(text: str) -> datetime | None:
    """The point in time that was sent, in UTC: PostgreSQL refuses offsets that Python takes. None for anything else."""
    try:
        moment = parse_datetime(text)
        return moment.astimezone(UTC) if moment is not None and is_aware(moment) else None
    except (ValueError, OverflowError):
        return None
