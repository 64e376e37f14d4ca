"""Date and datetime widgets and parsers that accept the format of the page's language.

A browser writes <input type="date"> in its own language, whatever the page's, so the named field is plain text.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

DAY_FORMATS = ["%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y"]
MOMENT_FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M", "%d.%m.%Y, %H:%M"]


def day_typed(day: date) -> str:
    """Format the day as the active language types it: 31.12.2025 in Russian, 2025-12-31 in English."""
    return day.strftime("%d.%m.%Y" if _dotted() else "%Y-%m-%d")


def moment_typed(at: datetime) -> str:
    """Format the time like `day_typed` plus hours and minutes, in the active time zone. Seconds are dropped."""
    local = timezone.localtime(at) if timezone.is_aware(at) else at
    return local.strftime("%d.%m.%Y %H:%M" if _dotted() else "%Y-%m-%d %H:%M")


def next_day_at(hour: int, at: datetime) -> datetime:
    """Return that hour of the day after `at`, in the active time zone."""
    day = timezone.localdate(at) + timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, time(hour)))


def _dotted() -> bool:
    return (get_language() or "ru").startswith("ru")


class DayInput(forms.DateInput):
    """Text input for a date with a date picker beside it. The form field needs `input_formats=DAY_FORMATS`."""

    template_name = "otklik/_day_input.html"
    picker = "date"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["picker"] = self.picker
        context["dotted"] = _dotted()
        context["widget"]["attrs"].update(placeholder=self.placeholder(), autocomplete="off", inputmode="text")
        return context

    def placeholder(self) -> str:
        return _("YYYY-MM-DD")

    def format_value(self, value: Any) -> str | None:
        return day_typed(value) if isinstance(value, date) else value or None


class MomentInput(DayInput):
    """Text input for a date and time with a picker beside it. The form field needs `input_formats=MOMENT_FORMATS`."""

    picker = "datetime-local"

    def placeholder(self) -> str:
        return _("YYYY-MM-DD hh:mm")

    def format_value(self, value: Any) -> str | None:
        return moment_typed(value) if isinstance(value, datetime) else value or None
