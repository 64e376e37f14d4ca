"""The settings form of one field of a request form."""

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.desks.models import SUMMARY, CustomField, Desk, Field
from otklik.desks.option_lines import as_lines, from_lines
from otklik.tickets.answers.field_types import PARAGRAPH_LONGEST, TEXT_LONGEST, label_of
from otklik.tickets.answers.form import KINDS
from otklik.tickets.answers.respondent import Asked
from otklik.workspace.forms.field_conditions import Conditions, Row
from otklik.workspace.forms.request_types import TranslatedForm

K = Field.Kind
WITH_OPTIONS = (K.CHOICE, K.CHOICES, K.CASCADE)
MOST_OPTIONS = 500


def kind_choices() -> list[tuple[str, str]]:
    """(kind, label) of the kinds of fields."""
    return [(kind, str(KINDS[kind].name)) for kind in Field.Kind.values]


class AddFieldForm(forms.Form):
    """Kind and label of a new field."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=kind_choices)
    label = forms.CharField(label=gettext_lazy("Label"), max_length=200)


class KnownFieldForm(forms.Form):
    """Adds one of the desk's existing fields to the form."""

    custom = forms.ChoiceField(label=gettext_lazy("Field"))

    def __init__(self, known: Sequence[CustomField], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["custom"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(custom.pk, f"{custom.name} ({KINDS[custom.kind].name})") for custom in known]


class FieldForm(TranslatedForm):
    """All attributes of a field except key and kind, which never change; limited to those that its kind has."""

    translated = ("label", "help")

    label = forms.CharField(label=gettext_lazy("Label"), max_length=200)
    help = forms.CharField(
        label=gettext_lazy("Help"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    required = forms.BooleanField(label=gettext_lazy("Required"), required=False)
    hidden = forms.BooleanField(
        label=gettext_lazy("Not asked: every request gets the default answer, which customers do not see"),
        required=False,
    )

    def __init__(self, desk: Desk, field: Field, others: Sequence[Field], *args: Any, **options: Any) -> None:
        initial = {"label": field.label, "help": field.help, "required": field.required, "hidden": field.hidden}
        super().__init__(desk, *args, initial=initial, texts=field.texts, **options)
        self.row, self.others = field, [other for other in others if other.key != field.key]
        if field.built_in:
            self.fields["label"].required = False
            self.fields["label"].help_text = _("Empty: «%(label)s», in the reader's language.") % {
                "label": label_of(Field(key=field.key))
            }
        self._add_options()
        self._add_limits()
        self._add_default()
        self.conditions = Conditions(
            field, self.others if field.key != SUMMARY else (), self.data if self.is_bound else None
        )
        if field.key != SUMMARY:
            self.fields.update(self.conditions.fields())

    def values(self) -> dict[str, Any]:
        """Return the cleaned values as the command takes them."""
        cleaned = self.cleaned_data
        values = {name: cleaned[name] for name in ("label", "help", "required", "hidden")}
        values |= {"texts": self.texts(), "limits": self._limits()}
        values["options"] = cleaned["options"] if self.row.kind in WITH_OPTIONS else self.row.options
        if "default" in self.fields:
            values["default"] = KINDS[self.row.kind].to_stored(cleaned["default"]) or None
        if self.row.key != SUMMARY:
            values |= self.conditions.values(cleaned)
        return values

    def condition_rows(self) -> list[Row]:
        """Return the rows for `workspace/settings/field.html`; none for the subject, which is always asked."""
        return self.conditions.rows(self) if self.row.key != SUMMARY else []

    def clean_options(self) -> list[dict[str, Any]]:
        """Return the options, one per line; known ones keep their ids."""
        codes = [code for code, _name in self.languages]
        options = from_lines(str(self.cleaned_data["options"]), self.row.options, codes)
        if len(options) > MOST_OPTIONS:
            raise forms.ValidationError(_("At most %(count)d options.") % {"count": MOST_OPTIONS})
        return options

    def clean(self) -> dict[str, Any]:
        """Require a default of a hidden field, and options of a field that offers some."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("hidden") and "default" in self.fields and cleaned.get("default") in (None, "", [], False):
            self.add_error("default", _("Write the answer that every request gets."))
        if self.row.kind in WITH_OPTIONS and "options" in cleaned and not cleaned["options"]:
            self.add_error("options", _("Write one option a line."))
        self.conditions.check(cleaned, self.add_error)
        return cleaned

    def _add_options(self) -> None:
        if self.row.kind not in WITH_OPTIONS:
            return
        codes = [code for code, _name in self.languages]
        help_text = _(
            "One a line, in order; after « | » the words in the other language."
            " A line that is gone goes out of use; answers stay."
        )
        if self.row.kind == K.CASCADE:
            help_text += " " + _("A line that begins with «-» belongs to the line above.")
        self.fields["options"] = forms.CharField(
            label=_("Options"), required=False, help_text=help_text, widget=forms.Textarea(attrs={"rows": 8})
        )
        self.initial["options"] = as_lines(self.row.options, codes)

    def _add_limits(self) -> None:
        for name, limit_field in _limit_fields(self.row).items():
            self.fields[f"limit_{name}"] = limit_field
            limit = self.row.limits.get(name)
            self.initial[f"limit_{name}"] = ", ".join(limit) if isinstance(limit, list) else limit

    def _limits(self) -> dict[str, Any]:
        limits = {}
        for name in _limit_fields(self.row):
            value = self.cleaned_data[f"limit_{name}"]
            if name == "types":
                value = [ending.strip(" .").lower() for ending in str(value).split(",") if ending.strip(" .")]
            if value not in (None, "", False, []):
                limits[name] = value if isinstance(value, bool | str | list) else _plain(value)
        return limits

    def _add_default(self) -> None:
        if self.row.kind in (K.ATTACHMENT, K.ORGANIZATION):
            return
        default_field = KINDS[self.row.kind].field(_without_limits(self.row), Asked(None))
        default_field.required, default_field.widget.is_required = False, False
        default_field.label, default_field.help_text = _("Default answer"), _("Stands in the form from the beginning.")
        if self.row.kind in WITH_OPTIONS:
            default_field.help_text += " " + _("Save new options first; then they can be chosen here.")
        self.fields["default"] = default_field
        if self.row.default is not None:
            self.initial["default"] = KINDS[self.row.kind].shown(self.row, self.row.default)


def _without_limits(field: Field) -> Field:
    copied = copy(field)
    copied.limits = {}
    return copied


def _plain(value: Any) -> Any:
    return int(value) if value == int(value) else float(value)


def _limit_fields(field: Field) -> dict[str, forms.Field]:
    """Form fields for the limits that the field's kind has (docs/forms.md)."""
    match field.kind:
        case K.TEXT if field.key != SUMMARY:
            return {"max": _count(_("Longest text, characters"), TEXT_LONGEST)}
        case K.PARAGRAPH:
            return {"max": _count(_("Longest text, characters"), PARAGRAPH_LONGEST)}
        case K.NUMBER:
            return {
                "min": forms.DecimalField(label=_("Least"), required=False, max_digits=15),
                "max": forms.DecimalField(label=_("Most"), required=False, max_digits=15),
                "whole": forms.BooleanField(label=_("Whole numbers only"), required=False),
            }
        case K.DATE | K.MOMENT:
            choices = [("", _("Any")), ("future", _("From now on only")), ("past", _("Up to now only"))]
            return {"when": forms.ChoiceField(label=_("Which dates"), choices=choices, required=False)}
        case K.CHOICE:
            return {"radio": forms.BooleanField(label=_("Show up to five options as buttons"), required=False)}
        case K.CHOICES:
            return {"max": _count(_("How many may be chosen at most"), MOST_OPTIONS)}
        case K.ATTACHMENT:
            return {
                "max": _count(_("How many files at most"), 10),
                "types": forms.CharField(
                    label=_("Kinds of file"), required=False, max_length=200, help_text=_("For example: pdf, docx, png")
                ),
            }
    return {}


def limit_words(field: Field, limits: Mapping[str, Any]) -> dict[str, Any]:
    """Return the limits by their label on the form, with choices as texts."""
    asked = _limit_fields(field)
    return {
        str(asked[name].label) if name in asked else name: _chosen(asked.get(name), value)
        for name, value in limits.items()
    }


def _chosen(field: forms.Field | None, value: Any) -> Any:
    if not isinstance(field, forms.ChoiceField):
        return value
    choices: Any = field.choices
    return dict(choices).get(value, value)


def _count(label: str, most: int) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=1, max_value=most)
