"""The pages of the story: texts and access."""

import pytest
from django.test import Client

from tests.cast import NOTE_CANARY, Cast
from tests.portal.helpers import as_, card, form

LOGIN = "/servicedesk/customer/user/login"


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def test_the_help_centre_is_open_to_anybody(cast: Cast) -> None:
    shown = page(Client(), "/servicedesk/customer/portals")
    assert "Центр поддержки" in shown and cast.desk.name in shown and cast.other_desk.name in shown


@pytest.mark.parametrize("address", ["/servicedesk/customer", "/servicedesk/customer/"])
def test_short_addresses_lead_to_the_help_centre(cast: Cast, address: str) -> None:
    assert Client().get(address)["Location"] == "/servicedesk/customer/portals"


def test_a_desk_shows_its_words_types_and_contacts(cast: Cast) -> None:
    cast.desk.announcement = "Сегодня <b>работы</b>"
    cast.desk.save()
    shown = page(Client(), f"/servicedesk/customer/portal/{cast.desk.pk}")
    for words in (
        *("Добро пожаловать! С помощью предоставленных опций можно создать запрос", "В чем требуется помощь?"),
        *("Ошибка", "Получить техническую консультацию", "Поддержка по общим ИТ-проблемам и вопросам"),
        *("Получить новую учетную запись", "Запросите новую учетную запись для внутренней системы"),
        *("accredo@desk.test", "+7 495 000-00-00", "Сегодня &lt;b&gt;работы&lt;/b&gt;", form(cast)),
    ):
        assert words in shown


def test_hidden_types_are_neither_shown_nor_taken(cast: Cast) -> None:
    kind = cast.desk.request_types.order_by("position")[0]
    kind.hidden = True
    kind.save()
    assert form(cast) not in page(Client(), f"/servicedesk/customer/portal/{cast.desk.pk}")
    assert as_(cast.anna).get(form(cast)).status_code == 404


def test_the_instruction_is_made_of_the_desks_settings(cast: Cast) -> None:
    shown = page(Client(), f"/servicedesk/customer/portal/{cast.desk.pk}/help")
    for words in (
        *("Как работать со службой технической поддержки", "accredo@desk.test", "+7 495 000-00-00"),
        *("Активировать мой аккаунт", "/secure/ForgotLoginDetails.jspa", "в течение 14 дней"),
    ):
        assert words in shown


def test_the_instruction_promises_no_mail_that_the_desk_does_not_send(cast: Cast) -> None:
    cast.desk.activation_mail, cast.desk.reopen_days = False, 0
    cast.desk.save()
    shown = page(Client(), f"/servicedesk/customer/portal/{cast.desk.pk}/help")
    assert "Активировать мой аккаунт" not in shown and "/secure/ForgotLoginDetails.jspa" in shown
    assert "дней" not in shown and "ответ станет новым запросом" in shown


def test_a_desk_without_phone_does_not_speak_of_one(cast: Cast) -> None:
    assert "По телефону" not in page(Client(), f"/servicedesk/customer/portal/{cast.other_desk.pk}/help")


def test_unknown_desks_and_types_are_404(cast: Cast) -> None:
    anna = as_(cast.anna)
    foreign = cast.other_desk.request_types.first()
    assert foreign
    for address in (
        *("/servicedesk/customer/portal/999", "/servicedesk/customer/portal/999/help"),
        f"/servicedesk/customer/portal/{cast.desk.pk}/create/{foreign.pk}",
        f"/servicedesk/customer/portal/{cast.desk.pk}/create/999999",
    ):
        assert anna.get(address).status_code == 404


def test_ab_44_the_card_is_for_its_people_and_the_desks_staff_alone(cast: Cast) -> None:
    for person in (cast.anna, cast.boris, cast.agent, cast.lead, cast.admin):
        assert "Не открывается протокол" in page(as_(person), card(cast))
    for person in (cast.stranger, cast.agent_elsewhere):
        unknown = as_(person).get(f"/servicedesk/customer/portal/{cast.desk.pk}/ACCREDO-999")
        hidden = as_(person).get(card(cast))
        assert (hidden.status_code, hidden.content) == (404, unknown.content)
    assert Client().get(card(cast))["Location"] == f"{LOGIN}?next={card(cast)}"


@pytest.mark.parametrize(
    "shape", ["%2e%2e/{key}", "{key}.", "{key};x", "{key}/", "/{key}", "{key}?format=json", "{low}"]
)
def test_ab_44_no_spelling_opens_what_is_not_yours(cast: Cast, shape: str) -> None:
    tail = shape.format(key=cast.ticket.key, low=cast.ticket.key.lower())
    assert as_(cast.stranger).get(f"/servicedesk/customer/portal/{cast.desk.pk}/{tail}").status_code == 404


def test_a_key_is_read_whatever_its_case_and_a_strange_desk_leads_to_its_own(cast: Cast) -> None:
    base = "/servicedesk/customer/portal"
    assert as_(cast.anna).get(f"{base}/{cast.desk.pk}/accredo-1").status_code == 200
    strayed = f"{base}/{cast.other_desk.pk}/ACCREDO-1"
    assert as_(cast.anna).get(strayed)["Location"] == card(cast), "Jira finds the request by its key alone"
    assert as_(cast.stranger).get(strayed).status_code == 404


def test_ab_48_no_page_of_the_portal_shows_a_note(cast: Cast) -> None:
    for person in (cast.anna, cast.boris, cast.agent, cast.admin):
        for address in (card(cast), card(cast, "/activity"), "/servicedesk/customer/user/requests?reporter=all"):
            assert NOTE_CANARY not in page(as_(person), address)


def test_ab_63_pages_made_for_somebody_are_kept_by_no_cache(cast: Cast) -> None:
    for address in (
        card(cast),
        "/servicedesk/customer/user/requests",
        "/servicedesk/customer/user/profile",
        form(cast),
    ):
        assert "no-store" in as_(cast.anna).get(address)["Cache-Control"]


@pytest.mark.parametrize(
    "address",
    [
        "/admin/",
        "/media/",
        "/files/",
        "/accounts/login/",
        "/api/",
        "/debug",
        "/.env",
        "/setup",
        "/signup",
        "/static/../manage.py",
    ],
)
def test_ab_62_well_known_places_hold_nothing(cast: Cast, address: str) -> None:
    assert Client().get(address).status_code == 404


def test_the_english_reader_reads_english(cast: Cast) -> None:
    client = Client()
    client.cookies["otklik_language"] = "en"
    assert "Help center" in page(client, "/servicedesk/customer/portals")
