"""Desk settings: for leads, with history and undo."""

import re
from typing import Any

from django.test import Client

from otklik.desks.commands.settings import change_desk
from otklik.desks.models import Desk
from otklik.journal.models import Event
from otklik.people.actor import Actor
from tests.cast import START, Cast
from tests.refusing import refused_as
from tests.workspace.helpers import as_, page_of, words_said

URL = "/projects/ACCREDO/settings"


def typed(desk: Desk, **more: Any) -> dict[str, Any]:
    """Return what the form sends, with other values."""
    names = (
        *("name", "phone", "welcome", "question", "announcement", "phone_script", "language", "reopen_days"),
        "newcomers_a_day",
    )
    return {**{name: getattr(desk, name) for name in names}, "activation_mail": "on", "cc_joins": "on", **more}


def test_ab_47_only_those_who_lead_the_desk(cast: Cast) -> None:
    for person, status in (
        (cast.lead, 200),
        (cast.admin, 200),
        (cast.agent, 404),
        (cast.agent_elsewhere, 404),
        (cast.anna, 404),
    ):
        assert as_(person).get(URL).status_code == status, person
        assert as_(person).post(URL, typed(cast.desk)).status_code == (302 if status == 200 else 404), person
    assert as_(cast.lead).get("/projects/OTHER/settings").status_code == 404
    with refused_as("desk.leads_only"):
        change_desk(actor=Actor(cast.agent, "agent"), at=START, desk=cast.desk, values={"name": "Моя"})


def test_the_sidebar_leads_there_for_leads_only(cast: Cast) -> None:
    assert f'href="{URL}"' in page_of(as_(cast.lead).get("/browse/ACCREDO-1"))
    assert f'href="{URL}"' not in page_of(as_(cast.agent).get("/browse/ACCREDO-1"))


def test_what_is_saved_shows_on_the_portal_and_in_the_history(cast: Cast) -> None:
    client = as_(cast.lead)
    response = client.post(URL, typed(cast.desk, announcement="Работы ночью", phone="8 800 555-35-35"))
    assert words_said(response) == ["Настройки сохранены."]
    assert "Работы ночью" in page_of(client.get(f"/servicedesk/customer/portal/{cast.desk.pk}"))
    history = page_of(client.get(f"{URL}/history"))
    assert "8 800 555-35-35" in history and "+7 495 000-00-00" in history and "Лидия Главная" in history
    event = Event.objects.latest("id")
    assert event.kind == "desk.changed" and set(event.data["after"]) == {"announcement", "phone"}


def test_the_same_again_changes_nothing(cast: Cast) -> None:
    before = Event.objects.count()
    response = as_(cast.lead).post(URL, typed(cast.desk))
    assert words_said(response) == ["Ничего не изменилось."] and Event.objects.count() == before


def test_a_wrong_value_is_refused_and_all_is_kept(cast: Cast) -> None:
    response = as_(cast.lead).post(
        URL, typed(cast.desk, name="", phone="нет", reopen_days="-1", welcome="Привет, друг")
    )
    page = page_of(response)
    assert response.status_code == 422 and "Привет, друг" in page
    assert page.count('aria-invalid="true"') == 3 and "Это не номер телефона." in page
    assert Desk.objects.get(pk=cast.desk.pk).name == "Аккредитация"


def test_a_change_is_taken_back_and_brought_again(cast: Cast) -> None:
    client = as_(cast.lead)
    client.post(URL, typed(cast.desk, name="Новое имя"))
    first = Event.objects.latest("id").pk
    client.post(f"{URL}/history/{first}/undo")
    assert Desk.objects.get(pk=cast.desk.pk).name == "Аккредитация"
    client.post(f"{URL}/history/{Event.objects.latest('id').pk}/undo")
    assert Desk.objects.get(pk=cast.desk.pk).name == "Новое имя"


def test_what_was_changed_again_is_not_taken_back_over_it(cast: Cast) -> None:
    client = as_(cast.lead)
    client.post(URL, typed(cast.desk, name="Второе"))
    second = Event.objects.latest("id").pk
    client.post(URL, typed(cast.desk, name="Третье"))
    response = client.post(f"{URL}/history/{second}/undo")
    assert "меняли ещё раз" in words_said(response)[-1] and Desk.objects.get(pk=cast.desk.pk).name == "Третье"
    assert f"{second}/undo" not in page_of(client.get(f"{URL}/history"))


def test_ab_47_another_desks_change_is_not_taken_back(cast: Cast) -> None:
    change_desk(actor=Actor(cast.admin, "agent"), at=START, desk=cast.other_desk, values={"name": "Иное"})
    as_(cast.lead).post(f"{URL}/history/{Event.objects.latest('id').pk}/undo")
    assert Desk.objects.get(pk=cast.other_desk.pk).name == "Иное"


def test_words_in_another_language_are_saved_side_by_side(cast: Cast) -> None:
    lead = as_(cast.lead)
    words = {"name": "Аккредитация", "name_en": "Accreditation", "welcome": "Привет", "welcome_en": ""}
    assert lead.post(f"{URL}/languages", words).status_code == 302
    desk = Desk.objects.get(pk=cast.desk.pk)
    assert desk.texts == {"en": {"name": "Accreditation"}} and desk.welcome == "Привет"
    assert 'value="Accreditation"' in page_of(lead.get(f"{URL}/languages"))


def test_the_centres_announcement_is_the_admins(cast: Cast) -> None:
    words = {"announcement": "Плановые работы", "announcement_en": "Maintenance"}
    for person in (cast.lead, cast.agent):
        assert as_(person).post("/secure/admin/center", words).status_code == 404
    assert as_(cast.admin).post("/secure/admin/center", words).status_code == 302
    assert "Плановые работы" in page_of(as_(cast.anna).get("/servicedesk/customer/portals"))
    assert Event.objects.latest("id").data["after"]["texts"] == {"en": {"announcement": "Maintenance"}}


def test_an_announcement_of_the_center_that_was_removed_comes_back(cast: Cast) -> None:
    admin, page = as_(cast.admin), "/secure/admin/center"
    assert "/center/back" not in page_of(admin.get(page)), "nothing to put back yet"
    admin.post(page, {"announcement": "Работы в субботу", "announcement_en": "Maintenance on Saturday"})
    admin.post(page, {"announcement": "", "announcement_en": ""})
    assert "Работы в субботу" in page_of(admin.get(page))
    assert "Работы в субботу" not in page_of(Client().get("/servicedesk/customer/portals"))
    assert as_(cast.lead).post(f"{page}/back").status_code == 404
    assert admin.post(f"{page}/back").status_code == 302
    assert "Работы в субботу" in page_of(Client().get("/servicedesk/customer/portals"))
    admin.post(f"{page}/back")
    assert "Работы в субботу" not in page_of(Client().get("/servicedesk/customer/portals"))


def test_texts_that_are_too_long_are_shown_again(cast: Cast) -> None:
    lead = as_(cast.lead)
    names = re.findall(r'name="((?:name|names-status_)[\w-]*)"', page_of(lead.get(f"{URL}/languages")))
    assert names
    for part in ("languages", "languages/names"):
        answer = lead.post(f"{URL}/{part}", dict.fromkeys(names, "ж" * 5001))
        assert answer.status_code == 422 and "ж" * 5001 in page_of(answer)
