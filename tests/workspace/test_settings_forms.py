"""Setting up request types, groups and form fields."""

import pytest
from django.test import Client

from otklik.desks.commands.settings import change_desk
from otklik.desks.models import Field, RequestType, TypeGroup
from otklik.desks.option_lines import as_lines, from_lines
from otklik.journal.models import Event
from otklik.people.actor import Actor
from otklik.people.models import Organization
from otklik.tickets.models import Draft, Ticket
from tests.cast import START, Cast
from tests.workspace.helpers import as_, page_of

SETTINGS = "/projects/ACCREDO/settings"


def first(cast: Cast) -> RequestType:
    return cast.desk.request_types.order_by("position")[0]


def form_of(cast: Cast) -> str:
    return f"{SETTINGS}/types/{first(cast).pk}/form"


def portal(cast: Cast, who: Client | None = None) -> str:
    return page_of((who or as_(cast.anna)).get(f"/servicedesk/customer/portal/{cast.desk.pk}"))


def new_field(cast: Cast, kind: str, label: str = "Новое") -> Field:
    as_(cast.lead).post(f"{form_of(cast)}/add", {"kind": kind, "label": label})
    return Field.objects.latest("id")


def undo_last(cast: Cast) -> None:
    as_(cast.lead).post(f"{SETTINGS}/history/{Event.objects.latest('id').pk}/undo")


def test_a_type_is_added_with_a_form_and_shown(cast: Cast) -> None:
    lead = as_(cast.lead)
    words = {"name": "Доступ", "help": "К отчётам", "icon": "key", "name_en": "Access"}
    response = lead.post(f"{SETTINGS}/types/add", words)
    row = RequestType.objects.get(name="Доступ")
    assert response["Location"] == f"{SETTINGS}/types/{row.pk}/form" and row.texts == {"en": {"name": "Access"}}
    assert [one.key for one in row.form_fields.all()] == ["summary", "description", "attachments"]
    assert "Доступ" in portal(cast)
    undo_last(cast)
    assert "Доступ" not in portal(cast)


def test_two_types_of_one_name_are_refused(cast: Cast) -> None:
    response = as_(cast.lead).post(f"{SETTINGS}/types/add", {"name": "Ошибка", "icon": "bug"})
    assert response.status_code == 422 and "уже есть" in page_of(response)


def test_types_are_moved_by_button_and_by_dragging_and_back(cast: Cast) -> None:
    lead, ids = as_(cast.lead), [row.pk for row in cast.desk.request_types.order_by("position")]
    lead.post(f"{SETTINGS}/types/order", {"down": ids[0]})
    now = [row.pk for row in cast.desk.request_types.order_by("position")]
    assert now == [ids[1], ids[0], *ids[2:]]
    assert lead.post(f"{SETTINGS}/types/order", {"order": ids[::-1]}).status_code == 204
    assert [row.pk for row in cast.desk.request_types.order_by("position")] == ids[::-1]
    undo_last(cast)
    assert [row.pk for row in cast.desk.request_types.order_by("position")] == now


def test_a_type_out_of_use_is_gone_but_its_requests_stay(cast: Cast) -> None:
    as_(cast.lead).post(f"{SETTINGS}/types/{first(cast).pk}/archive")
    assert "Сообщите, что работает не так" not in portal(cast)
    assert Ticket.objects.get(pk=cast.ticket.pk).request_type_id == first(cast).pk


def test_ab_47_a_restricted_type_is_hidden_and_refused(cast: Cast) -> None:
    clinic = Organization.objects.create(name="Клиника")
    clinic.members.add(cast.boris)
    row = first(cast)
    words = {"name": row.name, "icon": "bug", "restricted": "on", "allowed_organizations": [clinic.pk]}
    assert as_(cast.lead).post(f"{SETTINGS}/types/{row.pk}", {**words, "allowed_people": "anna@clinic.test"})
    address = f"/servicedesk/customer/portal/{cast.desk.pk}/create/{row.pk}"
    sent = {"summary": "a", "description": "b"}
    for person, allowed in ((cast.anna, True), (cast.boris, True), (cast.stranger, False), (cast.agent, True)):
        client = as_(person)
        assert (address in portal(cast, client)) is allowed
        assert client.get(address).status_code == (200 if allowed else 404)
        assert client.post(address, sent).status_code == (302 if allowed else 404)
        drafts, place = "/servicedesk/customer/user/drafts", f"request:{row.pk}"
        client.post(drafts, {**sent, "draft.place": place}, headers={"X-Draft": "1"})
        assert (
            Draft.objects.filter(person=person, kind="request", subject_id=row.pk).exclude(words={}).exists() is allowed
        )
    assert address not in portal(cast, Client())
    assert Ticket.objects.count() == 4


def test_an_unknown_person_cannot_be_named(cast: Cast) -> None:
    words = {"name": "Ошибка", "icon": "bug", "restricted": "on", "allowed_people": "who@nowhere.test"}
    response = as_(cast.lead).post(f"{SETTINGS}/types/{first(cast).pk}", words)
    assert response.status_code == 422 and "who@nowhere.test" in page_of(response)


