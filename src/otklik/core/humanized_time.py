"""Points in time in relative words: «Сегодня 14:25», «Вчера 09:10», «3 ноября 14:25».

A list shows dozens of them, so they are put together by hand: Django's own formatter costs more than the row's query.
"""

from datetime import datetime

from django.utils import timezone
from django.utils.dates import MONTHS_ALT
from django.utils.translation import gettext as _


def moment_words(value: datetime, now: datetime) -> str:
    """Says when something was, short, in the active language and the active time zone.

    Args:
        value: the aware point in time to name; may lie in the future.
        now: the aware point in time of the reader.

    Returns:
        "Today 14:25", "Yesterday 09:10", "3 November 14:25", or with the year when it is another one.
    """
    local, here = timezone.localtime(value), timezone.localtime(now)
    clock = _clock(local)
    days_ago = here.toordinal() - local.toordinal()
    if days_ago == 0:
        return _("Today %(time)s") % {"time": clock}
    if days_ago == 1:
        return _("Yesterday %(time)s") % {"time": clock}
    if days_ago == -1:
        return _("Tomorrow %(time)s") % {"time": clock}
    year = "" if local.year == here.year else f" {local.year}"
    return f"{_day(local)}{year} {clock}"


def moment_in_full(value: datetime) -> str:
    """The same point in time with the year and the zone, for a tooltip: "3 November 2025 14:25 MSK"."""
    local = timezone.localtime(value)
    return f"{_day(local)} {local.year} {_clock(local)} {_zone(local)}"


def _zone(local: datetime) -> str:
    """Return the time zone's abbreviation, translated for Moscow: others stay as in tzdata ("+05", "UTC")."""
    name = local.tzname() or ""
    return _("MSK") if name == "MSK" else name


def _clock(local: datetime) -> str:
    return f"{local.hour:02}:{local.minute:02}"


def _day(local: datetime) -> str:
    """Return day and month in the case that a date needs: «3 ноября», not «ноябрь»."""
    return f"{local.day} {MONTHS_ALT[local.month]}"
