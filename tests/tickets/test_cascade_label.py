"""A two-step choice has a label for screen readers."""

from django import forms

from otklik.tickets.answers.choices import CascadeInput

OPTIONS = [{"id": "1", "label": "Стационар", "children": [{"id": "11", "label": "Кардиология"}]}]


def test_the_label_names_the_first_list_and_the_second_names_itself() -> None:
    field = forms.Field(widget=CascadeInput(OPTIONS), label="Отделение")
    form = type("F", (forms.Form,), {"ward": field})()
    html = str(form["ward"])
    assert f'id="{form["ward"].id_for_label}"' in html.partition("</select>")[0]
    assert html.count("<select") == 2 and "aria-label" in html.partition("</select>")[2]
