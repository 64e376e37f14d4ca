"""The settings tab about corrections, ratings and approvals."""

import pytest

from otklik.journal.models import Event
from otklik.people.models import Person
from tests.cast import Cast
from tests.workspace.helpers import as_

URL = "/projects/ACCREDO/settings/card"


def words(cast: Cast, **more: object) -> dict[str, object]:
    return {"edit_minutes": 15, "rating_days": 14, "approval_reminder_days": 2, "approval_links": "on", **more}


def test_a_lead_sets_what_the_card_does_and_the_history_tells(cast: Cast) -> None:
    kind = cast.desk.request_types.order_by("position")[0]
    take, close = cast.desk.transitions.get(name="Взять в работу"), cast.desk.transitions.get(name="Закрыть")
    lead = as_(cast.lead)
    assert "Оценки и согласования" in lead.get(URL).content.decode()
    given = words(cast, edit_minutes=30, rating_days=7, on_approved=[take.pk], on_declined=[close.pk])
    given |= {f"rule_{kind.pk}": "all", f"people_{kind.pk}": "Boss@clinic.test, boris@clinic.test"}
    assert lead.post(URL, given).status_code == 302
    cast.desk.refresh_from_db()
    kind.refresh_from_db()
    take.refresh_from_db()
    close.refresh_from_db()
    assert (cast.desk.edit_minutes, cast.desk.rating_days) == (30, 7)
    assert (cast.desk.approval_reminder_days, cast.desk.approval_links) == (2, True)
    assert (take.on_approved, take.on_declined, close.on_declined) == (True, False, True)
    boss = Person.objects.get(email="boss@clinic.test")
    assert kind.approval_rule == "all" and set(kind.approvers.all()) == {boss, cast.boris}
    assert "boss@clinic.test" in lead.get(URL).content.decode()
    assert Event.objects.filter(kind="desk.changed").count() == 4
    history = lead.get("/projects/ACCREDO/settings/history").content.decode()
    assert "<del>согласование не нужно</del>" in history and "<ins>нужно согласие всех</ins>" in history
    assert f"<ins>{cast.boris.display_name}, {boss.display_name}</ins>" in history


@pytest.mark.parametrize(
    ("field", "value"), [("edit_minutes", "-1"), ("rating_days", "x"), ("on_approved", ["999"]), ("people", "nonsense")]
)
def test_what_makes_no_sense_is_refused_and_kept(cast: Cast, field: str, value: object) -> None:
    kind = cast.desk.request_types.order_by("position")[0]
    name = f"people_{kind.pk}" if field == "people" else field
    response = as_(cast.lead).post(URL, words(cast) | {name: value})
    assert response.status_code == 422
    cast.desk.refresh_from_db()
    assert cast.desk.edit_minutes == 15


def test_a_rule_needs_somebody(cast: Cast) -> None:
    kind = cast.desk.request_types.order_by("position")[0]
    response = as_(cast.lead).post(URL, words(cast) | {f"rule_{kind.pk}": "one", f"people_{kind.pk}": ""})
    assert response.status_code == 422 and "Укажите, чьё согласование нужно." in response.content.decode()


def test_only_leads_come_here(cast: Cast) -> None:
    for who in (cast.agent, cast.anna, cast.agent_elsewhere):
        assert as_(who).get(URL).status_code == 404 and as_(who).post(URL, words(cast)).status_code == 404
