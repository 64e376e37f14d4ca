"""What a lead says about one field of a form."""

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.desks.models import SUMMARY, CustomField, Desk, Field
from otklik.desks.option_lines import as_lines, from_lines
from otklik.tickets.answers.form import KINDS
from otklik.tickets.answers.kinds import PARAGRAPH_LONGEST, TEXT_LONGEST, label_of
from otklik.tickets.answers.respondent import Asked
from otklik.workspace.forms.conditions import Conditions, Row
from otklik.workspace.forms.types import TranslatedForm

K = Field.Kind
WITH_OPTIONS = (K.CHOICE, K.CHOICES, K.CASCADE)
MOST_OPTIONS = 500


def kind_choices() -> list[tuple[str, str]]:
    """What can be added, in words."""
    return [(kind, str(KINDS[kind].name)) for kind in Field.Kind.values]


class AddFieldForm(forms.Form):
    """What a new field is."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=kind_choices)
    label = forms.CharField(label=gettext_lazy("Label"), max_length=200)


class KnownFieldForm(forms.Form):
    """Which of the desk's fields the form is to ask, too."""

    custom = forms.ChoiceField(label=gettext_lazy("Field"))

    def __init__(self, known: Sequence[CustomField], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["custom"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(one.pk, f"{one.name} ({KINDS[one.kind].name})") for one in known]


class FieldForm(TranslatedForm):
    """Everything about a field but its key and kind, which stay. Only what the kind knows is asked."""

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

    def __init__(self, desk: Desk, row: Field, others: Sequence[Field], *args: Any, **options: Any) -> None:
        initial = {"label": row.label, "help": row.help, "required": row.required, "hidden": row.hidden}
        super().__init__(desk, *args, initial=initial, texts=row.texts, **options)
        self.row, self.others = row, [one for one in others if one.key != row.key]
        if row.built_in:
            self.fields["label"].required = False
            self.fields["label"].help_text = _("Empty: «%(label)s», in the reader's language.") % {
                "label": label_of(Field(key=row.key))
            }
        self._add_options()
        self._add_limits()
        self._add_default()
        self.conditions = Conditions(
            row, self.others if row.key != SUMMARY else (), self.data if self.is_bound else None
        )
        if row.key != SUMMARY:
            self.fields.update(self.conditions.fields())

    def values(self) -> dict[str, Any]:
        """The cleaned values as the command takes them."""
        said = self.cleaned_data
        found = {name: said[name] for name in ("label", "help", "required", "hidden")}
        found |= {"texts": self.texts(), "limits": self._limits()}
        found["options"] = said["options"] if self.row.kind in WITH_OPTIONS else self.row.options
        if "default" in self.fields:
            found["default"] = KINDS[self.row.kind].kept(said["default"]) or None
        if self.row.key != SUMMARY:
            found |= self.conditions.values(said)
        return found

    def condition_rows(self) -> list[Row]:
        """What `workspace/settings/field.html` prints; none for the subject, which every form asks."""
        return self.conditions.rows(self) if self.row.key != SUMMARY else []

    def clean_options(self) -> list[dict[str, Any]]:
        """The options of the lines, with the ids they had."""
        codes = [code for code, _name in self.languages]
        made = from_lines(str(self.cleaned_data["options"]), self.row.options, codes)
        if len(made) > MOST_OPTIONS:
            raise forms.ValidationError(_("At most %(count)d options.") % {"count": MOST_OPTIONS})
        return made

    def clean(self) -> dict[str, Any]:
        """What is not asked needs an answer to give."""
        said = super().clean() or self.cleaned_data
        if said.get("hidden") and "default" in self.fields and said.get("default") in (None, "", [], False):
            self.add_error("default", _("Write the answer that every request gets."))
        if self.row.kind in WITH_OPTIONS and "options" in said and not said["options"]:
            self.add_error("options", _("Write one option a line."))
        self.conditions.check(said, self.add_error)
        return said

    def _add_options(self) -> None:
        if self.row.kind not in WITH_OPTIONS:
            return
        codes = [code for code, _name in self.languages]
        words = _(
            "One a line, in order; after « | » the words in the other language."
            " A line that is gone goes out of use; answers stay."
        )
        if self.row.kind == K.CASCADE:
            words += " " + _("A line that begins with «-» belongs to the line above.")
        self.fields["options"] = forms.CharField(
            label=_("Options"), required=False, help_text=words, widget=forms.Textarea(attrs={"rows": 8})
        )
        self.initial["options"] = as_lines(self.row.options, codes)

    def _add_limits(self) -> None:
        for name, one in _limit_fields(self.row).items():
            self.fields[f"limit_{name}"] = one
            kept = self.row.limits.get(name)
            self.initial[f"limit_{name}"] = ", ".join(kept) if isinstance(kept, list) else kept

    def _limits(self) -> dict[str, Any]:
        found = {}
        for name in _limit_fields(self.row):
            value = self.cleaned_data[f"limit_{name}"]
            if name == "types":
                value = [one.strip(" .").lower() for one in str(value).split(",") if one.strip(" .")]
            if value not in (None, "", False, []):
                found[name] = value if isinstance(value, bool | str | list) else _plain(value)
        return found

    def _add_default(self) -> None:
        if self.row.kind in (K.ATTACHMENT, K.ORGANIZATION):
            return
        one = KINDS[self.row.kind].field(_without_limits(self.row), Asked(None))
        one.required, one.widget.is_required = False, False
        one.label, one.help_text = _("Default answer"), _("Stands in the form from the beginning.")
        if self.row.kind in WITH_OPTIONS:
            one.help_text += " " + _("Save new options first; then they can be chosen here.")
        self.fields["default"] = one
        if self.row.default is not None:
            self.initial["default"] = KINDS[self.row.kind].shown(self.row, self.row.default)


def _without_limits(row: Field) -> Field:
    made = copy(row)
    made.limits = {}
    return made


def _plain(value: Any) -> Any:
    return int(value) if value == int(value) else float(value)


def _limit_fields(row: Field) -> dict[str, forms.Field]:
    """What can be limited, by kind (docs/forms.md)."""
    match row.kind:
        case K.TEXT if row.key != SUMMARY:
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


def limit_words(row: Field, limits: Mapping[str, Any]) -> dict[str, Any]:
    """The limits under the labels of the form, for people."""
    asked = _limit_fields(row)
    return {
        str(asked[name].label) if name in asked else name: _chosen(asked.get(name), value)
        for name, value in limits.items()
    }


def _chosen(one: forms.Field | None, value: Any) -> Any:
    if not isinstance(one, forms.ChoiceField):
        return value
    choices: Any = one.choices
    return dict(choices).get(value, value)


def _count(label: str, most: int) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=1, max_value=most)
