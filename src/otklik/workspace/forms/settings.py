"""Forms of a desk's general settings."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.desks.models import Desk
from otklik.people.commands.phones import comparable_number

MOST_DAYS = 3650
MOST_NEWCOMERS = 1000


def _text(label: Any, hint: Any, longest: int) -> forms.CharField:
    """Build an optional text area."""
    area = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=label, help_text=hint, max_length=longest, required=False, widget=area)


class GeneralForm(forms.ModelForm):  # type: ignore[type-arg]  # no generic at run time
    """A desk's general settings: title, phone, texts of its portal."""

    name = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    phone = forms.CharField(
        label=gettext_lazy("Phone"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("As customers shall read it, e.g. +7 495 000-00-00, ext. 12."),
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
    )
    welcome = _text(
        gettext_lazy("Words of welcome"),
        gettext_lazy("Stands below the name on the portal."),
        2000,
    )
    question = forms.CharField(
        label=gettext_lazy("The question above the request types"), required=False, max_length=200
    )
    announcement = _text(
        gettext_lazy("Announcement"),
        gettext_lazy("Shown on top of the desk's portal while it is not empty."),
        5000,
    )
    phone_script = _text(
        gettext_lazy("What an agent says on the phone"),
        gettext_lazy("The words {agent} become the agent's name."),
        2000,
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=settings.LANGUAGES,
        help_text=gettext_lazy("The language of the texts above, and of mails to people who chose none."),
    )
    reopen_days = forms.IntegerField(
        label=gettext_lazy("Days in which a reply reopens a request"),
        min_value=0,
        max_value=MOST_DAYS,
        help_text=gettext_lazy("A later reply opens a new request that is linked to the old one."),
    )
    activation_mail = forms.BooleanField(
        label=gettext_lazy("Invite people at their first mail to activate their account"), required=False
    )
    cc_joins = forms.BooleanField(
        label=gettext_lazy("Whom a proved sender names in To or Cc takes part in the request"),
        required=False,
        help_text=gettext_lazy("Otherwise, and for all other senders, an agent adds them with one press."),
    )
    newcomers_a_day = forms.IntegerField(
        label=gettext_lazy("New people whom one customer may bring in within a day"),
        min_value=0,
        max_value=MOST_NEWCOMERS,
        help_text=gettext_lazy(
            "People who never wrote or logged in, by sharing or by Cc. Keeps the desk from being used to send "
            "advertising to strangers. Agents may always add anybody."
        ),
    )
    signup = forms.BooleanField(label=gettext_lazy("Let people register on the portal by themselves"), required=False)

    anonymous = forms.BooleanField(
        label=gettext_lazy("Take requests without an account"),
        required=False,
        help_text=gettext_lazy("The request is opened once the link mailed to the address is confirmed."),
    )
    on_behalf = forms.BooleanField(
        label=gettext_lazy("Members of an organisation may ask on behalf of colleagues"),
        required=False,
        help_text=gettext_lazy("Agents may always ask on behalf of anybody."),
    )

    class Meta:
        model = Desk
        fields = (
            "name",
            "phone",
            "welcome",
            "question",
            "announcement",
            "phone_script",
            "language",
            "reopen_days",
            "activation_mail",
            "cc_joins",
            "newcomers_a_day",
            "signup",
            "anonymous",
            "on_behalf",
        )

    def clean_phone(self) -> str:
        """Raise ValidationError if a phone is typed with fewer than three digits."""
        phone = str(self.cleaned_data["phone"]).strip()
        if phone and len(comparable_number(phone)) < 3:
            raise forms.ValidationError(_("This is not a telephone number."))
        return phone

    def values(self) -> dict[str, Any]:
        """Return the cleaned values with LF line ends, for the command. Do not call `save`."""
        return {
            name: value.replace("\r\n", "\n") if isinstance(value, str) else value
            for name, value in self.cleaned_data.items()
        }
