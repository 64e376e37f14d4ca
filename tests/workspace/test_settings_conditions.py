"""Conditions of a field as rows; approvals on their type's page."""

import pytest

from otklik.desks.models import Field
from otklik.people.models import Person
from otklik.tickets.answers.conditions import would_circle
from tests.cast import Cast
from tests.workspace.helpers import as_, page_of
from tests.workspace.test_settings_forms import SETTINGS, first, form_of, new_field, undo_last


def test_conditions_are_rows_of_a_field_and_its_answers_joined_by_and(cast: Cast) -> None:
    lead, row = as_(cast.lead), new_field(cast, "text", "Оттенок")
    browser = Field.objects.get(request_type=first(cast), label="Браузер")
    address = f"{form_of(cast)}/{row.pk}"
    page = page_of(lead.get(address))
    assert 'name="when_0_key"' in page and 'name="when_0_values"' not in page and 'name="when_1_key"' not in page
    chosen = {"label": "Отлив", "when_0_key": browser.key, "when_0_values": ["1"]}
    for headers in ({}, {"HX-Request": "true"}):
        shown = page_of(lead.post(f"{address}/conditions", chosen, headers=headers))
        assert 'name="when_0_values"' in shown and "Яндекс Браузер" in shown and 'name="when_1_key"' in shown
        assert 'name="when_1_values"' not in shown and ("Отлив" in shown) == (not headers)
    row.refresh_from_db()
    assert row.label == "Оттенок" and not row.conditions  # nothing is written yet
    both = {**chosen, "when_2_key": "description"}
    assert lead.post(address, both).status_code == 302
    row.refresh_from_db()
    assert row.conditions == [(browser.key, ["1"]), ("description", [])]
    form = f"/servicedesk/customer/portal/{cast.desk.pk}/create/{first(cast).pk}"
    assert "Заполните, если «Браузер»: Яндекс Браузер и заполнено «Описание»." in page_of(as_(cast.anna).get(form))
    assert "заполнено «Описание»" in page_of(lead.get(f"{SETTINGS}/history"))
    undo_last(cast)
    row.refresh_from_db()
    assert not row.conditions


def test_while_one_chooses_nothing_is_called_wrong_yet(cast: Cast) -> None:
    lead, row = as_(cast.lead), new_field(cast, "choice", "Оттенок")
    for address, wrong in (
        (f"{form_of(cast)}/{row.pk}/conditions", {"label": "", "options": ""}),
        (f"{SETTINGS}/types/{first(cast).pk}/allow", {"name": "", "find": "Анна"}),
        (f"{SETTINGS}/types/0/allow", {"name": "", "find": "Анна"}),
    ):
        page = page_of(lead.post(address, wrong))
        assert "Обязательное поле" not in page and "has-error" not in page, address
    assert "has-error" in page_of(lead.post(f"{form_of(cast)}/{row.pk}", {"label": "", "options": ""}))


def test_an_answer_out_of_use_is_no_condition_to_choose(cast: Cast) -> None:
    lead, row = as_(cast.lead), new_field(cast, "text", "Оттенок")
    browser = Field.objects.get(request_type=first(cast), label="Браузер")
    asked = {"label": "Оттенок", "when_0_key": browser.key}
    address = f"{form_of(cast)}/{row.pk}/conditions"
    assert "Chrome" in page_of(lead.post(address, asked))
    next(one for one in browser.options if one["label"] == "Chrome")["archived"] = True
    browser.save()
    assert "Chrome" not in page_of(lead.post(address, asked))


def test_all_conditions_of_a_field_must_hold(cast: Cast) -> None:
    kind = first(cast)
    yes = [{"id": "1", "label": "Да"}, {"id": "2", "label": "Нет"}]
    for key in ("customfield_901", "customfield_902"):
        Field.objects.create(request_type=kind, key=key, kind="choice", label=key, options=yes, position=60)
    Field.objects.create(
        request_type=kind, key="customfield_903", kind="text", label="Оба", required=True, position=61,
        condition_key="customfield_901", condition_values=["1"],
        further_conditions=[{"key": "customfield_902", "values": ["2"]}],
    )  # fmt: skip
    address = f"/servicedesk/customer/portal/{cast.desk.pk}/create/{kind.pk}"

    def sent(one: str, other: str) -> int:
        words = {"summary": "a", "description": "b", "customfield_901": one, "customfield_902": other}
        return as_(cast.anna).post(address, words).status_code

    assert [sent("1", "2"), sent("1", "1"), sent("2", "2"), sent("1", "")] == [422, 302, 302, 302]


def test_approvals_stand_on_the_page_of_the_type(cast: Cast) -> None:
    lead, kind = as_(cast.lead), first(cast)
    address, words = f"{SETTINGS}/types/{kind.pk}", {"name": "Ошибка", "icon": "bug"}
    for typed, said in (("", "Укажите, чьё согласование нужно."), ("nonsense", "не адрес электронной почты")):
        refused = lead.post(address, {**words, "approval_rule": "one", "approvers": typed})
        assert refused.status_code == 422 and said in page_of(refused)
    given = {**words, "approval_rule": "all", "approvers": "Boss@clinic.test, boris@clinic.test"}
    assert lead.post(address, given).status_code == 302
    kind.refresh_from_db()
    boss = Person.objects.get(email="boss@clinic.test")
    assert kind.approval_rule == "all" and set(kind.approvers.all()) == {boss, cast.boris}
    assert "boss@clinic.test" in page_of(lead.get(address)) and "нужно согласование" in page_of(
        lead.get(f"{SETTINGS}/types")
    )
    history = page_of(lead.get(f"{SETTINGS}/history"))
    assert "<del>согласование не нужно</del>" in history and "<ins>нужно согласие всех</ins>" in history
    assert f"<ins>{cast.boris.display_name}, {boss.display_name}</ins>" in history
    lead.post(address, words)  # a script that says nothing of approvals changes none
    kind.refresh_from_db()
    assert kind.approval_rule == "all"


@pytest.mark.parametrize(
    ("key", "on", "circle"),
    [
        ("a", "a", True),
        ("d", "a", True),
        ("c", "a", True),
        ("a", "d", False),
        ("x", "a", True),
        ("a", "x", False),
        ("e", "a", False),
    ],
)
def test_a_question_may_not_depend_on_what_depends_on_it_by_whatever_way(key: str, on: str, circle: bool) -> None:
    waits = {"a": ["x", "b", "c"], "b": [], "c": ["y", "d", "z"], "d": []}
    assert would_circle(waits, key, on) is circle