def test_a_field_is_added_changed_and_asked(cast: Cast) -> None:
    row = new_field(cast, "choice", "Цвет")
    assert row.key == f"customfield_{10000 + row.pk}" and not row.archived
    lead, address = as_(cast.lead), f"{form_of(cast)}/{row.pk}"
    words = {"label": "Цвет", "label_en": "Colour", "required": "on", "options": "Красный | Red\nСиний"}
    assert lead.post(address, words).status_code == 302
    form = f"/servicedesk/customer/portal/{cast.desk.pk}/create/{first(cast).pk}"
    client = as_(cast.anna)
    assert "Красный" in page_of(client.get(form))
    client.cookies["otklik_language"] = "en"
    cast.anna.language = "en"
    cast.anna.save()
    assert "Colour" in page_of(client.get(form)) and ">Red<" in page_of(client.get(form))
    undo_last(cast)
    assert "Colour" not in page_of(client.get(form))


def test_a_field_that_depends_on_another(cast: Cast) -> None:
    lead, row = as_(cast.lead), new_field(cast, "text", "Оттенок")
    other = Field.objects.get(request_type=first(cast), label="Браузер")
    words = {"label": "Оттенок", "when_0_key": other.key, "when_0_values": ["1", "2"]}
    assert lead.post(f"{form_of(cast)}/{row.pk}", words).status_code == 302
    row.refresh_from_db()
    assert (row.condition_key, row.condition_values) == (other.key, ["1", "2"])
    assert "зависит от поля «Браузер»" in page_of(lead.get(form_of(cast)))
    # The other way round they would wait for each other.
    back = {"label": "Браузер", "options": "Яндекс Браузер\nChrome", "when_0_key": row.key}
    assert lead.post(f"{form_of(cast)}/{other.pk}", back).status_code == 422
    twice = {"label": "x", "when_0_key": other.key, "when_0_values": ["1"], "when_1_key": other.key}
    assert "уже есть в строке выше" in page_of(lead.post(f"{form_of(cast)}/{row.pk}", twice))
    stale = {"label": "x", "when_0_key": "description", "when_0_values": ["1"]}
    assert lead.post(f"{form_of(cast)}/{row.pk}", stale).status_code == 302  # a text has no answers to tick
    row.refresh_from_db()
    assert (row.condition_key, row.condition_values) == ("description", [])


@pytest.mark.parametrize("kind", Field.Kind.values)
def test_every_kind_has_a_page_and_can_be_asked(cast: Cast, kind: str) -> None:
    lead, row = as_(cast.lead), new_field(cast, kind)
    address = f"{form_of(cast)}/{row.pk}"
    assert lead.get(address).status_code == 200
    assert lead.post(address, {"label": "Иначе", "options": "Раз\n- Два"}).status_code == 302
    page = page_of(lead.get(form_of(cast)))
    assert "Иначе" in page
    form = f"/servicedesk/customer/portal/{cast.desk.pk}/create/{first(cast).pk}"
    assert as_(cast.anna).post(form, {"summary": "a", "description": "b"}).status_code == 302


def test_a_file_and_an_organisation_have_no_answer_from_the_beginning(cast: Cast) -> None:
    for kind, has_default in (("text", True), ("attachment", False), ("organization", False)):
        page = page_of(as_(cast.lead).get(f"{form_of(cast)}/{new_field(cast, kind).pk}"))
        assert ('name="default"' in page) is has_default, kind


def test_what_is_not_asked_needs_an_answer(cast: Cast) -> None:
    row = new_field(cast, "text")
    address = f"{form_of(cast)}/{row.pk}"
    assert as_(cast.lead).post(address, {"label": "Источник", "hidden": "on"}).status_code == 422
    assert as_(cast.lead).post(address, {"label": "Источник", "hidden": "on", "default": "портал"}).status_code == 302
    row.refresh_from_db()
    assert row.default == "портал"


def test_fields_are_moved_removed_and_brought_back(cast: Cast) -> None:
    lead, rows = as_(cast.lead), list(first(cast).form_fields.all())
    lead.post(f"{form_of(cast)}/order", {"up": rows[1].pk})
    assert next(iter(first(cast).form_fields.all())).key == "description"
    lead.post(f"{form_of(cast)}/{rows[1].pk}/archive")
    form = f"/servicedesk/customer/portal/{cast.desk.pk}/create/{first(cast).pk}"
    assert 'name="description"' not in page_of(as_(cast.anna).get(form))
    lead.post(f"{form_of(cast)}/{rows[0].pk}/archive")
    assert 'name="summary"' in page_of(as_(cast.anna).get(form))
    undo_last(cast)
    assert 'name="description"' in page_of(as_(cast.anna).get(form))


