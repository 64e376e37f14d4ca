"""Forms with which a customer opens, comments on and shares a ticket."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.core.multiline_field import LinesField
from otklik.people.addresses import canonical
from otklik.tickets.answers.field_types import AddressField
from otklik.tickets.answers.files import WithFiles
from otklik.tickets.answers.form import AnswersForm
from otklik.tickets.answers.respondent import Asked, colleagues_of

LONGEST = 200_000


class NewRequestForm(AnswersForm):
    """The fields of the request type, and on whose behalf the request is made if that is allowed.

    Fields are named by Jira's ids.
    """

    nonce = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, on_behalf: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.asked.person is None:
            self.fields = {**_who(), **self.fields}
        if on_behalf:
            self.fields["raiseOnBehalfOf"] = _behalf(self.asked)

    def clean_raiseOnBehalfOf(self) -> str:  # noqa: N802  # Jira's name of the field
        """Return the address: staff may name anybody, members of an organisation only colleagues.

        Raises ValidationError.
        """
        address = str(self.cleaned_data["raiseOnBehalfOf"])
        person = self.asked.person
        if not address or person is None or self.asked.is_agent or canonical(person.email or "a@b.c") == address:
            return address
        if not colleagues_of(person).filter(email=address).exists():
            # The same for known and unknown addresses (AB-29).
            raise forms.ValidationError(_("You can ask on behalf of colleagues of your organisation only."))
        return address


class CommentForm(WithFiles):
    """A comment: text, files, or both."""

    comment = LinesField(label=gettext_lazy("Your comment"), max_length=LONGEST, required=False, widget=forms.Textarea)
    nonce = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)


class AnswerForm(forms.Form):
    """A comment on a vote or a rating; text that is too long is cut, not refused."""

    words = forms.CharField(required=False)

    def clean_words(self) -> str:
        """Return the first 5,000 characters."""
        return str(self.cleaned_data["words"])[:5_000]


class RatingForm(AnswerForm):
    """A rating of a closed ticket: a score from 1 to 5, with an optional comment."""

    score = forms.IntegerField(min_value=1, max_value=5)


class ShareForm(forms.Form):
    """Shares a request with a colleague, by mail address."""

    email = forms.CharField(
        label=gettext_lazy("Mail address of a colleague"),
        max_length=320,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    # Sent only by forms of people who may show the history; without it, later messages are shared (AB-01).
    history = forms.BooleanField(required=False)


def _who() -> dict[str, forms.Field]:
    """Return the fields in which people without an account identify themselves."""
    email = AddressField(
        Asked(None),
        label=gettext_lazy("Your mail address"),
        help_text=gettext_lazy("A link comes there: the request is sent when you confirm it. Answers come there, too."),
    )
    email.widget.attrs["autocomplete"] = "email"
    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    return {"email": email, "name": name}


def _behalf(asked: Asked) -> AddressField:
    label = (
        gettext_lazy("The mail address of the person who needs help. They become the requester and get the answers.")
        if asked.is_agent
        else gettext_lazy("A colleague's mail address. They become the requester; you see the request, too.")
    )
    return AddressField(asked, label=gettext_lazy("On behalf of"), help_text=label, required=False)
