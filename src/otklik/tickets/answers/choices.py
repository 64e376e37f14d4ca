"""Choice fields. An answer is the option's id, shown by its label even when the option is archived."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.desks.models import Field
from otklik.desks.texts import option_label
from otklik.tickets.answers.field_types import Kind
from otklik.tickets.answers.respondent import Asked

# Beyond this many options a select replaces the radio buttons.
RADIOS_AT_MOST = 5

Option = dict[str, Any]


def offered(options: Iterable[Option]) -> list[Option]:
    """Return the options that are not archived."""
    return [option for option in options if not option.get("archived")]


def labels_of(options: Iterable[Option]) -> dict[str, str]:
    """Return labels by option id, including nested and archived options."""
    labels = {}
    for option in options:
        labels[option["id"]] = option_label(option)
        labels.update(labels_of(option.get("children", ())))
    return labels


def pairs(options: Iterable[Option]) -> list[tuple[str, str]]:
    """Return the offered options as (id, label), for a Django choice field."""
    return [(option["id"], option_label(option)) for option in offered(options)]


class Choice(Kind):
    """One option from a list; stored as the option's id."""

    name = gettext_lazy("Choice of one")
    icon = "list"

    def field(self, field: Field, asked: Asked) -> forms.Field:
        choices = pairs(field.options)
        if len(choices) <= RADIOS_AT_MOST and field.required and field.limits.get("radio"):
            return forms.ChoiceField(choices=choices, widget=forms.RadioSelect)
        return forms.ChoiceField(choices=[("", _("Choose…")), *choices])

    def display(self, field: Field, answer: Any) -> str:
        return labels_of(field.options).get(str(answer), "—")


class Choices(Kind):
    """Several options from a list; stored as a list of option ids."""

    name = gettext_lazy("Choice of several")
    icon = "list-check"

    def field(self, field: Field, asked: Asked) -> forms.Field:
        return ChoicesField(most=int(field.limits.get("max") or 0), choices=pairs(field.options))

    def to_stored(self, value: Any) -> Any:
        return list(value) or None

    def display(self, field: Field, answer: Any) -> str:
        labels = labels_of(field.options)
        return ", ".join(labels.get(str(option_id), "—") for option_id in answer)


class ChoicesField(forms.MultipleChoiceField):
    """Checkboxes, of which at most `most` may be ticked (0: any number)."""

    def __init__(self, *, most: int, **options: Any) -> None:
        self.most = most
        super().__init__(widget=forms.CheckboxSelectMultiple, **options)

    def clean(self, value: Any) -> Any:
        chosen = super().clean(value)
        if self.most and len(chosen) > self.most:
            raise forms.ValidationError(_("Choose %(count)d at most.") % {"count": self.most})
        return chosen


class Cascade(Kind):
    """An option and one of its sub-options; stored as [id] or [id, id of the sub-option]."""

    name = gettext_lazy("Choice in two steps")
    icon = "subtask"

    def field(self, field: Field, asked: Asked) -> forms.Field:
        return CascadeField(offered(field.options))

    def to_stored(self, value: Any) -> Any:
        return [option_id for option_id in value if option_id] or None

    def display(self, field: Field, answer: Any) -> str:
        labels = labels_of(field.options)
        return " → ".join(labels.get(str(option_id), "—") for option_id in answer)


class CascadeInput(forms.MultiWidget):
    """Two selects named `key` and `key:1`, as in Jira.

    The second shows all sub-options, grouped; a script leaves those of the chosen option.
    """

    template_name = "otklik/_cascade_input.html"

    def __init__(self, options: list[Option]) -> None:
        groups = [
            (option_label(option), pairs(option.get("children", ())))
            for option in options
            if offered(option["children"])
        ]
        first = forms.Select(choices=[("", _("Choose…")), *pairs(options)])
        second = forms.Select(choices=[("", _("Then choose…")), *groups])
        super().__init__([first, second])
        self.widgets_names = ["", ":1"]

    def decompress(self, value: Any) -> list[Any]:
        given = list(value or [])
        return [*given, None, None][:2]

    def id_for_label(self, id_: str) -> str:
        """Return the id of the first select; the second has its own label."""
        return f"{id_}_0" if id_ else ""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        error = context["widget"]["attrs"].get("aria-describedby")
        for part in context["widget"]["subwidgets"]:
            part["attrs"]["class"] = "form-select"
            if error:
                part["attrs"]["aria-describedby"] = error
        context["widget"]["subwidgets"][1]["attrs"]["data-cascade-of"] = context["widget"]["subwidgets"][0][
            "attrs"
        ].get("id", "")
        context["widget"]["subwidgets"][1]["attrs"]["aria-label"] = _("Then choose…")
        return context


class CascadeField(forms.MultiValueField):
    """An option, and one of its sub-options if it has any."""

    def __init__(self, options: list[Option], **more: Any) -> None:
        self.children = {
            option["id"]: {child["id"] for child in offered(option.get("children", ()))} for option in options
        }
        every = [(child["id"], "") for option in options for child in offered(option.get("children", ()))]
        parts = (
            forms.ChoiceField(choices=[(option["id"], "") for option in options], required=False),
            forms.ChoiceField(choices=every, required=False),
        )
        super().__init__(parts, widget=CascadeInput(options), require_all_fields=False, **more)

    def compress(self, data_list: Any) -> Any:
        return [*(data_list or []), "", ""][:2]

    def clean(self, value: Any) -> Any:
        parent, child = self.compress(super().clean(value))
        if child and child not in self.children.get(parent, set()):
            raise forms.ValidationError(_("The second choice does not belong to the first."))
        if self.required and parent and self.children[parent] and not child:
            raise forms.ValidationError(_("Choose in the second list, too."))
        return [parent, child]
