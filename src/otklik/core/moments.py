"""Points in time in the words people use: «Сегодня 14:25», «Вчера 09:10», «3 ноября 14:25»."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
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
    clock = date_format(local, "H:i", use_l10n=False)
    days_ago = (here.date() - local.date()).days
    if days_ago == 0:
        return _("Today %(time)s") % {"time": clock}
    if days_ago == 1:
        return _("Yesterday %(time)s") % {"time": clock}
    if days_ago == -1:
        return _("Tomorrow %(time)s") % {"time": clock}
    day = date_format(local, "j E" if local.year == here.year else "j E Y", use_l10n=False)
    return f"{day} {clock}"


def moment_in_full(value: datetime) -> str:
    """The same point in time with the year and the zone, for a tooltip: "3 November 2025 14:25 MSK"."""
    return date_format(timezone.localtime(value), "j E Y H:i T", use_l10n=False)
