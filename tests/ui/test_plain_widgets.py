"""Plain inputs render exactly like Django's templates."""

from datetime import date
from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.functional import lazystr
from django.utils.safestring import SafeString

from otklik.core.date_inputs import DayInput
from otklik.ui.plain_widgets import Renderer

WIDGETS: list[forms.Widget] = [
    forms.TextInput(),
    forms.EmailInput(),
    forms.NumberInput(),
    forms.URLInput(),
    forms.PasswordInput(render_value=True),
    forms.HiddenInput(),
    forms.FileInput(),
    forms.CheckboxInput(),
    forms.DateInput(),
    forms.Textarea(),
    forms.Select(choices=[("a", "<A>")]),
    DayInput(),
]
VALUES = [None, "", "a", "<b>\"'&", SafeString("<i>"), 0, 7, 10_000, 1.5, True, False, date(2026, 11, 30)]
ATTRIBUTES: list[dict[str, Any]] = [
    {},
    {"id": "id_x", "required": True, "disabled": False, "rows": 6, "maxlength": "10"},
    {"placeholder": '"<x>', "title": lazystr("a & b"), "data-none": None, "aria-label": SafeString("&amp;")},
]


@pytest.mark.parametrize("widget", WIDGETS, ids=lambda widget: type(widget).__name__)
@pytest.mark.parametrize("attributes", ATTRIBUTES, ids=["bare", "usual", "odd"])
def test_a_widget_is_what_django_draws(widget: forms.Widget, attributes: dict[str, Any]) -> None:
    for value in VALUES:
        plain = widget.render("na<me", value, attributes, Renderer())
        assert plain == widget.render("na<me", value, attributes, DjangoTemplates())
        assert isinstance(plain, SafeString)


def test_the_product_draws_its_forms_by_it() -> None:
    assert isinstance(forms.Form().renderer, Renderer)
