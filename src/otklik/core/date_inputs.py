"""Date and datetime widgets and parsers that accept the format of the page's language.

A browser writes <input type="date"> in its own language, whatever the page's, so the named field is plain text.
"""

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

DAY_FORMATS = ["%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y"]
MOMENT_FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M", "%d.%m.%Y, %H:%M"]


def day_typed(day: date) -> str:
    """The day as one types it in the active language."""
    return day.strftime("%d.%m.%Y" if _dotted() else "%Y-%m-%d")


def moment_typed(at: datetime) -> str:
    """The moment as one types it in the active language, by the active time zone's clock; minutes are the finest."""
    local = timezone.localtime(at) if timezone.is_aware(at) else at
    return local.strftime("%d.%m.%Y %H:%M" if _dotted() else "%Y-%m-%d %H:%M")


def _dotted() -> bool:
    return (get_language() or "ru").startswith("ru")


class DayInput(forms.DateInput):
    """A day; the field needs `input_formats=DAY_FORMATS`."""

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
    """A day and a time of day; the field needs `input_formats=MOMENT_FORMATS`."""

    picker = "datetime-local"

    def placeholder(self) -> str:
        return _("YYYY-MM-DD hh:mm")

    def format_value(self, value: Any) -> str | None:
        return moment_typed(value) if isinstance(value, datetime) else value or None
