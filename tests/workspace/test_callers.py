"""Callers are found by phone, name and address together; new numbers and addresses are added to known people."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import Page, Route, expect

from otklik.journal.models import Event
from otklik.people.actor import Actor, system
from otklik.people.commands.persons import add_caller
from otklik.people.commands.phones import add_phone
from otklik.people.models import Person
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import Words
from otklik.tickets.models import Message, Ticket
from otklik.workspace.callers import Typed, callers_like
from tests.cast import START, Cast
from tests.workspace.helpers import as_, hidden, page_of

CREATE = "/projects/ACCREDO/create"


def asked_before(cast: Cast, name: str, *numbers: str, address: str = "") -> Person:
    """Return a person with a ticket at the desk."""
    person = add_caller(name=name, at=START)
    if address:
        Person.objects.filter(pk=person.pk).update(email=address)
        person.emailaddress_set.create(email=address, primary=True)
    for number in numbers:
        add_phone(actor=system(), at=START, person=person, number=number)
    open_ticket(
        actor=Actor(cast.agent, "agent"), at=START, desk=cast.desk, channel="phone", subject="Раньше",
        words=Words(""), requester=person,
    )  # fmt: skip
    return person


def found(cast: Cast, **typed: str) -> list[str]:
    return [person.name for person in callers_like(cast.agent, Typed(**typed))]


def call(client: Client, cast: Cast, **words: str) -> dict[str, str]:
    page = page_of(client.get(CREATE))
    kind, level = cast.desk.request_types.order_by("position")[1], cast.desk.priorities.get(name="Высокий")
    usual = {"subject": "Не печатает", "description": "", "nonce": hidden(page, "nonce")}
    return {**usual, "request_type": str(kind.pk), "priority": str(level.pk), **words}


def part(client: Client, **words: str) -> str:
    return page_of(client.post(f"{CREATE}/caller", words, headers={"HX-Request": "true"}))


def test_an_unknown_number_does_not_hide_who_is_found_by_name(cast: Cast) -> None:
    asked_before(cast, "Елена Сидорова", "+7 916 111-22-33")
    assert found(cast, phone="8 999 000-11-22", name="Сидорова") == ["Елена Сидорова"]
    assert found(cast, name="сидорова", address="nobody@nowhere.test") == ["Елена Сидорова"]
    page = part(as_(cast.agent), phone="8 999 000-11-22", name="Сидорова")
    assert "Елена Сидорова" in page and "Тот же человек: добавить номер" in page and "новый человек" not in page


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ({"name": "Анна", "phone": "+7 916 111-22-33"}, "Анна Иванова"),
        ({"name": "Анна", "phone": "111-22-33"}, "Анна Иванова"),
        ({"name": "Анна", "address": "a.sem@clinic.test"}, "Анна Семёнова"),
        ({"name": "Семенова Анна Викторовна"}, "Анна Семёнова"),
        ({"name": "Анна Иванова", "address": "a.sem@clinic.test"}, "Анна Семёнова"),
        ({"name": "Анна"}, "Анна"),
    ],
)
def test_the_likeliest_stands_first(cast: Cast, typed: dict[str, str], first: str) -> None:
    asked_before(cast, "Анна Иванова", "+7 916 111-22-33")
    asked_before(cast, "Анна Семёнова", address="a.sem@clinic.test")
    asked_before(cast, "Анна")
    assert found(cast, **typed)[0] == first


def test_signs_in_a_name_are_only_signs(cast: Cast) -> None:
    asked_before(cast, "О'Хара (бухгалтерия) [2] \\ +")
    assert found(cast, name="(бухгалтерия)") == ["О'Хара (бухгалтерия) [2] \\ +"]
    for name in (".*.*", "[[[", "(((", "\\\\\\", "%%%", "a" * 500, "+7+"):
        assert found(cast, name=name) == [], name


def test_ab_47_only_people_of_own_desks_are_found(cast: Cast) -> None:
    assert found(cast, name="Степан", address="stranger@elsewhere.test") == []
    assert [one.name for one in callers_like(cast.agent_elsewhere, Typed(name="Анна"))] == []


def test_a_known_person_gets_the_number(cast: Cast) -> None:
    person = asked_before(cast, "Елена Сидорова", "+7 916 111-22-33")
    client = as_(cast.agent)
    chosen = part(client, phone="8 999 000-11-22", name="Сидорова", choose=str(person.pk))
    assert "8 999 000-11-22" in chosen and "он будет добавлен" in chosen
    client.post(CREATE, call(client, cast, person=str(person.pk), phone="8 999 000-11-22"))
    assert set(person.phones.values_list("number", flat=True)) == {"+79161112233", "+79990001122"}
    assert Person.objects.filter(name__contains="Сидорова").count() == 1


def test_who_was_known_by_telephone_only_gets_the_address(cast: Cast) -> None:
    person = asked_before(cast, "Елена Сидорова")
    client = as_(cast.agent)
    assert "Тот же человек: добавить адрес" in part(client, name="Сидорова", address="Lena@Clinic.test")
    client.post(CREATE, call(client, cast, person=str(person.pk), address="Lena@Clinic.test"))
    person.refresh_from_db()
    assert person.email == "lena@clinic.test" and Event.objects.filter(kind="person.address_given").count() == 1


def test_ab_nobody_takes_an_address_from_its_owner_or_gives_a_second_one(cast: Cast) -> None:
    person, client = asked_before(cast, "Елена Сидорова"), as_(cast.agent)
    answer = client.post(CREATE, call(client, cast, person=str(person.pk), address="anna@clinic.test"))
    assert answer.status_code == 422 and "принадлежит другому человеку" in page_of(answer)
    person.refresh_from_db()
    assert person.email is None
    client.post(CREATE, call(client, cast, person=str(cast.anna.pk), address="other@clinic.test"))
    cast.anna.refresh_from_db()
    assert cast.anna.email == "anna@clinic.test"
    assert "не добавляется" in part(client, choose=str(cast.anna.pk), address="other@clinic.test")


def test_who_takes_the_call_has_it_unless_another_is_chosen(cast: Cast) -> None:
    client = as_(cast.agent)
    for sent, who in (({}, cast.agent), ({"assignee": str(cast.lead.pk)}, cast.lead), ({"assignee": ""}, None)):
        client.post(CREATE, call(client, cast, name="Ольга", new_person="1", **sent))
        assert Ticket.objects.latest("id").assignee == who
    before = Ticket.objects.count()
    answer = client.post(CREATE, call(client, cast, name="Ольга", new_person="1", assignee=str(cast.anna.pk)))
    assert answer.status_code == 422 and "Выберите сотрудника этой службы" in page_of(answer)
    assert Ticket.objects.count() == before


def test_a_call_without_a_description_shows_its_subject(cast: Cast) -> None:
    client = as_(cast.agent)
    client.post(CREATE, call(client, cast, name="Ольга", subject="Не печатает <b>"))
    page = page_of(client.get(f"/browse/{Ticket.objects.latest('id').key}"))
    assert "(без текста)" not in page and "<p>Не печатает &lt;b&gt;</p>" in page
    assert Message.objects.latest("id").text == ""


def test_many_callers_cost_as_many_queries_as_one(cast: Cast) -> None:
    client = as_(cast.agent)
    asked_before(cast, "Ольга Первая")
    part(client, name="Ольга", address="free@clinic.test")
    with CaptureQueriesContext(connection) as one:
        part(client, name="Ольга", address="free@clinic.test")
    for number in range(4):
        asked_before(cast, f"Ольга {number}", f"+7 916 111-22-3{number}")
    with CaptureQueriesContext(connection) as many:
        part(client, name="Ольга", address="free@clinic.test")
    assert len(many) == len(one)


@pytest.mark.browser
def test_a_call_from_a_new_number_makes_no_double(agents_page: Page, live: Cast) -> None:
    agents_page.goto(CREATE)
    agents_page.get_by_label("Телефон").press_sequentially("89990001122")
    agents_page.get_by_label("Имя").press_sequentially("петрова")
    agents_page.get_by_role("button", name="Тот же человек: добавить номер").click()
    expect(agents_page.locator("#who")).to_contain_text("он будет добавлен")
    agents_page.get_by_label("Тема").fill("Не печатает")
    agents_page.get_by_role("button", name="Зарегистрировать").click()
    expect(agents_page.locator(".number-big")).to_have_text("ACCREDO-2")
    assert live.anna.phones.get().number == "+79990001122"
    assert Ticket.objects.get(key="ACCREDO-2").assignee == live.agent


@pytest.mark.browser
def test_a_late_answer_takes_no_words_out_of_the_field_that_one_writes_in(agents_page: Page, live: Cast) -> None:
    held: list[Route] = []
    agents_page.goto(CREATE)
    agents_page.get_by_label("Телефон").press_sequentially("89990001122")
    agents_page.get_by_label("Имя").press_sequentially("петрова")
    choose = agents_page.get_by_role("button", name="Тот же человек: добавить номер")
    expect(choose).to_be_visible()
    agents_page.route("**/caller*", lambda route: held.append(route))
    with agents_page.expect_request("**/caller*"):
        choose.click()
    subject = agents_page.get_by_label("Тема")
    subject.press_sequentially("Не печа")
    held[0].continue_()
    expect(agents_page.locator("#who")).to_contain_text("он будет добавлен")
    agents_page.wait_for_function("() => !document.querySelector('.htmx-settling, .htmx-added')")
    agents_page.keyboard.type("тает")
    expect(subject).to_have_value("Не печатает")
    expect(agents_page.get_by_label("Телефон")).to_have_value("89990001122")


@pytest.mark.browser
def test_who_chose_a_caller_is_not_put_back_on_the_number(agents_page: Page, live: Cast) -> None:
    agents_page.goto(CREATE)
    expect(agents_page.get_by_label("Телефон")).to_be_focused()
    agents_page.keyboard.type("89990001122")
    agents_page.get_by_label("Имя").press_sequentially("петрова")
    agents_page.get_by_role("button", name="Тот же человек: добавить номер").click()
    expect(agents_page.get_by_role("heading", name="Кто звонит?")).to_be_focused()
    agents_page.get_by_role("button", name="Другой человек").click()
    expect(agents_page.get_by_label("Телефон")).to_be_focused()


def test_an_address_that_somebody_has_is_offered_to_nobody_else(cast: Cast) -> None:
    asked_before(cast, "Елена Сидорова", "+7 916 111-22-33")
    free = part(as_(cast.agent), name="Сидорова", address="nobody@nowhere.test")
    taken = part(as_(cast.agent), name="Сидорова", address="stranger@elsewhere.test")
    assert "добавить адрес" in free and "Елена Сидорова" in taken and "добавить адрес" not in taken


def test_who_is_deactivated_is_not_found_and_cannot_be_chosen(cast: Cast) -> None:
    person = asked_before(cast, "Елена Сидорова", "+7 916 111-22-33")
    assert found(cast, name="Сидорова") == ["Елена Сидорова"]
    Person.objects.filter(pk=person.pk).update(is_active=False)
    assert found(cast, name="Сидорова") == found(cast, phone="+7 916 111-22-33") == []
    client = as_(cast.agent)
    client.post(CREATE, call(client, cast, person=str(person.pk)))
    assert not Ticket.objects.filter(subject="Не печатает").exists()


LIKE = "Такие люди уже обращались"


@pytest.mark.parametrize(
    "typed",
    [
        {"name": "Сидорова"},
        {"name": "Сидорова Елена"},
        {"name": "елена сидорова", "address": "new@clinic.test"},
        {"name": "Кто-то", "phone": "8 (916) 111 22 33"},
        {"name": "Петрова", "phone": "+7 999 000-00-00"},
    ],
)
def test_nobody_is_written_down_a_second_time_unasked(cast: Cast, typed: dict[str, str]) -> None:
    asked_before(cast, "Елена Сидорова", "+7 916 111-22-33")
    client, people = as_(cast.agent), Person.objects.count()
    words = call(client, cast, description="Слова звонящего", **typed)
    page = client.post(CREATE, words)
    assert page.status_code == 422 and LIKE in page_of(page) and "Слова звонящего" in page_of(page)
    assert Person.objects.count() == people and not Ticket.objects.filter(subject="Не печатает").exists()
    again = client.post(CREATE, {**words, "new_person": "1"})
    assert again["Location"].endswith("?created=phone") and Person.objects.count() == people + 1


@pytest.mark.parametrize(
    "typed",
    [
        {"name": "Елена Козлова"},  # shares a first name only
        {"name": "Новый Человек"},
        {"name": "Любой", "address": "anna@clinic.test"},  # the address says who it is
    ],
)
def test_who_shares_a_word_only_or_has_an_address_of_their_own_is_not_asked_about(
    cast: Cast, typed: dict[str, str]
) -> None:
    asked_before(cast, "Елена Сидорова", "+7 916 111-22-33")
    client = as_(cast.agent)
    assert client.post(CREATE, call(client, cast, **typed)).status_code == 302
