"""Forms of one's own profile: name and preferences, addresses, phone numbers, notifications."""

import zoneinfo
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.people.models import Person
from otklik.portal.forms.account import AddressField

# One zone for each Russian UTC offset, named after its largest city, then those of neighbouring countries.
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
    """Name, language, time zone and theme. The person's present zone is offered even if it is not in ZONES."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"))
    theme = forms.ChoiceField(
        label=gettext_lazy("Look"),
        required=False,
        choices=[
            ("", gettext_lazy("As the system says")),
            ("light", gettext_lazy("Light")),
            ("dark", gettext_lazy("Dark")),
        ],
    )

    def __init__(self, *args: Any, person: Person, **options: Any) -> None:
        zone = person.time_zone or settings.TIME_ZONE
        initial = {"name": person.name, "language": person.chosen_language, "time_zone": zone, "theme": person.theme}
        super().__init__(*args, **{"initial": initial, **options})
        known = dict.fromkeys([*ZONES, settings.TIME_ZONE, zone])
        self.fields["time_zone"].choices = [(name, _label(name)) for name in known]  # type: ignore[attr-defined]


class AddressForm(forms.Form):
    """Adds a further mail address."""

    email = AddressField()


class PhoneForm(forms.Form):
    """Adds a phone number that the person calls from."""

    number = forms.CharField(
        label=gettext_lazy("Telephone number"),
        max_length=60,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )


class NoticesForm(forms.Form):
    """How often the person gets mail about their requests."""

    notices = forms.ChoiceField(
        label=gettext_lazy("Mails about my requests"),
        widget=forms.RadioSelect,
        choices=[
            (Person.Notices.EACH, gettext_lazy("Each message at once")),
            (Person.Notices.DIGEST, gettext_lazy("All messages of a day in one mail")),
            (Person.Notices.WAITING, gettext_lazy("Only when the request waits for me")),
        ],
    )
    digest_hour = forms.TypedChoiceField(
        label=gettext_lazy("When the daily mail comes"),
        coerce=int,
        choices=[(hour, f"{hour}:00") for hour in range(24)],
        help_text=gettext_lazy("In your time zone. A day without news brings no mail."),
    )

    def __init__(self, *args: Any, person: Person, **options: Any) -> None:
        initial = {"notices": person.notices, "digest_hour": person.digest_hour}
        super().__init__(*args, **{"initial": initial, **options})


def _label(name: str) -> str:
    """Return the label of a zone with its present UTC offset: «Москва, Санкт-Петербург (UTC+3)»."""
    try:
        offset = datetime.now(UTC).astimezone(zoneinfo.ZoneInfo(name)).strftime("%z")
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return name
    hours = f"{offset[0]}{int(offset[1:3])}" + (f":{offset[3:]}" if offset[3:] != "00" else "")
    return _("%(place)s (UTC%(hours)s)") % {"place": str(ZONES.get(name, name)), "hours": hours}
