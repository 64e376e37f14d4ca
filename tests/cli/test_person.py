"""`otklik person`, `token`, `organization`: what each changes, and that refused commands change nothing."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.utils import timezone
from typer.testing import CliRunner, Result

from otklik.cli.organization import app as organizations
from otklik.cli.person import app as people
from otklik.cli.token import app as tokens
from otklik.desks.models import Membership
from otklik.mail.models import OutboundMail
from otklik.people import login_throttle
from otklik.people.actor import Actor
from otklik.people.commands.own_data import ask_for_erasure
from otklik.people.models import ApiToken, LoginSession, Organization, OrganizationMember, Person
from tests.cast import PASSWORD, START, Cast, as_

ANNA, NEW = "anna@clinic.test", "nina@clinic.test"
LONG = "сирень и черёмуха цветут"


@pytest.fixture(autouse=True)
def _own_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the command from starting the embedded server; it uses the test's database."""
    monkeypatch.setenv("DATABASE_URL", "postgresql:///as-configured")


def person(*words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(people, list(words), input=typed)


def standing() -> list[Any]:
    """Return what a refused command must leave unchanged."""
    return [
        list(Person.objects.order_by("pk").values("email", "name", "password", "is_admin", "is_active")),
        list(Membership.objects.order_by("pk").values("person", "desk", "role")),
        OutboundMail.objects.count(),
    ]


def test_a_person_is_added_with_a_proved_address_where_a_password_is_given(cast: Cast) -> None:
    said = person("add", NEW, "--name", "Нина", "--role", "agent", "--desk", "accredo", "--password-stdin", typed=LONG)
    assert said.exit_code == 0, said.output
    nina = Person.objects.get(email=NEW)
    assert nina.check_password(LONG) and nina.activated_at and EmailAddress.objects.get(user=nina).verified
    assert Membership.objects.get(person=nina).role == "agent" and not nina.is_admin
    assert person("add", "x@clinic.test", "--name", "X").exit_code == 0
    plain = Person.objects.get(email="x@clinic.test")
    assert plain.activated_at is None and not plain.has_usable_password()


def test_a_known_person_keeps_password_and_powers_that_nobody_speaks_of(cast: Cast) -> None:
    assert person("add", "admin@desk.test", "--name", "Ада М.").exit_code == 0
    ada = Person.objects.get(pk=cast.admin.pk)
    assert (ada.name, ada.is_admin) == ("Ада М.", True) and ada.check_password(PASSWORD)
    assert person("add", ANNA, "--name", "Анна", "--role", "admin").exit_code == 0
    assert Person.objects.get(pk=cast.anna.pk).is_admin
    assert person("add", "boris@clinic.test", "--name", "Б", "--role", "customer", "--desk", "ACCREDO").exit_code == 0
    assert not Membership.objects.filter(person=cast.boris).exists()


@pytest.mark.parametrize(
    ("words", "typed"),
    [
        (["add", NEW, "--name", "Нина", "--role", "agent"], None),
        (["add", NEW, "--name", "Нина", "--role", "lead"], None),
        (["add", NEW, "--name", "Нина", "--role", "king"], None),
        (["add", NEW, "--name", "Нина", "--role", "agent", "--desk", "NONE"], None),
        (["add", "no address", "--name", "Нина"], None),
        (["add", NEW, "--name", "Нина", "--password-stdin"], "short"),
        (["add", NEW, "--name", "Нина", "--password-stdin"], "password1234567"),
        (["invite", NEW, "--role", "agent"], None),
        (["invite", ANNA], None),
        (["erase", ANNA, "--confirm", "boris@clinic.test"], None),
        (["erase", ANNA], "boris@clinic.test\n"),
        (["erase", "agent@desk.test", "--confirm", "agent@desk.test"], None),
        (["erase", "nobody@clinic.test", "--confirm", "nobody@clinic.test"], None),
        (["remove", ANNA], None),
        (["remove", ANNA, "--desk", "ACCREDO"], None),
        (["remove", "agent@desk.test", "--desk", "OTHER"], None),
        (["remove", "admin@desk.test"], None),
        (["off", "nobody@clinic.test"], None),
        (["on", "nobody@clinic.test"], None),
        (["reset-factor", "nobody@clinic.test"], None),
    ],
)
def test_what_is_refused_changes_nothing(cast: Cast, words: list[str], typed: str | None) -> None:
    before = standing()
    assert person(*words, typed=typed).exit_code != 0
    assert standing() == before


def test_a_wish_to_be_forgotten_waits_its_time_unless_told_otherwise(cast: Cast) -> None:
    ask_for_erasure(actor=Actor(cast.anna, "portal"), at=timezone.now(), person=cast.anna)
    assert person("erase", ANNA, "--confirm", ANNA).exit_code != 0
    assert Person.objects.get(pk=cast.anna.pk).email == ANNA
    assert person("erase", ANNA, "--confirm", ANNA.upper(), "--now").exit_code == 0
    assert Person.objects.get(pk=cast.anna.pk).email is None


def test_who_lost_the_second_factor_is_freed_of_it_logged_out_and_told(cast: Cast) -> None:
    for kind in (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN):
        Authenticator.objects.create(user=cast.anna, type=kind, data={"secret": "x"})
    other = Authenticator.objects.create(user=cast.boris, type=Authenticator.Type.TOTP, data={"secret": "x"})
    while login_throttle.may_guess(kind="factor", whose=login_throttle.account_of(cast.anna, ""), at=timezone.now()):
        pass
    browser = as_(cast.anna)
    assert person("reset-factor", ANNA).exit_code == 0
    assert list(Authenticator.objects.all()) == [other]
    assert browser.get("/servicedesk/customer/user/requests").status_code == 302
    assert login_throttle.may_guess(kind="factor", whose=login_throttle.account_of(cast.anna, ""), at=timezone.now())
    assert OutboundMail.objects.filter(recipient=ANNA, kind="account_notice").count() == 1


@pytest.mark.parametrize("act", [["off", "agent@desk.test"], ["remove", "agent@desk.test", "--desk", "accredo"]])
def test_who_loses_a_power_is_out_at_once(cast: Cast, act: list[str]) -> None:
    browser = as_(cast.agent)
    assert browser.get("/browse/ACCREDO-1").status_code == 200
    assert person(*act).exit_code == 0
    assert browser.get("/browse/ACCREDO-1").status_code in {302, 404}
    assert not LoginSession.objects.filter(person=cast.agent).exists()
    if act[0] == "off":
        assert person("on", "agent@desk.test").exit_code == 0
        assert Person.objects.get(pk=cast.agent.pk).is_active and Membership.objects.filter(person=cast.agent).exists()


def test_a_key_is_made_for_its_days_listed_without_its_secret_and_revoked(cast: Cast) -> None:
    made = CliRunner().invoke(tokens, ["add", ANNA, "--name", "Отчёты", "--days", "7"])
    assert made.exit_code == 0
    row = ApiToken.objects.get()
    assert row.person == cast.anna and 6 <= (row.expires_at - timezone.now()).days <= 7
    ApiToken.objects.create(
        person=cast.boris, name="чужой", prefix="p", digest="d" * 64, created_at=START, expires_at=START
    )
    listed = CliRunner().invoke(tokens, ["list", ANNA]).output
    assert "Отчёты" in listed and "чужой" not in listed and made.output.strip() not in listed
    for wrong in (["revoke", "999999999"], ["add", ANNA, "--name", " "], ["add", "nobody@x.test", "--name", "x"]):
        assert CliRunner().invoke(tokens, wrong).exit_code != 0
    assert CliRunner().invoke(tokens, ["add", ANNA, "--name", "x", "--days", "0"]).exit_code == 2
    assert ApiToken.objects.count() == 2
    assert CliRunner().invoke(tokens, ["revoke", str(row.pk)]).exit_code == 0
    assert list(ApiToken.objects.values_list("name", flat=True)) == ["чужой"]


def test_an_organisation_is_added_changed_and_its_members_set_and_removed(cast: Cast) -> None:
    def run(*words: str) -> Result:
        return CliRunner().invoke(organizations, list(words))

    assert run("add", "Клиника", "--domain", "clinic.test").exit_code == 0
    made = Organization.objects.get()
    assert (made.domains, made.open_inside, made.members.count()) == (["clinic.test"], False, 2)
    assert run("add", " Клиника ", "--open").exit_code == 0
    made.refresh_from_db()
    assert (made.domains, made.open_inside) == ([], True)
    assert run("member", "Клиника", "stranger@elsewhere.test", "--sees-all").exit_code == 0
    assert OrganizationMember.objects.get(person=cast.stranger).sees_all
    assert run("member", "Клиника", "stranger@elsewhere.test", "--remove").exit_code == 0
    assert not OrganizationMember.objects.filter(person=cast.stranger).exists()
    assert run("member", "Нет такой", ANNA).exit_code != 0
    assert run("add", "Почта", "--domain", "mail.ru").exit_code != 0
    assert Organization.objects.count() == 1
