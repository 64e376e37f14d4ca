"""The form that forwards a message: recipient, text, files."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from otklik.core.multiline_field import LinesField
from otklik.people.addresses import BadAddress
from otklik.people.queries import typed_address
from otklik.tickets.models import Attachment
from otklik.ui.refusal_words import refusal_words
from otklik.workspace.forms.message import LONGEST


class ForwardForm(forms.Form):
    """`file`: the ids of the message's attachments to send along."""

    address = forms.CharField(
        label=_("Mail address"),
        max_length=320,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    comment = LinesField(
        label=_("Your words (may be empty)"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    file = forms.TypedMultipleChoiceField(label=_("Files that go along"), required=False, coerce=int)
    nonce = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, files: Iterable[Attachment], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["file"]
        assert isinstance(field, forms.TypedMultipleChoiceField)
        field.choices = [(file.pk, file.name) for file in files]

    def clean_address(self) -> str:
        """Return the canonical address. Raises ValidationError if it is invalid."""
        typed = str(self.cleaned_data["address"])
        try:
            return typed_address(typed)
        except BadAddress as refusal:
            raise forms.ValidationError(refusal_words(refusal, typed)) from refusal
