"""Form part for a field's conditions («Ask only if»): rows of «field — one of — answers», joined by «and».

A row offers only the answers of the field that it names.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from otklik.desks.models import Field
from otklik.desks.texts import option_label
from otklik.tickets.answers.conditions import would_circle
from otklik.tickets.answers.field_types import label_of

K = Field.Kind
MOST = 5


@dataclass(frozen=True, slots=True)
class Row:
    """One condition for the template. `values` is None if any answer to the field `key` fulfils it."""

    number: int
    key: forms.BoundField
    values: forms.BoundField | None
    chosen: bool


class Conditions:
    """The conditions of `field` as form fields `when_0_key`, `when_0_values` and so on, plus one empty row up to MOST.

    `others`: the fields of the same form, which conditions may refer to. `data`: the posted values, None to show the
    stored conditions.
    """

    def __init__(self, field: Field, others: Sequence[Field], data: Any = None) -> None:
        self.row = field
        self.others = {field.key: field for field in others if field.kind != K.ATTACHMENT}
        self.waits = {field.key: [key for key, _values in field.conditions] for field in others}
        conditions = _sent(data) if data is not None else dict(enumerate(field.conditions))
        self.begun = {number: pair for number, pair in conditions.items() if pair[0]}
        free = (number for number in range(MOST) if number not in self.begun)
        self.numbers = sorted([*self.begun, *([next(free)] if len(self.begun) < MOST else [])])

    def fields(self) -> dict[str, forms.Field]:
        """Return the form fields of every row, by name, for the form to add to its own."""
        choices = [("", "—"), *((key, label_of(other)) for key, other in self.others.items())]
        fields: dict[str, forms.Field] = {}
        for number in self.numbers:
            key, values = self.begun.get(number, ("", []))
            fields[f"when_{number}_key"] = forms.ChoiceField(
                label=_("Field"), choices=choices, required=False, initial=key
            )
            if offered := _options(self.others.get(key)):
                fields[f"when_{number}_values"] = forms.MultipleChoiceField(
                    label=_("one of"),
                    choices=offered,
                    required=False,
                    initial=[str(value) for value in values],
                    widget=forms.CheckboxSelectMultiple,
                    error_messages={"invalid_choice": _("The field is another one now: choose its answers.")},
                )
        return fields

    def rows(self, form: forms.Form) -> list[Row]:
        """Return the rows for the template, of the form that got `fields`."""
        return [
            Row(
                number,
                form[f"when_{number}_key"],
                form[f"when_{number}_values"] if f"when_{number}_values" in form.fields else None,
                number in self.begun,
            )
            for number in self.numbers
        ]

    def check(self, cleaned: dict[str, Any], refuse: Callable[[str, str], None]) -> None:
        """Call `refuse(field name, error)` for a field that is named twice or that depends on this one already."""
        used = set()
        for number in self.numbers:
            key = cleaned.get(f"when_{number}_key")
            if not key:
                continue
            if key in used:
                refuse(f"when_{number}_key", _("This field stands in a row above already."))
            elif would_circle(self.waits, self.row.key, key):
                refuse(f"when_{number}_key", _("That field waits for this one already."))
            used.add(key)

    def values(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        """Return the values of the model's condition columns, from a valid form's `cleaned_data`."""
        pairs = [
            {"key": key, "values": list(cleaned.get(f"when_{number}_values") or [])}
            for number in self.numbers
            if (key := cleaned.get(f"when_{number}_key"))
        ]
        first = pairs[0] if pairs else {"key": "", "values": []}
        return {
            "condition_key": first["key"],
            "condition_values": first["values"],
            "further_conditions": pairs[1:],
        }


def _sent(data: Any) -> dict[int, tuple[str, list[str]]]:
    return {
        number: (str(data.get(f"when_{number}_key", "")), data.getlist(f"when_{number}_values"))
        for number in range(MOST)
    }


def _options(other: Field | None) -> list[tuple[str, str]]:
    """(id, label) of the answers to choose among; empty unless the field has a list of options."""
    if other is None or other.kind not in (K.CHOICE, K.CHOICES, K.CASCADE):
        return []
    return [
        (str(option["id"]), before + option_label(option))
        for parent in other.options
        for before, option in (("", parent), *(("— ", child) for child in parent.get("children", ())))
        if not option.get("archived")
    ]
