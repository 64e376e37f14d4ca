"""The form in which an agent invites somebody to activate an account."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.people.addresses import BadAddress
from otklik.people.queries import typed_address


class InviteForm(forms.Form):
    """Whom to invite. Does not check whether the person may be invited: the command does."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    email = forms.CharField(
        label=gettext_lazy("Mail address"), max_length=320, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )

    def clean_email(self) -> str:
        """Return the address in canonical form. Raises ValidationError if it is not a mail address."""
        try:
            return typed_address(self.cleaned_data["email"])
        except BadAddress:
            raise forms.ValidationError(_("This is not a mail address.")) from None
