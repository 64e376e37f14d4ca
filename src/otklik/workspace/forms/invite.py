"""Whom to invite."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.people.addresses import BadAddress
from otklik.people.queries import typed_address


class InviteForm(forms.Form):
    """Name and address."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    email = forms.CharField(
        label=gettext_lazy("Mail address"), max_length=320, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )

    def clean_email(self) -> str:
        """In canonical form. Raises ValidationError for what is no address."""
        try:
            return typed_address(self.cleaned_data["email"])
        except BadAddress:
            raise forms.ValidationError(_("This is not a mail address.")) from None
