"""Search for people by parts of their data, through the database's index."""

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from otklik.people.actor import system
from otklik.people.commands.logins import set_login
from otklik.people.commands.merge import merge_newcomer
from otklik.people.commands.persons import ensure_person, ensure_persons
from otklik.people.commands.phones import add_phone, remove_phone
from otklik.people.models import Person, PersonSearch
from otklik.people.search import with_pieces
from otklik.privacy.erase import erase_person
from otklik.workspace.callers import Typed, callers_like
from otklik.workspace.queries import known_callers
from tests.cast import START, Cast

CLI = {"actor": system("cli"), "at": START}


def found(*texts: str) -> set[str]:
    return set(Person.objects.filter(with_pieces(texts)).values_list("name", flat=True))


@pytest.fixture
def fedor(db: None) -> Person:
    person, _made = ensure_person(address="f.ozhigov@clinic-5.test", name="Фёдор Ожигов-Семёнов", at=START)
    add_phone(**CLI, person=person, number="+7 916 111-22-33")
    return set_login(**CLI, person=person, login="ЗамГлавВрача")


@pytest.mark.parametrize(
    "typed",
    [
        "Ожигов", "ожиг", "жиго", "федор", "ФЁДОР", "семенов федор", "ор Ож", "в-Сем", "f.ozhigov@clinic-5.test",
        "zhigov", "clinic-5", "@clinic", "главврач", "+7 916 111-22-33", "1112233", "916", "233",
    ],
)  # fmt: skip
def test_any_piece_finds_its_person(fedor: Person, typed: str) -> None:
    digits = "".join(c for c in typed if c.isdigit())
    assert found(typed, *([digits] if typed.strip("+0123456789 -") == "" else [])) == {fedor.name}


@pytest.mark.parametrize("name", ["Шон О’Коннор", "Пётр Ива–Нов", "Лаборатория 5№12", "Кафе\u0301 Мира", "a·b c_d"])
def test_a_name_with_any_sign_in_it_is_found_by_itself(db: None, name: str) -> None:
    ensure_person(address="somebody@x.test", name=name, at=START)
    for word in (name, *name.split()):
        assert found(word) == {name}


@pytest.mark.parametrize("typed", ["Ожигова", "фёдор иванов", "clinic-66", "917", "0' OR 1", "x'", "':* | 'щ"])
def test_what_does_not_stand_with_anybody_finds_nobody(fedor: Person, typed: str) -> None:
    assert found(typed) == set()


@pytest.mark.parametrize("typed", ["", "  ", "(((", ".*", "\\", "\0"])
def test_signs_alone_narrow_nothing(fedor: Person, typed: str) -> None:
    assert not with_pieces([typed])


def test_any_of_several_texts_is_enough(fedor: Person) -> None:
    ensure_person(address="ivan@x.test", name="Иван", at=START)
    assert found("ожигов", "ivan") == {fedor.name, "Иван"}


def test_the_index_keeps_up_whoever_writes(fedor: Person) -> None:
    Person.objects.filter(pk=fedor.pk).update(name="Пётр Новый")
    assert found("ожигов-семенов") == set() and found("петр нов") == {"Пётр Новый"}
    row = EmailAddress.objects.create(user=fedor, email="second@other.test", verified=True)
    assert found("second") == {"Пётр Новый"}
    row.delete()
    assert found("second") == set()
    remove_phone(**CLI, phone=fedor.phones.get())
    assert found("1112233") == set()
    set_login(**CLI, person=fedor, login="")
    assert found("замглав") == set()


def test_who_became_another_one_is_found_as_that(cast: Cast) -> None:
    newcomer, _made = ensure_person(address="home@anna.test", name="Анна дома", at=START)
    merge_newcomer(**CLI, person=cast.anna, newcomer=newcomer)
    EmailAddress.objects.create(user=cast.anna, email="home@anna.test", verified=True)
    assert found("home@anna") == {cast.anna.name} and found("дома") == set()


def test_a_person_goes_with_what_finds_them(fedor: Person) -> None:
    fedor.delete()
    connection.check_constraints()
    assert not PersonSearch.objects.exists()


def test_nothing_finds_an_erased_person(fedor: Person, home: object) -> None:
    erase_person(actor=system("cli"), at=timezone.now(), person=fedor, now=True)
    assert found("ожигов") == found("ozhigov") == found("1112233") == found("замглав") == set()


def test_pickers_and_the_call_page_read_the_index(cast: Cast) -> None:
    names = {f"p{number}@x.test": f"Человек {number}" for number in range(3_000)}
    ensure_persons(names=names, at=START)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE people_person, people_personsearch, account_emailaddress")
    for people in (known_callers(cast.agent, "петров"), callers_like(cast.agent, Typed(name="Петрова", phone="916"))):
        with CaptureQueriesContext(connection) as asked:
            list(people)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("EXPLAIN " + asked[0]["sql"])
            plan = "\n".join(row[0] for row in cursor.fetchall())
        assert "person_pieces" in plan and "Seq Scan on people_p" not in plan, plan


def test_an_agent_finds_somebody_by_login(cast: Cast) -> None:
    set_login(**CLI, person=cast.anna, login="а.петрова")
    assert list(known_callers(cast.agent, "а.петр")) == [cast.anna]
    assert list(known_callers(cast.agent_elsewhere, "а.петр")) == []
