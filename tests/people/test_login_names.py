"""Login names, and people from other systems' directories."""

import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from typer.testing import CliRunner

from otklik.cli import person as cli
from otklik.core import blobs
from otklik.journal.models import Event
from otklik.people.actor import Actor, system
from otklik.people.commands.addresses import choose_primary
from otklik.people.commands.logins import UnableToSetLogin, add_from_directory, set_login
from otklik.people.commands.merge import merge_newcomer
from otklik.people.commands.persons import ensure_person
from otklik.people.login_names import person_named
from otklik.people.models import Person
from otklik.privacy.archive import personal_archive
from otklik.privacy.erase import erase_person
from otklik.tickets.commands.comment import comment
from otklik.tickets.content import Words
from tests.cast import PASSWORD, START, Cast
from tests.meanwhile import meanwhile
from tests.people.test_own_addresses import HOME
from tests.refusing import refused_as

CLI = {"actor": system("cli"), "at": START}
LOGIN = "/servicedesk/customer/user/login"


@pytest.fixture(autouse=True)
def no_throttle_yet(db: None) -> None:
    cache.clear()


def named(cast: Cast, login: str = "А.Петрова") -> Person:
    return set_login(**CLI, person=cast.anna, login=login)


def enter(login: str, password: str = PASSWORD) -> int:
    return Client().post(LOGIN, {"login": login, "password": password}).status_code


@pytest.mark.parametrize("login", ["А.Петрова", "а.петрова", " А.ПЕТРОВА ", "anna@clinic.test"])
def test_a_person_logs_in_by_login_or_address(cast: Cast, login: str) -> None:
    named(cast)
    assert enter(login) == 302


def test_without_a_login_of_ones_own_the_address_is_the_login(cast: Cast) -> None:
    assert cast.anna.login_name == "anna@clinic.test" and person_named("Anna@clinic.test") == cast.anna
    assert named(cast).login_name == "А.Петрова" and person_named("а.петрова") == cast.anna
    assert person_named("anna@clinic.test") == cast.anna and person_named("") is None
    assert named(cast, "").login_name == "anna@clinic.test"


@pytest.mark.parametrize("login", ["nobody", "А.Петров", "anna"])
def test_a_login_that_is_nobodys_is_refused_like_a_wrong_password(cast: Cast, login: str) -> None:
    named(cast)
    wrong = Client().post(LOGIN, {"login": "anna@clinic.test", "password": "не тот пароль"})
    unknown = Client().post(LOGIN, {"login": login, "password": "не тот пароль"})
    assert (wrong.status_code, unknown.status_code) == (422, 422)
    errors = [answer.context["form"].errors.as_json() for answer in (wrong, unknown)]
    assert errors[0] == errors[1]


def test_ab_38_guesses_by_login_and_by_address_count_together(cast: Cast) -> None:
    named(cast)
    for turn in range(12):
        enter("А.Петрова" if turn % 2 else "anna@clinic.test", "не тот пароль")
    assert enter("anna@clinic.test") == 422 and enter("А.Петрова") == 422


@pytest.mark.parametrize("login", ["два слова", "a@b", "x" * 151, "a\tb", "a\u200bb", "@"])
def test_what_is_no_login_is_refused(cast: Cast, login: str) -> None:
    with refused_as("person.login_invalid"):
        named(cast, login)
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.filter(pk=cast.anna.pk).update(login="a@b")


def test_a_login_is_one_persons_in_whatever_case(cast: Cast) -> None:
    named(cast)
    with pytest.raises(UnableToSetLogin, match="а\\.петрова"):
        set_login(**CLI, person=cast.boris, login="а.петрова")
    assert named(cast, "а.Петрова").login == "а.Петрова"


def test_only_admins_and_the_product_give_logins(cast: Cast) -> None:
    for who in (cast.anna, cast.lead, None):
        with refused_as("person.admins_only"):
            set_login(actor=Actor(who, "agent"), at=START, person=cast.anna, login="anna")
    assert set_login(actor=Actor(cast.admin, "agent"), at=START, person=cast.anna, login="anna").login == "anna"
    event = Event.objects.latest("id")
    assert (event.kind, event.subject_id, event.data) == (
        "person.login_changed", cast.anna.pk, {"before": None, "after": "anna"},
    )  # fmt: skip
    named(cast, "anna")
    assert Event.objects.latest("id") == event


def test_another_main_address_leaves_the_login_alone(cast: Cast) -> None:
    named(cast)
    cast.anna.emailaddress_set.create(email=HOME, verified=True)
    choose_primary(actor=Actor(cast.anna, "portal"), at=START, person=cast.anna, address=HOME)
    assert enter("А.Петрова") == 302 and enter(HOME) == 302


def test_two_persons_of_two_directories_with_one_address_stay_two(db: None) -> None:
    one, made = add_from_directory(**CLI, source_key="a:1", name="Иван", address="ivan@x.test", login="ivan")
    two, other = add_from_directory(**CLI, source_key="b:7", name="Иван П.", address="Ivan@x.test", login="ivan.p")
    assert made and other and one.pk != two.pk
    assert (one.email, one.address_note, two.email, two.address_note) == ("ivan@x.test", "", None, "ivan@x.test")
    assert person_named("ivan") == person_named("ivan@x.test") == one and person_named("ivan.p") == two


