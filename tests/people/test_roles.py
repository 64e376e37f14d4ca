"""Granting and revoking roles takes effect at once in every session (section 3.3)."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from otklik.desks.commands.create import set_role
from otklik.desks.commands.members import switch_off, switch_on, take_role, take_site
from otklik.journal.models import Event
from otklik.mail.models import OutboundMail
from otklik.people.actor import system
from otklik.people.commands.api_tokens import add_token, person_by_token
from otklik.people.models import Person
from tests.cast import PASSWORD, Cast
from tests.portal.helpers import as_, logged_in, mailed
from tests.portal.test_second_factor import set_up
from tests.refusing import refused_as

REQUESTS = "/servicedesk/customer/user/requests"
PROFILE = "/servicedesk/customer/user/profile"
LOGIN = "/servicedesk/customer/user/login"
TICKET = "/browse/ACCREDO-1"


@pytest.fixture(autouse=True)
def no_throttle_yet(db: None) -> None:
    cache.clear()


def alive(client: Client) -> bool:
    return client.get(REQUESTS).status_code == 200


def test_who_leaves_a_desk_is_logged_out_and_sees_it_no_more(cast: Cast) -> None:
    agent, lead = as_(cast.agent), as_(cast.lead)
    assert agent.get(TICKET).status_code == 200
    take_role(actor=system("cli"), at=timezone.now(), desk=cast.desk, person=cast.agent)
    assert not alive(agent) and alive(lead)
    assert as_(cast.agent).get(TICKET).status_code == 404
    assert Event.objects.filter(kind="desk.role_taken", data__person=cast.agent.pk).count() == 1
    with refused_as("desk.not_a_member"):
        take_role(actor=system("cli"), at=timezone.now(), desk=cast.desk, person=cast.agent)


def test_a_new_role_begins_with_a_new_login(cast: Cast) -> None:
    anna, boris = as_(cast.anna), as_(cast.boris)
    set_role(actor=system("cli"), at=timezone.now(), desk=cast.desk, person=cast.anna, role="agent")
    assert not alive(anna) and alive(boris)
    again = as_(cast.anna)
    set_role(actor=system("cli"), at=timezone.now(), desk=cast.desk, person=cast.anna, role="agent")
    assert alive(again), "nothing changed"


def test_who_no_longer_runs_the_site_is_logged_out_but_the_last_one_stays(cast: Cast) -> None:
    with refused_as("desk.last_admin"):
        take_site(actor=system("cli"), at=timezone.now(), person=cast.admin)
    Person.objects.filter(pk=cast.lead.pk).update(is_admin=True)
    admin = as_(cast.admin)
    take_site(actor=system("cli"), at=timezone.now(), person=cast.admin)
    assert not alive(admin)
    assert as_(cast.admin).get("/secure/admin/erasures").status_code == 404


def test_ab_07_who_is_switched_off_is_out_at_once_with_every_key(cast: Cast) -> None:
    agent = as_(cast.agent)
    _row, secret = add_token(actor=system("cli"), at=timezone.now(), person=cast.agent, name="x")
    switch_off(actor=system("cli"), at=timezone.now(), person=cast.agent)
    assert not alive(agent) and person_by_token(secret=secret, at=timezone.now()) is None
    assert Client().post(LOGIN, {"login": cast.agent.email, "password": PASSWORD}).status_code == 302
    switch_on(actor=system("cli"), at=timezone.now(), person=cast.agent)
    assert not alive(agent), "an old session does not come back"
    assert alive(logged_in(cast.agent))


def test_ab_35_a_new_password_is_told_by_mail(cast: Cast) -> None:
    new = {"oldpassword": PASSWORD, "password1": "облако в штанах", "password2": "облако в штанах"}
    assert logged_in(cast.anna).post(f"{PROFILE}/password", new).status_code == 302
    assert "Пароль изменён" in mailed("anna@clinic.test", "account_notice").text


def test_a_new_main_address_ends_the_other_sessions(cast: Cast) -> None:
    here, there = logged_in(cast.anna), as_(cast.anna)
    cast.anna.emailaddress_set.create(email="anna@home.test", verified=True)
    assert here.post(f"{PROFILE}/addresses/primary", {"address": "anna@home.test"}).status_code == 302
    assert alive(here) and not alive(there)


def test_a_second_factor_ends_the_other_sessions(cast: Cast) -> None:
    here, there = logged_in(cast.anna), as_(cast.anna)
    set_up(here)
    assert alive(here) and not alive(there)


def test_staff_get_no_login_code_and_are_told_why(cast: Cast) -> None:
    for who in (cast.agent, cast.admin):
        assert Client().post(f"{LOGIN}/code", {"email": who.email}).status_code == 302
        assert "паролем или ключом" in mailed(str(who.email), "no_login_code").text
    assert not OutboundMail.objects.filter(kind="login_code").exists()