def test_groups(cast: Cast) -> None:
    lead, kinds = as_(cast.lead), list(cast.desk.request_types.order_by("position"))
    lead.post(f"{SETTINGS}/groups/add", {"name": "Сбои", "types": [kinds[0].pk]})
    lead.post(f"{SETTINGS}/groups/add", {"name": "Доступ", "types": [kinds[2].pk, kinds[0].pk]})
    groups = list(TypeGroup.objects.order_by("position"))
    assert [list(row.types.order_by("id")) for row in groups] == [[kinds[0]], [kinds[0], kinds[2]]]
    lead.post(f"{SETTINGS}/groups/order", {"up": groups[1].pk})
    assert [row.name for row in cast.desk.groups.order_by("position")] == ["Доступ", "Сбои"]
    lead.post(f"{SETTINGS}/groups/{groups[0].pk}", {"name": "Ошибки", "types": []})
    assert TypeGroup.objects.get(pk=groups[0].pk).types.count() == 0
    undo_last(cast)
    assert TypeGroup.objects.get(name="Сбои").types.count() == 1
    history = page_of(lead.get(f"{SETTINGS}/history"))
    assert "Группа «Доступ»" in history and f"<ins>{kinds[0].name}, {kinds[2].name}</ins>" in history


def test_the_history_speaks_in_the_words_of_the_form(cast: Cast) -> None:
    lead, kind, system, day = as_(cast.lead), first(cast), new_field(cast, "choice", "Система"), new_field(cast, "date")
    lead.post(f"{form_of(cast)}/{system.pk}", {"label": "Система", "options": "Портал\nАрхив"})
    words = {"label": "Нужен с", "limit_when": "future", "label_en": "From"}
    words |= {"when_0_key": system.key, "when_0_values": "2"}
    assert lead.post(f"{form_of(cast)}/{day.pk}", words).status_code == 302
    lead.post(f"{form_of(cast)}/{system.pk}", {"label": "Система", "options": "Портал\nАрхив", "default": "1"})
    lead.post(f"{SETTINGS}/types/{kind.pk}", {"name": kind.name, "icon": "key"})
    history = page_of(lead.get(f"{SETTINGS}/history"))
    for words_shown in ("Система", "Архив", "Какие даты: Только с сегодняшнего дня", "English: From", "Ключ"):
        assert f"<ins>{words_shown}</ins>" in history
    assert "<ins>Портал, Архив</ins>" in history and "<ins>Портал</ins>" in history
    assert "customfield_" not in history and "future" not in history


def test_the_history_says_what_no_number_and_zero_mean(cast: Cast) -> None:
    values = {"hold_seconds": 5, "keep_sent": 0}
    change_desk(actor=Actor(cast.lead, "agent"), at=START, desk=cast.desk, values=values)
    history = page_of(as_(cast.lead).get(f"{SETTINGS}/history"))
    assert history.count("<del>как для всего сайта</del>") == 2 and "<ins>бессрочно</ins>" in history


def test_ab_47_things_of_another_desk_are_not_there(cast: Cast) -> None:
    lead, other = as_(cast.lead), cast.other_desk.request_types.all()[0]
    row = other.form_fields.all()[0]
    for address in (f"types/{other.pk}", f"types/{other.pk}/form", f"types/{first(cast).pk}/form/{row.pk}"):
        assert lead.get(f"{SETTINGS}/{address}").status_code == 404
    words = {"name": "Группа", "types": [other.pk]}
    assert lead.post(f"{SETTINGS}/groups/add", words).status_code == 422


def test_options_keep_their_ids() -> None:
    before = from_lines("Раз | One\nДва\n- Полтора | 1.5\nТри", [], ["en"])
    assert [one["id"] for one in before] == ["1", "2", "3"] and before[1]["children"][0]["id"] == "4"
    assert as_lines(before, ["en"]) == "Раз | One\nДва\n- Полтора | 1.5\nТри"
    renamed = from_lines("Три\nРаз!\nДва\n- Полтора", before, ["en"])
    assert {one["label"]: one["id"] for one in renamed} == {"Три": "3", "Раз!": "1", "Два": "2"}
    gone = from_lines("Два\nПять", before, ["en"])
    assert (gone[0]["id"], gone[0]["label"], gone[0].get("archived", False)) == ("2", "Два", False)
    assert {one["label"] for one in gone if one.get("archived")} == {"Раз", "Три"}
    back = from_lines("Два\nРаз", gone, ["en"])
    assert {one["label"]: one["id"] for one in back if not one.get("archived")} == {"Два": "2", "Раз": "1"}


def test_only_a_field_with_options_speaks_of_them(cast: Cast) -> None:
    client, kind = as_(cast.lead), cast.desk.request_types.order_by("position")[0]
    for row in Field.objects.filter(request_type=kind, key__startswith="customfield", kind__in=("text", "choice")):
        page = page_of(client.get(f"/projects/ACCREDO/settings/types/{kind.pk}/form/{row.pk}"))
        assert "Стоит в форме с самого начала." in page
        assert ("Новые варианты можно выбрать здесь" in page) == (row.kind == "choice")
