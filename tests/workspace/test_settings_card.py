"""The settings tab for edits, ratings and approvals."""

import pytest

from otklik.journal.models import Event
from otklik.people.actor import Actor
from otklik.tickets.commands.approve import answer_approval, ask_approval
from tests.cast import START, Cast
from tests.workspace.helpers import as_, page_of

URL = "/projects/ACCREDO/settings/card"


def words(cast: Cast, **more: object) -> dict[str, object]:
    return {"edit_minutes": 15, "rating_days": 14, "approval_reminder_days": 2, "approval_links": "on", **more}


def test_a_lead_sets_what_the_card_does_and_the_history_tells(cast: Cast) -> None:
    take, close = cast.desk.transitions.get(name="Взять в работу"), cast.desk.transitions.get(name="Закрыть")
    lead = as_(cast.lead)
    assert "Оценки и согласования" in lead.get(URL).content.decode()
    given = words(cast, edit_minutes=30, rating_days=7, declined_0=close.pk)
    given |= {f"approved_{take.source_id}": take.pk}
    assert lead.post(URL, given).status_code == 302
    cast.desk.refresh_from_db()
    take.refresh_from_db()
    close.refresh_from_db()
    assert (cast.desk.edit_minutes, cast.desk.rating_days) == (30, 7)
    assert (cast.desk.approval_reminder_days, cast.desk.approval_links) == (2, True)
    assert (take.on_approved, take.on_declined, close.on_declined) == (True, False, True)
    assert Event.objects.filter(kind="desk.changed").count() == 3
    page = lead.get(URL).content.decode()
    assert f'<option value="{take.pk}" selected>Взять в работу → В работе</option>' in page


@pytest.mark.parametrize(
    ("field", "value"), [("edit_minutes", "-1"), ("rating_days", "x"), ("approved_0", "999"), ("declined_0", "x")]
)
def test_what_makes_no_sense_is_refused_and_kept(cast: Cast, field: str, value: object) -> None:
    response = as_(cast.lead).post(URL, words(cast) | {field: value})
    assert response.status_code == 422
    cast.desk.refresh_from_db()
    assert cast.desk.edit_minutes == 15


@pytest.mark.parametrize(
    ("field", "most"), [("edit_minutes", 1440), ("rating_days", 365), ("approval_reminder_days", 365)]
)
def test_each_number_has_its_bounds(cast: Cast, field: str, most: int) -> None:
    lead = as_(cast.lead)
    for number, status in ((most, 302), (most + 1, 422), (0, 302), (-1, 422)):
        assert lead.post(URL, words(cast) | {field: str(number)}).status_code == status, number


def test_an_answer_does_one_thing_for_each_status_and_that_goes_before_what_is_said_of_any(cast: Cast) -> None:
    rows = cast.desk.transitions
    waits = rows.get(name="Ждать ответа заявителя", source__name="Открытый")
    close = rows.get(name="Закрыть")
    page = as_(cast.lead).get(URL).content.decode()
    for status in cast.desk.statuses.all():
        known = rows.filter(source=status).exists()
        assert (f'name="approved_{status.pk}"' in page) == known and (f'name="declined_{status.pk}"' in page) == known
    assert 'type="checkbox" name="on_approved"' not in page
    given = words(cast) | {f"approved_{waits.source_id}": waits.pk, "approved_0": close.pk}
    assert as_(cast.lead).post(URL, given).status_code == 302
    approval = ask_approval(
        actor=Actor(cast.agent, "agent"), at=START, ticket=cast.ticket, people=[cast.boris], rule="one"
    )
    answer_approval(actor=Actor(cast.boris, "portal"), at=START, approval=approval, approved=True)
    cast.ticket.refresh_from_db()
    assert cast.ticket.status.name == "Ожидание ответа заявителя"
    approval = ask_approval(
        actor=Actor(cast.agent, "agent"), at=START, ticket=cast.ticket, people=[cast.boris], rule="one"
    )
    answer_approval(actor=Actor(cast.boris, "portal"), at=START, approval=approval, approved=True)
    cast.ticket.refresh_from_db()
    assert cast.ticket.status.name == "Закрыт"


def test_only_leads_come_here(cast: Cast) -> None:
    for who in (cast.agent, cast.anna, cast.agent_elsewhere):
        assert as_(who).get(URL).status_code == 404 and as_(who).post(URL, words(cast)).status_code == 404


def test_only_statuses_with_a_step_are_asked_about(cast: Cast) -> None:
    lead, steps = as_(cast.lead), cast.desk.transitions
    sources = steps.exclude(source=None).values_list("source_id", flat=True)
    asked = {one: f'name="approved_{one}"' for one in (0, *sources)}
    steps.create(name="Откуда угодно", source=None, target=cast.desk.statuses.order_by("position")[0], position=99)
    page = page_of(lead.get(URL))
    assert len(asked) > 1 and all(box in page for box in asked.values())
    steps.filter(source=None).delete()
    page = page_of(lead.get(URL))
    assert asked[0] not in page and all(box in page for one, box in asked.items() if one)
