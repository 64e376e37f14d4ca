"""What a person says about themselves."""

import zoneinfo
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.people.models import Person

# One zone for each Russian offset and its largest city, then the neighbours.
ZONES = {
    "Europe/Kaliningrad": gettext_lazy("Kaliningrad"),
    "Europe/Moscow": gettext_lazy("Moscow, Saint Petersburg"),
    "Europe/Samara": gettext_lazy("Samara"),
    "Asia/Yekaterinburg": gettext_lazy("Yekaterinburg"),
    "Asia/Omsk": gettext_lazy("Omsk"),
    "Asia/Novosibirsk": gettext_lazy("Novosibirsk"),
    "Asia/Krasnoyarsk": gettext_lazy("Krasnoyarsk"),
    "Asia/Irkutsk": gettext_lazy("Irkutsk"),
    "Asia/Yakutsk": gettext_lazy("Yakutsk"),
    "Asia/Vladivostok": gettext_lazy("Vladivostok"),
    "Asia/Magadan": gettext_lazy("Magadan"),
    "Asia/Kamchatka": gettext_lazy("Kamchatka"),
    "Europe/Minsk": gettext_lazy("Minsk"),
    "Asia/Yerevan": gettext_lazy("Yerevan"),
    "Asia/Almaty": gettext_lazy("Almaty"),
    "Asia/Tashkent": gettext_lazy("Tashkent"),
    "UTC": gettext_lazy("Universal time"),
}


class ProfileForm(forms.Form):
    """Name, language and time zone."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"))

    def __init__(self, *args: Any, person: Person, **options: Any) -> None:
        zone = person.time_zone or settings.TIME_ZONE
        initial = {"name": person.name, "language": person.chosen_language, "time_zone": zone}
        super().__init__(*args, **{"initial": initial, **options})
        known = dict.fromkeys([*ZONES, settings.TIME_ZONE, zone])
        self.fields["time_zone"].choices = [(name, _label(name)) for name in known]  # type: ignore[attr-defined]


def _label(name: str) -> str:
    """«Москва, Санкт-Петербург (UTC+3)», with the offset of today."""
    try:
        offset = datetime.now(UTC).astimezone(zoneinfo.ZoneInfo(name)).strftime("%z")
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return name
    hours = f"{offset[0]}{int(offset[1:3])}" + (f":{offset[3:]}" if offset[3:] != "00" else "")
    return _("%(place)s (UTC%(hours)s)") % {"place": str(ZONES.get(name, name)), "hours": hours}
