"""Filter form of the mail ledger, and the forms of its acts."""

from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from otklik.core.date_inputs import DAY_FORMATS, DayInput
from otklik.workspace.ledger_labels import FATES, LEVELS

_STATES = [
    ("waiting", _("waiting")),
    ("filed", _("filed")),
    ("held", _("held")),
    ("failed", _("failed")),
]


class LedgerFilter(forms.Form):
    """All fields are optional. `fate`: a state or an outcome."""

    person = forms.BooleanField(label=_("Only what needs a person"), required=False)
    fate = forms.ChoiceField(
        label=_("What became of it"),
        required=False,
        choices=[
            ("", _("anything")),
            (_("State"), _STATES),
            (_("Fate"), [(name, label_words.label) for name, label_words in FATES.items() if name]),
        ],
    )
    level = forms.ChoiceField(
        label=_("Sender is"),
        required=False,
        choices=[("", _("anybody")), *((name, label_words.label) for name, label_words in LEVELS.items() if name)],
    )
    sender = forms.CharField(label=_("Sender"), required=False, max_length=200)
    text = forms.CharField(label=_("Subject"), required=False, max_length=200)
    since = forms.DateField(label=_("Received since"), required=False, input_formats=DAY_FORMATS, widget=DayInput())
    until = forms.DateField(label=_("Received until"), required=False, input_formats=DAY_FORMATS, widget=DayInput())

    def wanted(self) -> dict[str, Any]:
        """Return the valid values for `ledger.narrowed`, days as moments in the active time zone."""
        self.is_valid()
        wanted = {name: value for name, value in self.cleaned_data.items() if value}
        if "since" in wanted:
            wanted["since"] = _midnight(wanted["since"])
        if "until" in wanted:
            wanted["until"] = _midnight(wanted["until"] + timedelta(days=1))
        return wanted

    def kept(self) -> dict[str, str]:
        """Return the filter's valid URL parameters, for links to other pages of the list."""
        return {name: str(self.data[name]) for name in self.fields if self.data.get(name) and name not in self.errors}

    def kept_words(self) -> str:
        """Return `kept()` as a query string."""
        self.is_valid()
        return urlencode(self.kept())

    def clean_until(self) -> date | None:
        """Ignore years beyond 9000: `wanted` adds a day, and datetime ends at 9999."""
        day: date | None = self.cleaned_data["until"]
        return day if day is None or day.year < 9000 else None


class TargetForm(forms.Form):
    """The ticket to attach a mail to, by its key or by words to search for."""

    ticket = forms.CharField(
        label=_("Number or words of the request"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class SenderForm(forms.Form):
    """Whether a rule is for the whole address or for its domain."""

    scope = forms.ChoiceField(choices=[("address", ""), ("domain", "")])


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
