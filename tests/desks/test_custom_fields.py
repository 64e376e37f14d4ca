"""A desk's field on several forms: one number, kind, list of options and index."""

from django.db import connection

from otklik.desks.commands.forms import add_field, add_known_field, change_field
from otklik.desks.commands.settings import undo
from otklik.desks.models import CustomField, Field, RequestType
from otklik.desks.queries import known_fields
from otklik.journal.models import Event
from otklik.people.actor import Actor
from otklik.tickets.commands.request_type import change_type
from otklik.tickets.models import Ticket
from tests.cast import START, Cast, as_
from tests.workspace.helpers import page_of

OPTIONS = [{"id": "1", "label": "Москва"}, {"id": "2", "label": "Казань"}]


def by(cast: Cast, who: str = "lead") -> dict[str, object]:
    return {"actor": Actor(getattr(cast, who), "agent"), "at": START}


def kinds(cast: Cast) -> tuple[RequestType, RequestType]:
    first, second = cast.desk.request_types.order_by("position")[:2]
    return first, second


def city(cast: Cast) -> Field:
    row = add_field(**by(cast), request_type=kinds(cast)[0], kind="choice", label="Отделение")
    change_field(**by(cast), field=row, values={"options": OPTIONS})
    row.refresh_from_db()
    return row


def shared(cast: Cast) -> tuple[Field, Field]:
    one = city(cast)
    return one, add_known_field(**by(cast), request_type=kinds(cast)[1], custom=one.custom)


def test_a_field_stands_on_a_second_form_with_its_options_and_not_its_condition(cast: Cast) -> None:
    one = city(cast)
    change_field(**by(cast), field=one, values={"condition_key": "summary", "required": True})
    two = add_known_field(**by(cast), request_type=kinds(cast)[1], custom=one.custom)
    assert (two.key, two.kind, two.label, two.options) == (one.key, "choice", "Отделение", OPTIONS)
    assert (two.condition_key, two.required, two.archived) == ("", False, False)
    assert list(two.request_type.form_fields.order_by("position", "id"))[-1].key == "attachments"


def test_options_are_one_list_wherever_they_are_changed_or_taken_back(cast: Cast) -> None:
    one, two = shared(cast)
    more = [*OPTIONS, {"id": "3", "label": "Тверь"}]
    change_field(**by(cast), field=two, values={"options": more})
    one.refresh_from_db()
    assert one.options == more
    undo(**by(cast), desk=cast.desk, event_id=Event.objects.latest("id").pk)
    for row in (one, two):
        row.refresh_from_db()
        assert row.options == OPTIONS


def test_the_name_follows_the_label_while_the_field_stands_on_one_form(cast: Cast) -> None:
    one = city(cast)
    change_field(**by(cast), field=one, values={"label": "Филиал"})
    assert CustomField.objects.get(pk=one.custom_id).name == "Филиал"
    two = add_known_field(**by(cast), request_type=kinds(cast)[1], custom=one.custom)
    change_field(**by(cast), field=two, values={"label": "Где вы?"})
    assert CustomField.objects.get(pk=one.custom_id).name == "Филиал"


def test_a_field_taken_out_of_a_form_comes_back_as_the_same_row(cast: Cast) -> None:
    one, two = shared(cast)
    change_field(**by(cast), field=two, values={"archived": True})
    assert one.custom in known_fields(two.request_type)
    again = add_known_field(**by(cast), request_type=two.request_type, custom=one.custom)
    assert (again.pk, again.archived, one.custom.fields.count()) == (two.pk, False, 2)
    undo(**by(cast), desk=cast.desk, event_id=Event.objects.latest("id").pk)
    two.refresh_from_db()
    assert two.archived


def test_answers_of_all_forms_are_found_together_by_the_index(cast: Cast) -> None:
    one, two = shared(cast)
    Ticket.objects.filter(pk=cast.ticket.pk).update(answers={one.key: "2"}, request_type=two.request_type)
    found = Ticket.objects.filter(answers__contains={one.key: "2"})
    assert list(found) == [cast.ticket]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "ticket_answers" in found.explain()


def test_an_answer_stays_when_the_ticket_gets_another_type_that_asks_it_too(cast: Cast) -> None:
    one, two = shared(cast)
    Ticket.objects.filter(pk=cast.ticket.pk).update(answers={one.key: "2"})
    cast.ticket.refresh_from_db()
    assert cast.ticket.request_type == one.request_type
    moved = change_type(**by(cast, "agent"), ticket=cast.ticket, request_type=two.request_type)
    assert moved.answers == {one.key: "2"}
    page = page_of(as_(cast.agent).get("/browse/ACCREDO-1"))
    assert page.count("Казань") >= 1 and "Отделение" in page


def test_a_lead_puts_a_known_field_on_another_form(cast: Cast) -> None:
    one, lead = city(cast), as_(cast.lead)
    url = f"/projects/ACCREDO/settings/types/{kinds(cast)[1].pk}/form"
    assert "Добавить поле другой формы" in page_of(lead.get(url))
    assert lead.post(f"{url}/known", {"custom": one.custom.pk}).headers["Location"] == url
    assert Field.objects.filter(request_type=kinds(cast)[1], custom=one.custom, archived=False).exists()
    assert lead.post(f"{url}/known", {"custom": one.custom.pk}).status_code == 422
    assert lead.post(f"{url}/known", {"custom": "x"}).status_code == 422
