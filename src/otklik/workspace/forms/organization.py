"""Forms for an organisation and its members."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from otklik.people.addresses import BadAddress
from otklik.people.queries import typed_address


class OrganizationForm(forms.Form):
    """Name, domains, visibility. The command decides whether the domains may be used."""

    name = forms.CharField(label=_("Name of the organisation"), max_length=200)
    domains = forms.CharField(
        label=_("Mail domains"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "One a line, e.g. clinic.example. Whoever proves an address of one of them becomes a member by themselves. "
            "Domains of free mail are refused."
        ),
    )
    open_inside = forms.BooleanField(
        label=_("Members see each other's requests"),
        required=False,
        help_text=_(
            "Off: only what somebody shared with the organisation, and what the list of members allows single ones."
        ),
    )


class MemberForm(forms.Form):
    """Adds a member by mail address."""

    address = forms.CharField(label=_("Mail address"), max_length=320)
    sees_all = forms.BooleanField(label=_("Sees the requests of all members"), required=False)

    def clean_address(self) -> str:
        try:
            return typed_address(self.cleaned_data["address"])
        except BadAddress as error:
            raise ValidationError(_("This is not a mail address.")) from error
