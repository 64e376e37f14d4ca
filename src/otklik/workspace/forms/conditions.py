"""«Ask only if»: rows «field — one of — answers», joined by «and». A row offers the answers of its own field alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from otklik.desks.models import Field
from otklik.desks.texts import option_label
from otklik.tickets.answers.conditions import would_circle
from otklik.tickets.answers.kinds import label_of

K = Field.Kind
MOST = 5


@dataclass(frozen=True, slots=True)
class Row:
    """One condition as the template prints it. `values` None: any answer of this field brings it."""

    number: int
    key: forms.BoundField
    values: forms.BoundField | None
    chosen: bool


class Conditions:
    """The rows of a form: fields `when_0_key`, `when_0_values` and so on, one row more than there are conditions."""

    def __init__(self, field: Field, others: Sequence[Field], data: Any = None) -> None:
        self.row = field
        self.others = {field.key: field for field in others if field.kind != K.ATTACHMENT}
        self.waits = {field.key: [key for key, _values in field.conditions] for field in others}
        conditions = _sent(data) if data is not None else dict(enumerate(field.conditions))
        self.begun = {number: pair for number, pair in conditions.items() if pair[0]}
        free = (number for number in range(MOST) if number not in self.begun)
        self.numbers = sorted([*self.begun, *([next(free)] if len(self.begun) < MOST else [])])

    def fields(self) -> dict[str, forms.Field]:
        """Of every row, for the form."""
        choices = [("", "—"), *((key, label_of(other)) for key, other in self.others.items())]
        made: dict[str, forms.Field] = {}
        for number in self.numbers:
            key, values = self.begun.get(number, ("", []))
            made[f"when_{number}_key"] = forms.ChoiceField(
                label=_("Field"), choices=choices, required=False, initial=key
            )
            if offered := _options(self.others.get(key)):
                made[f"when_{number}_values"] = forms.MultipleChoiceField(
                    label=_("one of"),
                    choices=offered,
                    required=False,
                    initial=[str(value) for value in values],
                    widget=forms.CheckboxSelectMultiple,
                    error_messages={"invalid_choice": _("The field is another one now: choose its answers.")},
                )
        return made

    def rows(self, form: forms.Form) -> list[Row]:
        """For the template."""
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
        """Tell what cannot be: a field twice, one that waits for this one already."""
        seen = set()
        for number in self.numbers:
            key = cleaned.get(f"when_{number}_key")
            if not key:
                continue
            if key in seen:
                refuse(f"when_{number}_key", _("This field stands in a row above already."))
            elif would_circle(self.waits, self.row.key, key):
                refuse(f"when_{number}_key", _("That field waits for this one already."))
            seen.add(key)

    def values(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        """The columns of the field, of a valid form."""
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
    """The answers to choose among; none for a field whose answers cannot be listed."""
    if other is None or other.kind not in (K.CHOICE, K.CHOICES, K.CASCADE):
        return []
    return [
        (str(option["id"]), before + option_label(option))
        for parent in other.options
        for before, option in (("", parent), *(("— ", child) for child in parent.get("children", ())))
        if not option.get("archived")
    ]
