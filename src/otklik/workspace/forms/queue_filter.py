"""What a list of tickets is narrowed to by the answers to their forms."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import formats
from django.utils.translation import gettext as _

from otklik.desks.models import Field
from otklik.people.models import Organization
from otklik.tickets.answers.choices import labels_of
from otklik.tickets.answers.kinds import DateField, NumberField, label_of

K = Field.Kind
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition as people read it. `names`: the words of the address that say it."""

    label: str
    words: str
    names: tuple[str, ...]


class AnswersFilter(forms.Form):
    """One question for each field, by its id; two for a range, with `.from` and `.to`."""

    def __init__(self, rows: Sequence[Field], data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.query = data if data is not None else QueryDict()
        self.rows = list(rows)
        for field in self.rows:
            self.fields.update(_asked(field))

    def criteria(self) -> dict[str, Any]:
        """What `tickets.search.filters` takes as "answers"; what is wrong or empty is left out."""
        self.full_clean()
        criteria = {field.key: _criterion(field, self.cleaned_data) for field in self.rows}
        return {key: value for key, value in criteria.items() if value}

    def words(self) -> dict[str, list[str]]:
        """The words of the address that say the criteria."""
        names = [name for field in self.rows if _criterion(field, self.cleaned_data) for name in _asked(field)]
        return {name: self.query.getlist(name) for name in names if any(self.query.getlist(name))}

    def conditions(self) -> list[Condition]:
        """The criteria for people."""
        return [
            Condition(label_of(field), _words_of(self, field), tuple(_asked(field)))
            for field in self.rows
            if _criterion(field, self.cleaned_data)
        ]


def _asked(field: Field) -> dict[str, forms.Field]:
    label, key = label_of(field), field.key
    if field.kind in (K.NUMBER, K.DATE, K.MOMENT):
        make_field: Callable[..., forms.Field] = NumberField if field.kind == K.NUMBER else DateField
        return {
            f"{key}.from": make_field(label=_("%(label)s: from") % {"label": label}, required=False),
            f"{key}.to": make_field(label=_("%(label)s: to") % {"label": label}, required=False),
        }
    if field.kind in (K.CHOICE, K.CHOICES, K.CASCADE):
        choices = _paths(field.options)
        boxes = forms.CheckboxSelectMultiple
        return {key: forms.MultipleChoiceField(label=label, required=False, choices=choices, widget=boxes)}
    if field.kind == K.ORGANIZATION:
        every = Organization.objects.order_by("name")
        return {key: forms.ModelChoiceField(every, label=label, required=False, empty_label=_("any"))}
    if field.kind in (K.CHECKBOX, K.ATTACHMENT):
        choices = [("", _("any")), ("yes", _("yes")), ("no", _("no"))]
        return {key: forms.ChoiceField(label=label, required=False, choices=choices)}
    typed = forms.TextInput(attrs={"autocomplete": "off"})
    return {key: forms.CharField(label=label, required=False, max_length=LONGEST, widget=typed)}


def _paths(options: Sequence[dict[str, Any]], before: str = "") -> list[tuple[str, str]]:
    """Every option, archived ones too, as old answers hold them; children behind their parent."""
    paths = []
    for option in options:
        path = before + labels_of([{**option, "children": []}])[option["id"]]
        paths += [(str(option["id"]), path), *_paths(option.get("children", ()), f"{path} → ")]
    return paths


def _criterion(field: Field, cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """One entry of the criteria; {} for none."""
    ends = {end: _plain(cleaned.get(f"{field.key}.{end}")) for end in ("from", "to")}
    if any(value is not None for value in ends.values()):
        return {end: value for end, value in ends.items() if value is not None}
    value = cleaned.get(field.key)
    if value in (None, "", []):
        return {}
    if field.kind in (K.CHECKBOX, K.ATTACHMENT):
        return {"given": value == "yes"}
    if field.kind == K.ORGANIZATION:
        return {"any": [value.pk]}
    return {"any": list(value)} if isinstance(value, list) else {"has": value}


def _plain(value: Any) -> Any:
    """A number or a day as an answer keeps it."""
    if value is None or value == "":
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return int(value) if value == value.to_integral_value() else float(value)


def _words_of(form: AnswersFilter, field: Field) -> str:
    cleaned = form.cleaned_data
    ends = [_end_words(form, f"{field.key}.{end}") for end in ("from", "to")]
    if all(ends):
        return " – ".join(ends)
    if any(ends):
        return (_("from %(value)s") if ends[0] else _("to %(value)s")) % {"value": "".join(ends)}
    value = cleaned[field.key]
    if isinstance(value, list):
        labels = dict(_paths(field.options))
        return ", ".join(labels[option_id] for option_id in value)
    if field.kind in (K.CHECKBOX, K.ATTACHMENT):
        return _("yes") if value == "yes" else _("no")
    return str(value.name if isinstance(value, Organization) else value)


def _end_words(form: AnswersFilter, name: str) -> str:
    """One end of a range: a day as people write it, a number as it was typed."""
    value = form.cleaned_data.get(name)
    if value is None:
        return ""
    return str(formats.date_format(value, "SHORT_DATE_FORMAT")) if isinstance(value, date) else form.query.get(name, "")