@pytest.mark.django_db(transaction=True)
def test_two_directories_at_once_do_not_take_one_person_twice() -> None:
    ensure_person(address="ivan@x.test", name="Иван", at=START)
    row = {"name": "Иван", "address": "ivan@x.test"}
    with meanwhile(lambda: add_from_directory(**CLI, source_key="a:1", **row)) as second:
        other, _made = add_from_directory(**CLI, source_key="b:7", **row)
    assert second.waited and (other.email, other.address_note) == (None, "ivan@x.test")
    assert Person.objects.get(email="ivan@x.test").source_key == "a:1"


def test_a_directory_finds_its_people_again_and_changes_nothing_on_them(db: None) -> None:
    one, _made = add_from_directory(**CLI, source_key="a:1", name="Иван", address="ivan@x.test", login="ivan")
    again, made = add_from_directory(**CLI, source_key="a:1", name="Другой", address="other@x.test", login="else")
    assert (again.pk, made, again.name, again.login, again.email) == (one.pk, False, "Иван", "ivan", "ivan@x.test")


def test_who_came_by_mail_before_is_the_directorys_person(db: None) -> None:
    known, _made = ensure_person(address="ivan@x.test", name="Иван", at=START)
    person, made = add_from_directory(**CLI, source_key="a:1", name="И. Петров", address="ivan@x.test", login="ivan")
    assert (person.pk, made, person.name, person.source_key, person.login) == (known.pk, False, "Иван", "a:1", "ivan")


@pytest.mark.parametrize(("key", "login", "address"), [("", "ivan", ""), ("a:1", "a b", ""), ("x" * 201, "", "")])
def test_a_directorys_bad_row_leaves_nothing(db: None, key: str, login: str, address: str) -> None:
    with refused_as("person.source_key_length", "person.login_invalid"):
        add_from_directory(**CLI, source_key=key, name="Иван", address=address, login=login)
    assert not Person.objects.exists()


def test_an_erased_person_leaves_no_login_and_gives_it_free(cast: Cast, home: Path) -> None:
    person, _made = add_from_directory(**CLI, source_key="a:777", name="Иван Зюзин", address="z@x.test", login="zuzin")
    erase_person(actor=system("cli"), at=timezone.now(), person=person, now=True)
    person.refresh_from_db()
    assert (person.login, person.source_key, person.address_note) == (None, "", "")
    assert not Event.objects.filter(data__icontains="zuzin").exists()
    assert named(cast, "zuzin").login == "zuzin"


def test_who_becomes_another_one_leaves_them_login_and_key_where_they_have_none(cast: Cast) -> None:
    """Otherwise the next import would create the person again, and filters would no longer know the login."""
    row = {"name": "Анна", "address": "home@anna.test", "login": "a.petrova"}
    newcomer, _made = add_from_directory(**CLI, source_key="a:1", **row)
    merge_newcomer(**CLI, person=cast.anna, newcomer=newcomer)
    assert person_named("a.petrova") == cast.anna
    assert add_from_directory(**CLI, source_key="a:1", **row) == (cast.anna, False)
    other, _made = add_from_directory(**CLI, source_key="a:2", name="Она же", address="x@anna.test", login="anna2")
    merge_newcomer(**CLI, person=cast.anna, newcomer=other)
    cast.anna.refresh_from_db()
    assert (cast.anna.login, cast.anna.source_key) == ("a.petrova", "a:1")


def test_the_login_of_an_erased_person_goes_as_a_word_and_takes_no_letters_along(cast: Cast, home: Path) -> None:
    named(cast, "ann")
    said = comment(
        actor=Actor(cast.agent, "agent"), at=timezone.now(), ticket=cast.ticket, words=Words("Planned with ann, ANN-2.")
    )
    erase_person(actor=system("cli"), at=timezone.now(), person=cast.anna, now=True)
    said.refresh_from_db()
    assert said.text == "Planned with …, …-2."


def test_ones_own_data_names_the_login(cast: Cast, home: Path) -> None:
    digest, _size = personal_archive(named(cast), START + timedelta(days=1))
    with zipfile.ZipFile(blobs.path_of(digest)) as archive:
        person = json.loads(archive.read("data.json"))["person"]
    assert person["login"] == "А.Петрова" and person["directory"] == {"key": "", "address": ""}


def test_the_command_line_gives_logins_and_takes_them(cast: Cast) -> None:
    def said(*words: str) -> str:
        return CliRunner().invoke(cli.app, list(words)).output.strip()

    assert said("login", "anna@clinic.test", "anna") == "anna@clinic.test: logs in as anna"
    assert said("login", "anna", "") == "anna@clinic.test: logs in as anna@clinic.test"
    assert said("from-directory", "jira:1", "--name", "Иван", "--login", "ivan") == "ivan: added"
    words = ("from-directory", "crm:2", "--name", "Анна", "--mail", "anna@clinic.test")
    assert said(*words) == "anna@clinic.test: known"
    assert said("from-directory", "other:3", "--name", "Анна", "--mail", "anna@clinic.test").endswith("kept as a note")
