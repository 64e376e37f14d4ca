"""Forms of the ticket's side panel. Each carries the value that was shown, so that no unseen change is overwritten."""

import re
from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from otklik.core.date_inputs import DAY_FORMATS
from otklik.desks.models import ApprovalRule
from otklik.tickets.commands.base import Seen
from otklik.workspace.forms.message import BIGINT
from otklik.workspace.pages.links import choices


class SeenForm(forms.Form):
    """The version of the ticket that the page had shown; scripts may omit it."""

    version = forms.IntegerField(required=False, min_value=0, max_value=BIGINT)
    seen = forms.IntegerField(required=False, min_value=0, max_value=BIGINT)


def seen_in(form: forms.Form) -> Seen | None:
    """Return the version that the page had shown, from a form with the fields of SeenForm; None if it is missing."""
    if not form.is_valid() or form.cleaned_data["version"] is None:
        return None
    return Seen(form.cleaned_data["version"], form.cleaned_data["seen"] or 0)


class AssignForm(forms.Form):
    """Sets the assignee; empty for nobody. `before`: the one that the page had shown."""

    assignee = forms.IntegerField(required=False, min_value=1, max_value=BIGINT)
    before = forms.CharField(required=False, max_length=20)


class PriorityForm(forms.Form):
    """Sets the priority. `before`: the one that the page had shown."""

    priority = forms.IntegerField(min_value=1, max_value=BIGINT)
    before = forms.CharField(required=False, max_length=20)


class ResolutionForm(forms.Form):
    """Sets the resolution."""

    resolution = forms.IntegerField(min_value=1, max_value=BIGINT)


class DueForm(forms.Form):
    """Sets the due date; empty for none. `before`: the one that the page had shown."""

    due = forms.DateField(required=False, input_formats=DAY_FORMATS)
    before = forms.DateField(required=False, input_formats=DAY_FORMATS)


class LabelsForm(forms.Form):
    """Sets the labels, separated by blanks, commas or semicolons."""

    labels = forms.CharField(required=False, max_length=13_000)

    def __init__(self, *args: Any, known: Collection[str] = (), **options: Any) -> None:
        """`known`: existing labels, which may contain commas (from an import) and are not split."""
        super().__init__(*args, **options)
        self._known = frozenset(known)

    def clean_labels(self) -> list[str]:
        """Distinct labels in their spelling. Only labels that exist already may contain a comma or semicolon."""
        typed = str(self.cleaned_data["labels"]).split()
        labels = [label for word in typed for label in ([word] if word in self._known else re.split(r"[,;]+", word))]
        return [label for label in dict.fromkeys(labels) if label]


class LinkForm(forms.Form):
    """Adds a link: its kind, and the other ticket by key or by words to search for."""

    link = forms.ChoiceField(label=_("This request"), choices=choices)
    ticket = forms.CharField(
        label=_("Number or words of the other request"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class SubjectForm(forms.Form):
    """Sets the subject."""

    subject = forms.CharField(max_length=300)


class ParticipantForm(forms.Form):
    """Adds a participant. `history`: whether they may read earlier messages."""

    address = forms.CharField(label=_("Mail address"), max_length=320)
    history = forms.BooleanField(label=_("Show the whole history"), required=False)


class ApprovalForm(forms.Form):
    """Asks for approval: addresses separated by blanks, commas or semicolons."""

    addresses = forms.CharField(label=_("Mail addresses"), max_length=4_000)
    rule = forms.ChoiceField(choices=[(rule, rule) for rule in ApprovalRule.values])
    question = forms.CharField(label=_("Question"), max_length=5_000, required=False)

    def clean_addresses(self) -> list[str]:
        """Distinct addresses in the order typed. They are not validated here."""
        return list(dict.fromkeys(re.split(r"[\s,;]+", str(self.cleaned_data["addresses"]).strip())))
