"""The login page in front of another page: the reason, and how to get an account."""

import re

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from otklik.desks.commands.create import add_desk
from otklik.desks.models import Desk
from otklik.people.actor import Actor, system
from otklik.people.commands.persons import ensure_person
from otklik.portal.views import forgot_password
from otklik.tickets.approvals import vote_token
from otklik.tickets.commands.approve import ask_approval
from otklik.tickets.models import Vote
from tests.cast import START, Cast
from tests.portal.helpers import as_, card, form, mailed, path_in, same

LOGIN = "/servicedesk/customer/user/login"


@pytest.fixture(autouse=True)
def quick(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(forgot_password, "SECONDS", 0.0)


def wall(goal: str) -> str:
    """Return the text of the login page that a guest gets at this address."""
    client = Client()
    response = client.get(goal, follow=True)
    assert response.request["PATH_INFO"] == LOGIN, response.request["PATH_INFO"]
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode().split("<main")[1]).split())


def test_the_form_of_a_type_says_what_was_chosen(cast: Cast) -> None:
    name = cast.desk.request_types.order_by("position")[0].name
    assert f"Чтобы отправить запрос «{name}», войдите." in wall(form(cast))


def test_a_type_that_is_not_for_everybody_is_not_named(cast: Cast) -> None:
    kind = cast.desk.request_types.order_by("position")[0]
    kind.restricted = True
    kind.save()
    page = wall(form(cast))
    assert "Чтобы отправить запрос, войдите." in page and kind.name not in page


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("requests", "Чтобы увидеть свои запросы, войдите."),
        ("approvals", "Чтобы увидеть, что вам нужно согласовать, войдите."),
        ("profile", "Чтобы открыть свой профиль, войдите."),
        ("profile/security", "Чтобы открыть свой профиль, войдите."),
        ("profile/contacts", "Чтобы открыть свой профиль, войдите."),
    ],
)
def test_each_page_says_what_one_logs_in_for(cast: Cast, address: str, why: str) -> None:
    assert why in wall(f"/servicedesk/customer/user/{address}")


def test_a_request_is_named_by_the_number_of_its_address_whether_it_exists_or_not(cast: Cast) -> None:
    assert f"Чтобы открыть запрос {cast.ticket.key}, войдите." in wall(card(cast))
    assert f"Чтобы открыть запрос {cast.ticket.key}, войдите." in wall(f"/browse/{cast.ticket.key}")
    there = cast.ticket.key
    pages = [same(Client().get(f"{LOGIN}?next={card(cast).replace(there, key)}")) for key in (there, "ACCREDO-999")]
    assert pages[0].replace(there, "ACCREDO-999") == pages[1]


def test_a_file_and_an_agents_page_say_so(cast: Cast) -> None:
    assert "Чтобы открыть файл, войдите." in wall("/servicedesk/customershim/secure/attachment/1/x.png")
    page = wall("/projects")
    assert "Чтобы открыть эту страницу, войдите." in page and "Нет учётной записи" not in page


def test_who_came_by_the_button_is_told_nothing_of_walls(cast: Cast) -> None:
    assert "Чтобы" not in wall(LOGIN) and "Чтобы" not in wall(f"{LOGIN}?next=/")


def test_the_way_to_an_account_names_the_desk_that_was_open(cast: Cast) -> None:
    page = wall(form(cast))
    assert "Нет учётной записи?" in page and "учётная запись появится сама" in page
    assert "accredo@desk.test" in page and "+7 495 000-00-00" in page and "other@desk.test" not in page


def test_without_an_open_desk_every_desk_is_named_up_to_three(cast: Cast) -> None:
    page = wall(LOGIN)
    assert "accredo@desk.test" in page and "other@desk.test" in page and "Аккредитация" in page
    assert "Все службы" not in page
    for key in ("AA", "BB"):
        add_desk(actor=system("cli"), at=START, key=key, name=key, address=f"{key.lower()}@desk.test")
    page = wall(LOGIN)
    assert "aa@desk.test" in page and "bb@desk.test" not in page and "Все службы" in page


def test_a_desk_that_is_reached_in_no_way_is_not_offered(cast: Cast) -> None:
    Desk.objects.update(phone="")
    cast.desk.channels.all().delete()
    cast.other_desk.channels.all().delete()
    assert "Нет учётной записи" not in wall(form(cast))


def test_registration_is_offered_where_allowed_and_leads_back_to_the_form(cast: Cast) -> None:
    assert "Зарегистрироваться" not in wall(form(cast))
    Desk.objects.update(signup=True)
    client = Client()
    page = client.get(form(cast), follow=True).content.decode()
    found = re.search(r'href="(/servicedesk/customer/user/signup\?[^"]+)"', page)
    assert found
    shown = client.get(found.group(1)).content.decode()
    assert f'name="next" value="{form(cast)}"' in shown
    client.post(found.group(1).split("?")[0], {"name": "Вера", "email": "vera@clinic.test", "next": form(cast)})
    client.get(path_in(mailed("vera@clinic.test", "sign_up"), "secure/FinishSignup/"))
    new = {"password1": "облако в штанах", "password2": "облако в штанах"}
    assert client.post("/servicedesk/customer/user/signup/finish", new)["Location"] == form(cast)


def test_the_page_for_codes_says_why_too_and_keeps_the_way_back(cast: Cast) -> None:
    page = Client().get(f"{LOGIN}/code?next={form(cast)}").content.decode()
    assert "Чтобы отправить запрос" in page and f"login?next={form(cast).replace('/', '%2F')}" in page


def test_an_approver_who_never_logged_in_gets_a_code_where_others_may_have_seen_the_link(cast: Cast) -> None:
    newcomer, _new = ensure_person(address="chief@clinic.test", name="Главный врач", at=START)
    ask_approval(actor=Actor(cast.agent, "agent"), at=START, ticket=cast.ticket, people=[newcomer], rule="all")
    vote = Vote.objects.get(person=newcomer)
    link = reverse("portal:answer_by_link", args=[vote_token(vote)])
    Vote.objects.update(link_seen_at=START)
    client = Client()
    page = client.get(link, follow=True).content.decode()
    assert "Вы ещё не задали пароль" in page and "chief@clinic.test" not in page
    assert client.post(f"{LOGIN}/code", {"to": vote_token(vote), "next": link}).status_code == 302
    assert mailed("chief@clinic.test", "login_code")
    newcomer.activated_at = START
    newcomer.save()
    assert "Вы ещё не задали пароль" not in wall(link) and "Эту ссылку мог увидеть" in wall(link)


def test_who_is_logged_in_meets_no_wall(cast: Cast) -> None:
    assert as_(cast.anna).get(form(cast)).status_code == 200
