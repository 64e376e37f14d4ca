"""What an agent writes: a reply to the requester, or an internal note. Two forms, two addresses, never a switch."""

from django import forms
from django.utils.translation import gettext_lazy as _

from otklik.core.day_inputs import MOMENT_FORMATS, MomentInput
from otklik.tickets.answers.files import WithFiles

LONGEST = 200_000
BIGINT = 2**63 - 1


class MessageForm(WithFiles):
    """The words, the files, and what the page had shown when they were written.

    `step`: a transition done with the reply; `send_at`: when it goes; `draft`, `keep`: a reply that was taken back, and
    which of its files go along.
    """

    comment = forms.CharField(
        label=_("Text"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    version = forms.IntegerField(required=False, min_value=0, max_value=BIGINT, widget=forms.HiddenInput)
    seen = forms.IntegerField(required=False, min_value=0, max_value=BIGINT, widget=forms.HiddenInput)
    nonce = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    step = forms.IntegerField(required=False, min_value=1, max_value=BIGINT)
    send_at = forms.DateTimeField(
        label=_("Send at"),
        required=False,
        input_formats=MOMENT_FORMATS,
        widget=MomentInput(),
    )
    unless_answered = forms.BooleanField(
        label=_("Not if the customer writes first"), required=False, initial=True, widget=forms.CheckboxInput
    )
    draft = forms.IntegerField(required=False, min_value=1, max_value=BIGINT)
    keep = forms.TypedMultipleChoiceField(required=False, coerce=int, choices=[(n, n) for n in range(20)])


class SendAtForm(forms.Form):
    """Another time for a reply that waits."""

    send_at = forms.DateTimeField(label=_("Send at"), input_formats=MOMENT_FORMATS, widget=MomentInput())
