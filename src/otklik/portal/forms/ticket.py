"""The forms of a request: open one, comment on it, share it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from otklik.portal.forms.files import FilesField
from otklik.tickets.commands.open import SUBJECT_LENGTH

LONGEST = 200_000


class NewRequestForm(forms.Form):
    """What every request type asks. Field names are Jira's ids."""

    summary = forms.CharField(
        label=_("Subject"),
        max_length=SUBJECT_LENGTH,
        help_text=_("In a few words: what is it about?"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    description = forms.CharField(
        label=_("Description"),
        max_length=LONGEST,
        help_text=_("What did you do, what did you expect and what happened? The text of an error helps a lot."),
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    attachments = FilesField(help_text=_("Screenshots and documents. Several files may be chosen at once."))
    nonce = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)


class CommentForm(forms.Form):
    """A comment: words, files, or both."""

    comment = forms.CharField(label=_("Your comment"), max_length=LONGEST, required=False, widget=forms.Textarea)
    attachments = FilesField()
    nonce = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)


class ShareForm(forms.Form):
    """Whom to share a request with."""

    email = forms.CharField(
        label=_("Mail address of a colleague"), max_length=320, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
