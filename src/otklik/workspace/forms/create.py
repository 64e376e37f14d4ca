"""The form in which an agent opens a ticket for a caller."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.core.errors import UnableTo
from otklik.core.ids import typed_id
from otklik.core.multiline_field import LinesField
from otklik.desks.models import DESCRIPTION, SUMMARY, Desk, Priority, RequestType
from otklik.desks.queries import default_priority, form_rows
from otklik.desks.texts import name_of
from otklik.people.commands.phones import comparable_number
from otklik.people.models import Person
from otklik.people.queries import typed_address
from otklik.tickets.answers.form import AnswersForm, rows_in_form
from otklik.tickets.answers.respondent import Asked
from otklik.tickets.content import NewFile
from otklik.workspace.forms.message import BIGINT, LONGEST


class NamedChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # no generic at run time
    """A choice among rows with a translatable name."""

    def label_from_instance(self, obj: Any) -> str:
        return name_of(obj)


def questions(
    kind: RequestType,
    agent: Person,
    data: QueryDict | None = None,
    files: Any = None,
    *,
    kept: Mapping[str, Sequence[NewFile]] | None = None,
) -> AnswersForm:
    """Return the form for the type's fields other than subject and description, checked as on the portal.

    `kept`: files already uploaded, by field. One query.
    """
    rows = [field for field in rows_in_form(form_rows(kind)) if field.key not in (SUMMARY, DESCRIPTION)]
    return AnswersForm(rows, Asked(agent, is_agent=True), data, files, kept=kept)


class CreateForm(forms.Form):
    """The caller (`person` if known, otherwise name or address) and the request."""

    person = forms.IntegerField(required=False, min_value=1, max_value=BIGINT, widget=forms.HiddenInput)
    phone = forms.CharField(
        label=gettext_lazy("Phone"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    address = forms.CharField(
        label=gettext_lazy("Mail address"),
        required=False,
        max_length=320,
        widget=forms.TextInput(attrs={"inputmode": "email", "autocomplete": "off"}),
    )
    subject = forms.CharField(
        label=gettext_lazy("Subject"), max_length=300, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    description = LinesField(
        label=gettext_lazy("Description"), required=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 6})
    )
    request_type = NamedChoice(
        label=gettext_lazy("Request type"), queryset=RequestType.objects.none(), empty_label=None
    )
    priority = NamedChoice(label=gettext_lazy("Priority"), queryset=Priority.objects.none(), empty_label=None)
    assignee = forms.CharField(required=False, max_length=20)
    new_person = forms.BooleanField(required=False)
    nonce = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, desk: Desk, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        types, priorities = self.fields["request_type"], self.fields["priority"]
        assert isinstance(types, forms.ModelChoiceField) and isinstance(priorities, forms.ModelChoiceField)
        types.queryset = self._types = desk.request_types.filter(archived=False).order_by("position")
        priorities.queryset = desk.priorities.order_by("level")
        priorities.initial = default_priority(desk)

    def begin_at(self, name: str) -> None:
        """Give the field `name` the keyboard focus when the page opens."""
        self.fields[name].widget.attrs["autofocus"] = True

    def kind(self) -> RequestType | None:
        """Return the chosen request type, or the desk's first if none is chosen yet."""
        chosen = str(self.data.get("request_type", ""))
        if not chosen:
            return self._types.first()
        return self._types.filter(pk=typed_id(chosen)).first()

    def clean_address(self) -> str:
        """Return the canonical address, or "". Raises ValidationError if it is not a mail address."""
        address = str(self.cleaned_data["address"])
        try:
            return typed_address(address) if address else ""
        except UnableTo:
            raise forms.ValidationError(_("This is not a mail address.")) from None

    def clean_phone(self) -> str:
        """Raise ValidationError if a phone is typed with fewer than three digits."""
        phone = str(self.cleaned_data["phone"])
        if phone and len(comparable_number(phone)) < 3:
            raise forms.ValidationError(_("This is not a telephone number."))
        return phone

    def clean(self) -> dict[str, Any]:
        """Require a caller: a chosen person, or a name or address."""
        cleaned = super().clean() or self.cleaned_data
        if "person" in self.errors:  # a hidden field, whose own error nobody would see
            self.add_error(None, _("Choose the caller again."))
        if not (cleaned.get("person") or cleaned.get("name") or cleaned.get("address") or "address" in self.errors):
            self.add_error("name", _("Write the caller's name or mail address."))
        return cleaned
