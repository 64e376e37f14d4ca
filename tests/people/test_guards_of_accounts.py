"""What account links do not allow: other people's, deactivated and unproven accounts."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from otklik.desks.access import agents_of, is_agent, is_lead, led_desks, posts_of, usable_types, worked_desks
from otklik.desks.commands.help_center import change_center
from otklik.desks.commands.members import switch_on, take_role, take_site
from otklik.notify.commands.accounts import invite
from otklik.people.actor import Actor, system
from otklik.people.commands.account_activation import activate, issue_activation, person_to_activate
from otklik.people.commands.addresses import (
    choose_primary,
    prove_address,
)
from otklik.people.commands.api_tokens import add_token
from otklik.people.commands.organizations import (
    add_organization,
    change_organization,
)
from otklik.people.commands.persons import add_caller, ensure_person
from otklik.people.commands.profile import change_profile, choose_notices, choose_theme, reset_password
from otklik.people.commands.signup import finish_sign_up, issue_sign_up
from otklik.people.mailed_codes import is_code_live, note_code
from otklik.people.models import AccountToken, ApiToken, Organization, OrganizationMember, Person
from tests.cast import START, Cast
from tests.people.test_own_addresses import HOME, asked, proved
from tests.refusing import refused_as

PASSWORD = "ещё одна длинная сирень"


def newcomer(**fields: object) -> Person:
    """Return a person who only ever wrote from HOME."""
    made, _ = ensure_person(address=HOME, name="Дома", at=START)
    Person.objects.filter(pk=made.pk).update(**fields)
    return Person.objects.get(pk=made.pk)


def test_ab_36_a_link_to_prove_an_address_works_for_its_person_alone(cast: Cast) -> None:
    secret = asked(cast.anna)
    with refused_as("person.link_gone"):
        prove_address(actor=system(), at=START, person=cast.boris, secret=secret, may_merge=lambda _other: True)
    assert not EmailAddress.objects.filter(email=HOME).exists()
    prove_address(actor=system(), at=START, person=cast.anna, secret=secret, may_merge=lambda _other: True)
    assert EmailAddress.objects.get(email=HOME).user == cast.anna


@pytest.mark.parametrize("fields", [{"is_active": False}, {"is_admin": True}, {"activated_at": START}])
def test_ab_36_who_is_switched_off_or_has_power_is_no_newcomer(cast: Cast, fields: dict[str, object]) -> None:
    secret = asked(cast.anna)
    owner = newcomer(**fields)
    with refused_as("person.link_gone"):
        prove_address(actor=system(), at=START, person=cast.anna, secret=secret, may_merge=lambda _other: True)
    assert Person.objects.filter(pk=owner.pk).exists() and asked(cast.anna) == ""


def test_ab_36_who_has_a_further_address_is_no_newcomer(cast: Cast) -> None:
    secret = asked(cast.anna)
    EmailAddress.objects.create(user=newcomer(), email="second@home.test", verified=True, primary=False)
    with refused_as("person.link_gone"):
        prove_address(actor=system(), at=START, person=cast.anna, secret=secret, may_merge=lambda _other: True)


def test_ab_36_keys_of_a_newcomer_do_not_pass_to_who_takes_the_address_over(cast: Cast) -> None:
    secret = asked(cast.anna)
    owner = newcomer()
    ApiToken.objects.create(
        person=owner, name="x", prefix="x", digest="d" * 64, created_at=START, expires_at=START + timedelta(days=1)
    )
    prove_address(actor=system(), at=START, person=cast.anna, secret=secret, may_merge=lambda _other: True)
    assert not ApiToken.objects.filter(digest="d" * 64).exists()


def test_ab_35_an_own_address_that_is_not_proved_becomes_no_main_one(cast: Cast) -> None:
    proved(cast.anna)
    EmailAddress.objects.filter(email=HOME).update(verified=False)
    with refused_as("person.not_for_main_address"):
        choose_primary(actor=system(), at=START, person=cast.anna, address=HOME)


def test_ab_27_no_link_of_a_person_switched_off_works(cast: Cast) -> None:
    who = newcomer()
    secret, proof = issue_activation(person=who, at=START), asked(cast.anna, "more@home.test")
    Person.objects.filter(pk__in=[who.pk, cast.anna.pk]).update(is_active=False)
    with refused_as("person.link_gone"):
        person_to_activate(secret=secret, at=START)
    with refused_as("person.link_gone"):
        activate(secret=secret, password=PASSWORD, at=START)
    with refused_as("person.link_gone"):
        prove_address(actor=system(), at=START, person=cast.anna, secret=proof, may_merge=lambda _other: True)


def test_ab_24_a_sign_up_link_opens_no_account_of_somebody_else(cast: Cast) -> None:
    off, second = (issue_sign_up(address=one, name="", at=START) for one in (HOME, "second@home.test"))
    EmailAddress.objects.create(user=newcomer(is_active=False), email="second@home.test", verified=True, primary=False)
    with refused_as("person.link_gone"):
        finish_sign_up(secret=off, password=PASSWORD, at=START)
    Person.objects.filter(email=HOME).update(is_active=True)
    with refused_as("person.link_gone"):
        finish_sign_up(secret=second, password=PASSWORD, at=START)
    assert not Person.objects.get(email=HOME).has_usable_password()


def test_a_new_password_by_link_ends_every_other_link_under_way(cast: Cast) -> None:
    asked(cast.anna)
    issue_activation(person=cast.anna, at=START)
    reset_password(person=cast.anna, at=START, password=PASSWORD)
    assert not AccountToken.objects.filter(person=cast.anna).exists()


def test_ab_29_a_mailed_code_is_void_after_its_time(cast: Cast) -> None:
    note_code(person=cast.anna, code="1234-5678", at=START)
    assert is_code_live(person=cast.anna, code="12345678", at=START + timedelta(seconds=170))
    assert not is_code_live(person=cast.boris, code="12345678", at=START)
    assert not is_code_live(person=cast.anna, code="12345678", at=START + timedelta(hours=1))


def test_ab_40_nobody_switched_off_makes_a_key(cast: Cast) -> None:
    cast.anna.is_active = False
    with refused_as("person.token_name_missing"):
        add_token(actor=system(), at=START, person=cast.anna, name="x")


def test_ab_55_an_address_nobody_proved_makes_no_member_and_a_bare_host_is_no_organisation(cast: Cast) -> None:
    who, _made = ensure_person(address="new@hospital.test", name="", at=START)
    made = add_organization(actor=system(), at=START, name="Больница", domains=["hospital.test"])
    assert not OrganizationMember.objects.filter(organization=made, person=who).exists()
    EmailAddress.objects.filter(user=who).update(verified=True)
    with refused_as("person.domain_public"):
        add_organization(actor=system(), at=START, name="Хост", domains=["localhost"])


def test_ab_07_who_is_switched_off_works_nowhere(cast: Cast) -> None:
    for who in (cast.lead, cast.admin):
        assert is_lead(who, cast.desk) and worked_desks(who).exists() and led_desks(who).exists() and posts_of(who)
        who.is_active = False
        who.save()
        assert not is_agent(who, cast.desk) and not is_lead(who, cast.desk) and not posts_of(who)
        assert not worked_desks(who).exists() and not led_desks(who).exists()
        assert who not in agents_of(cast.desk)


def test_an_archived_type_is_nobodys(cast: Cast) -> None:
    kind = cast.desk.request_types.order_by("position")[0]
    kind.archived = True
    kind.save()
    for who in (cast.anna, cast.agent, cast.admin):
        assert kind not in usable_types(who, cast.desk)


def test_the_last_administrator_who_is_not_switched_off_stays(cast: Cast) -> None:
    Person.objects.filter(pk=cast.boris.pk).update(is_admin=True, is_active=False)
    with refused_as("desk.last_admin"):
        take_site(actor=system(), at=START, person=cast.admin)
    assert Person.objects.get(pk=cast.admin.pk).is_admin


def test_ab_07_the_site_is_run_by_administrators_who_are_not_switched_off_and_by_the_product(cast: Cast) -> None:
    assert system().runs_site and Actor(cast.admin, "agent").runs_site
    cast.admin.is_active = False
    for who in (cast.admin, cast.lead, cast.agent, cast.anna, None):
        assert not Actor(who, "system").runs_site, who


def test_the_help_centre_is_the_administrators(cast: Cast) -> None:
    for who in (cast.lead, cast.agent, cast.anna):
        with refused_as("person.admins_only"):
            change_center(actor=Actor(who, "agent"), at=START, announcement="Взломано", texts={})


def test_who_has_an_account_or_was_invited_just_now_is_not_invited(cast: Cast) -> None:
    with refused_as("notify.account_in_use"):
        invite(actor=Actor(cast.agent, "agent"), at=timezone.now(), person=cast.anna)
    who = newcomer()
    invite(actor=Actor(cast.agent, "agent"), at=timezone.now(), person=who)
    with refused_as("notify.invited_just_now"):
        invite(actor=Actor(cast.agent, "agent"), at=timezone.now(), person=who)
    off = newcomer(is_active=False)
    with refused_as("notify.cannot_be_invited"):
        invite(actor=Actor(cast.agent, "agent"), at=timezone.now() + timedelta(hours=1), person=off)


def test_ab_36_who_has_a_password_is_no_newcomer(cast: Cast) -> None:
    secret = asked(cast.anna)
    owner = newcomer()
    owner.set_password(PASSWORD)
    owner.save()
    with refused_as("person.link_gone"):
        prove_address(actor=system(), at=START, person=cast.anna, secret=secret, may_merge=lambda _other: True)
    assert Person.objects.filter(pk=owner.pk).exists() and asked(cast.anna) == ""


def test_ab_55_who_proves_a_further_address_joins_the_organisation_of_its_domain(cast: Cast) -> None:
    made = add_organization(actor=system(), at=START, name="Больница", domains=["home.test"])
    secret = asked(cast.anna)
    assert not OrganizationMember.objects.exists()
    prove_address(actor=system(), at=START, person=cast.anna, secret=secret, may_merge=lambda _other: True)
    row = OrganizationMember.objects.get()
    assert (row.organization, row.person, row.joined_at, row.sees_all) == (made, cast.anna, START, False)


def test_an_organisation_has_twenty_domains_and_no_more(cast: Cast) -> None:
    domains = [f"d{number}.test" for number in range(21)]
    with refused_as("person.too_many_domains"):
        add_organization(actor=system(), at=START, name="Сеть", domains=domains)
    made = add_organization(actor=system(), at=START, name="Сеть", domains=domains[:20])
    with refused_as("person.too_many_domains"):
        change_organization(
            actor=system(), at=START, organization=made, name="Сеть", domains=domains, open_inside=False
        )
    assert len(made.domains) == 20


def test_ab_40_the_twenty_first_key_is_one_too_many_and_keys_that_ended_count_no_more(cast: Cast) -> None:
    for number in range(20):
        add_token(actor=system(), at=START, person=cast.anna, name=f"x{number}")
    add_token(actor=system(), at=START, person=cast.boris, name="x")
    with refused_as("person.too_many_tokens"):
        add_token(actor=system(), at=START, person=cast.anna, name="x")
    add_token(actor=system(), at=START + timedelta(days=91), person=cast.anna, name="x")


def test_ab_35_the_main_address_is_not_chosen_again(cast: Cast) -> None:
    with refused_as("person.not_for_main_address"):
        choose_primary(actor=system(), at=START, person=cast.anna, address="anna@clinic.test")


def test_an_organisation_keeps_its_own_domains_and_gets_no_other_ones(cast: Cast) -> None:
    words: dict[str, Any] = {"actor": system(), "at": START, "open_inside": False}
    mine = add_organization(name="Сеть", domains=["clinic.test"], **words)
    other = add_organization(name="Другая", domains=["other.test"], **words)
    changed = change_organization(organization=mine, name="Сеть", domains=["clinic.test", "second.test"], **words)
    assert changed.domains == ["clinic.test", "second.test"]
    for name, domains in (("Сеть", ["other.test"]), ("Другая", ["clinic.test"])):
        with refused_as("person.domain_taken", "person.organization_name"):
            change_organization(organization=mine, name=name, domains=domains, **words)
    assert Organization.objects.get(pk=other.pk).domains == ["other.test"]


def test_nobody_loses_a_power_they_never_had(cast: Cast) -> None:
    Person.objects.filter(pk=cast.boris.pk).update(is_admin=True)
    with refused_as("desk.not_an_admin"):
        take_site(actor=system(), at=START, person=cast.anna)
    with refused_as("desk.not_a_member"):
        take_role(actor=system(), at=START, desk=cast.other_desk, person=cast.agent)
    assert Person.objects.filter(is_admin=True).count() == 2 and is_agent(cast.agent, cast.desk)
    with refused_as("desk.person_erased"):
        switch_on(actor=system(), at=START, person=add_caller(name="Звонивший", at=START))


def test_what_one_chooses_for_oneself_is_all_kept(cast: Cast) -> None:
    change_profile(person=cast.anna, at=START, name=" Анна  П. ", language="en", time_zone="Asia/Omsk", theme="dark")
    choose_notices(person=cast.anna, at=START, notices="digest", digest_hour=17)
    row = Person.objects.get(pk=cast.anna.pk)
    assert (row.name, row.language, row.time_zone, row.theme) == ("Анна П.", "en", "Asia/Omsk", "dark")
    assert (row.notices, row.digest_hour) == ("digest", 17)
    choose_theme(person=cast.anna, theme="")
    assert Person.objects.get(pk=cast.anna.pk).theme == ""


def test_an_agent_forgotten_by_roles_is_no_lead_and_an_anonymous_reader_nothing(cast: Cast) -> None:
    nobody = AnonymousUser()
    for asked_about in (is_agent, is_lead):
        assert asked_about(nobody, cast.desk) is False
    assert not worked_desks(nobody).exists() and not led_desks(nobody).exists()
    assert set(usable_types(nobody, cast.desk)) == set(usable_types(cast.anna, cast.desk))
