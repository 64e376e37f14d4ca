"""What an agent writes: a reply to the requester, or an internal note. Two forms, two addresses, never a switch."""

from django import forms
from django.utils.translation import gettext_lazy as _

from otklik.workspace.forms.files import ManyFilesField

LONGEST = 200_000
BIGINT = 2**63 - 1


class MessageForm(forms.Form):
    """The words, the files, and what the page had shown when they were written."""

    comment = forms.CharField(
        label=_("Text"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    attachments = ManyFilesField(label=_("Files"))
    version = forms.IntegerField(required=False, min_value=0, max_value=BIGINT, widget=forms.HiddenInput)
    seen = forms.IntegerField(required=False, min_value=0, max_value=BIGINT, widget=forms.HiddenInput)
    nonce = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


class EditForm(forms.Form):
    """Other words for a message that is there already; its files stay."""

    comment = forms.CharField(
        label=_("Text"), required=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 10})
    )
