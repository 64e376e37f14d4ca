"""Opening a ticket from a call."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from otklik.desks.commands.create import set_role
from otklik.desks.models import Desk, Field
from otklik.people.actor import Actor, system
from otklik.people.commands.persons import add_caller
from otklik.people.commands.phones import add_phone
from otklik.people.models import Person, Phone
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import Words
from otklik.tickets.models import Attachment, Message, Ticket
from tests.cast import START, Cast
from tests.workspace.helpers import as_, hidden, page_of

CREATE = "/projects/ACCREDO/create"


def call(client: Client, desk: Desk, **words: str) -> dict[str, str]:
    """Return what the page's form sends."""
    page = page_of(client.get(CREATE))
    kind, level = desk.request_types.order_by("position")[1], desk.priorities.get(name="Высокий")
    usual = {"subject": "Не печатает", "description": "Сказала по телефону", "nonce": hidden(page, "nonce")}
    return {**usual, "request_type": str(kind.pk), "priority": str(level.pk), **words}


def test_the_page_shows_the_words_to_say(cast: Cast) -> None:
    page = page_of(as_(cast.agent).get(CREATE))
    assert "Служба технической поддержки, меня зовут Глеб Орлов" in page and "{agent}" not in page


def test_with_one_desk_there_is_nothing_to_choose(cast: Cast) -> None:
    assert as_(cast.agent).get("/projects/create").headers["Location"] == CREATE
    set_role(actor=system(), at=START, desk=cast.other_desk, person=cast.agent, role="agent")
    page = page_of(as_(cast.agent).get("/projects/create"))
    assert f'href="{CREATE}"' in page and 'href="/projects/OTHER/create"' in page


def test_a_new_caller_with_an_address(cast: Cast) -> None:
    client = as_(cast.agent)
    words = call(client, cast.desk, name="Ольга Новая", address="Olga@Clinic.test", phone="8 (495) 123-45-67")
    response = client.post(CREATE, words)
    assert response.headers["Location"] == "/browse/ACCREDO-2?created=phone"
    ticket = Ticket.objects.get(key="ACCREDO-2")
    assert ticket.requester is not None and ticket.request_type is not None
    assert (ticket.channel, ticket.subject, ticket.priority.name) == ("phone", "Не печатает", "Высокий")
    assert (ticket.requester.name, ticket.requester.email) == ("Ольга Новая", "olga@clinic.test")
    assert ticket.requester.phones.get().number == "+74951234567"
    assert ticket.request_type.name == "Получить техническую консультацию"
    page = page_of(client.get(response.headers["Location"]))
    assert '<strong class="number-big">ACCREDO-2</strong>' in page and "+7 495 123-45-67" in page


def test_a_caller_with_a_name_only(cast: Cast) -> None:
    client = as_(cast.agent)
    assert client.post(CREATE, call(client, cast.desk, name="Ольга", phone="123")).status_code == 302
    ticket = Ticket.objects.get(key="ACCREDO-2")
    assert ticket.requester is not None and ticket.requester.email is None
    assert Phone.objects.get().number == "123"


def test_a_known_address_is_the_known_person(cast: Cast) -> None:
    client = as_(cast.agent)
    client.post(CREATE, call(client, cast.desk, name="Кто угодно", address="anna@clinic.test"))
    assert Ticket.objects.get(key="ACCREDO-2").requester == cast.anna
    cast.anna.refresh_from_db()
    assert cast.anna.name == "Анна Петрова"


def test_a_chosen_caller_is_the_requester(cast: Cast) -> None:
    client = as_(cast.agent)
    client.post(CREATE, call(client, cast.desk, person=str(cast.anna.pk), phone="+7 916 000-00-01"))
    assert Ticket.objects.get(key="ACCREDO-2").requester == cast.anna
    assert cast.anna.phones.get().number == "+79160000001"


def test_ab_47_nobody_unknown_to_the_desk_can_be_chosen_by_number(cast: Cast) -> None:
    client = as_(cast.agent)
    for number in (cast.stranger.pk, 999_999):
        response = client.post(CREATE, call(client, cast.desk, person=str(number)))
        assert response.status_code == 422 and "Выберите звонящего ещё раз" in page_of(response)
    assert Ticket.objects.count() == 1
    assert "Степан" not in page_of(client.get(f"{CREATE}?person={cast.stranger.pk}"))


def test_ab_07_a_deactivated_person_cannot_be_chosen_by_number(cast: Cast) -> None:
    Person.objects.filter(pk=cast.anna.pk).update(is_active=False)
    response = as_(cast.agent).post(CREATE, call(as_(cast.agent), cast.desk, person=str(cast.anna.pk)))
    assert response.status_code == 422 and "Выберите звонящего ещё раз" in page_of(response)
    assert Ticket.objects.count() == 1


def test_an_address_typed_beside_a_chosen_caller_does_not_replace_theirs(cast: Cast) -> None:
    client = as_(cast.agent)
    response = client.post(CREATE, call(client, cast.desk, person=str(cast.anna.pk), address="other@clinic.test"))
    assert response.status_code == 302
    assert Ticket.objects.get(key="ACCREDO-2").requester == cast.anna
    cast.anna.refresh_from_db()
    assert cast.anna.email == "anna@clinic.test"
    assert not Person.objects.filter(email="other@clinic.test").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"name": ""}, "имя или адрес"),
        ({"address": "нет такого"}, "не адрес электронной почты"),
        ({"phone": "нет"}, "не номер телефона"),
        ({"subject": " "}, "Обязательное поле"),
        ({"request_type": "999999"}, "Выберите корректный вариант"),
        ({"priority": "x"}, "Выберите корректный вариант"),
        ({"person": "x"}, "Выберите звонящего ещё раз"),
    ],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(cast: Cast, words: dict[str, str], said: str) -> None:
    client = as_(cast.agent)
    before = (Person.objects.count(), Ticket.objects.count())
    response = client.post(CREATE, {**call(client, cast.desk, name="Ольга"), **words})
    page = page_of(response)
    assert response.status_code == 422 and said in page and "Сказала по телефону</textarea>" in page
    assert (Person.objects.count(), Ticket.objects.count()) == before


def test_ab_50_another_desks_type_is_refused(cast: Cast) -> None:
    client = as_(cast.agent)
    foreign = cast.other_desk.request_types.all()[0]
    words = {**call(client, cast.desk, name="Ольга"), "desk": str(cast.other_desk.pk), "channel": "mail", "number": "7"}
    assert client.post(CREATE, {**words, "request_type": str(foreign.pk)}).status_code == 422
    client.post(CREATE, words)
    made = Ticket.objects.latest("id")
    assert (made.desk, made.channel, made.key) == (cast.desk, "phone", "ACCREDO-2")


def test_rl_33_the_same_call_twice_is_one_request(cast: Cast) -> None:
    client = as_(cast.agent)
    words = call(client, cast.desk, name="Ольга")
    assert {client.post(CREATE, words).headers["Location"] for _ in range(3)} == {"/browse/ACCREDO-2?created=phone"}
    assert Ticket.objects.count() == 2 and Person.objects.filter(name="Ольга").count() == 1


def test_rl_33_the_same_form_with_other_answers_or_files_is_another_call(cast: Cast) -> None:
    """Going back in the browser and typing on loses nothing."""
    row, client = asked(cast), as_(cast.agent)
    words: dict[str, Any] = call(client, cast.desk, name="Ольга", **{row.key: "подвал", "new_person": "1"})
    paper = {"attachments": SimpleUploadedFile("акт.pdf", b"%PDF-1.4")}
    other_paper = {"attachments": SimpleUploadedFile("акт.pdf", b"%PDF-1.5")}
    for more in ({}, {row.key: "чердак"}, {"priority": str(cast.ticket.priority_id)}, paper, other_paper):
        assert client.post(CREATE, {**words, **more}).status_code == 302
    assert Ticket.objects.count() == 6 and Attachment.objects.count() == 2


def look(client: Client, words: dict[str, str], target: str = "") -> str:
    headers = {"HX-Request": "true", "HX-Target": target} if target else {}
    return page_of(client.post(f"{CREATE}/caller", words, headers=headers))


@pytest.mark.parametrize(
    "words", [{"phone": "(495) 123-45-67"}, {"phone": "84951234567"}, {"name": "анна"}, {"address": "anna@cl"}]
)
def test_who_asked_before_is_found_with_what_is_open(cast: Cast, words: dict[str, str]) -> None:
    add_phone(actor=system(), at=START, person=cast.anna, number="+7 495 123-45-67")
    part = look(as_(cast.agent), words, "callers")
    assert part.strip().startswith('<div id="callers"')
    assert "Анна Петрова" in part and 'href="/browse/ACCREDO-1"' in part and f'value="{cast.anna.pk}"' in part


def test_who_is_forgotten_gives_the_whole_block_of_the_caller_back(cast: Cast) -> None:
    part = look(as_(cast.agent), {"person": str(cast.anna.pk), "forget": "1"}, "who")
    assert part.strip().startswith('<div id="who"') and 'name="address"' in part


def test_ab_47_another_desks_customers_are_not_found(cast: Cast) -> None:
    client = as_(cast.agent_elsewhere)
    words = {"name": "Анна"}
    part = page_of(client.post("/projects/OTHER/create/caller", words, headers={"HX-Request": "true"}))
    assert "Анна Петрова" not in part and "новый человек" in part
    part = page_of(client.post("/projects/OTHER/create/caller", {"choose": str(cast.anna.pk)}))
    assert "anna@clinic.test" not in part


def test_choosing_works_without_scripts_and_keeps_what_was_typed(cast: Cast) -> None:
    client = as_(cast.agent)
    words = {**call(client, cast.desk, name="анна"), "subject": "Полслова"}
    page = look(client, words)
    assert 'value="Полслова"' in page and "<html" in page and "Анна Петрова" in page and "is-invalid" not in page
    page = look(client, {**words, "choose": str(cast.anna.pk)})
    assert f'name="person" value="{cast.anna.pk}"' in page and 'value="Полслова"' in page
    page = look(client, {**words, "person": str(cast.anna.pk), "forget": "1"})
    assert 'name="person"' not in page and 'value="Полслова"' in page
    assert Ticket.objects.count() == 1


def test_enter_before_there_is_a_subject_looks_who_is_calling(cast: Cast) -> None:
    client = as_(cast.agent)
    looked = client.post(CREATE, call(client, cast.desk, name="анна", subject=" ", enter="1"))
    assert looked.status_code == 200 and "Анна Петрова" in page_of(looked) and "is-invalid" not in page_of(looked)
    assert "Сказала по телефону" in page_of(looked) and Ticket.objects.count() == 1
    assert client.post(CREATE, call(client, cast.desk, name="Анна", new_person="1", enter="1")).status_code == 302


def test_the_fragments_are_parts_of_the_page(cast: Cast) -> None:
    client = as_(cast.agent)
    assert look(client, {"name": "анна"}, "callers").strip() in look(client, {"name": "анна"})
    assert look(client, {"choose": str(cast.anna.pk)}, "who").strip() in look(client, {"choose": str(cast.anna.pk)})


def test_three_callers_cost_as_many_queries_as_one(cast: Cast) -> None:
    client = as_(cast.agent)

    def known(count: int) -> None:
        for _ in range(count):
            person = add_caller(name="Мария Одинаковая", at=START)
            add_phone(actor=system(), at=START, person=person, number="123")
            open_ticket(
                actor=Actor(cast.agent, "agent"),
                at=START,
                desk=cast.desk,
                channel="phone",
                subject="x",
                words=Words(""),
                requester=person,
            )

    known(1)
    with CaptureQueriesContext(connection) as one:
        look(client, {"name": "одинаковая"}, "callers")
    known(2)
    with CaptureQueriesContext(connection) as three:
        part = look(client, {"name": "одинаковая"}, "callers")
    assert len(three) == len(one) and part.count("Мария Одинаковая") == 3


def test_the_opening_is_the_callers_message(cast: Cast) -> None:
    client = as_(cast.agent)
    client.post(CREATE, call(client, cast.desk, name="Ольга"))
    opening = Message.objects.get(ticket__key="ACCREDO-2")
    assert opening.opening and opening.text == "Сказала по телефону" and opening.kind == "public"


def asked(cast: Cast, **more: Any) -> Field:
    """Add a field to the second type, which `call` selects."""
    kind = cast.desk.request_types.order_by("position")[1]
    row = {"key": "customfield_77", "kind": Field.Kind.TEXT, "label": "Кабинет", "required": True, **more}
    return Field.objects.create(request_type=kind, position=60, **row)


def test_the_type_s_questions_are_asked_and_checked_as_on_the_portal(cast: Cast) -> None:
    row = asked(cast, kind=Field.Kind.NUMBER)
    client = as_(cast.agent)
    words = call(client, cast.desk, name="Ольга")
    for typed, wrong in (("", "Обязательное поле"), ("подвал", "Введите число")):
        refused = client.post(CREATE, {**words, row.key: typed})
        page = page_of(refused)
        assert refused.status_code == 422 and wrong in page and 'value="Не печатает"' in page, typed
    assert 'value="подвал"' in page and Ticket.objects.count() == 1
    assert client.post(CREATE, {**words, row.key: "412"}).status_code == 302
    ticket = Ticket.objects.get(key="ACCREDO-2")
    assert ticket.answers == {row.key: 412}
    assert "412" in page_of(client.get("/browse/ACCREDO-2"))


def test_files_of_a_call_are_attached(cast: Cast) -> None:
    client = as_(cast.agent)
    words: dict[str, Any] = call(client, cast.desk, name="Ольга")
    client.post(CREATE, {**words, "attachments": SimpleUploadedFile("акт.pdf", b"%PDF-1.4")})
    assert Attachment.objects.get(message__ticket__key="ACCREDO-2").name == "акт.pdf"


def test_another_type_brings_its_own_questions_and_keeps_what_is_typed(cast: Cast) -> None:
    row = asked(cast)
    client = as_(cast.agent)
    assert row.label not in page_of(client.get(CREATE))  # the first type stands there, and does not ask it
    words = call(client, cast.desk, name="", **{row.key: "подвал"})
    part = page_of(client.post(f"{CREATE}/fields", words, headers={"HX-Request": "true"}))
    assert "Кабинет" in part and 'value="подвал"' in part and "has-error" not in part and "<html" not in part
    whole = page_of(client.post(f"{CREATE}/fields", words))
    assert "Кабинет" in whole and 'value="Не печатает"' in whole and "has-error" not in whole
    kind = cast.desk.request_types.order_by("position")[0]
    assert "Кабинет" not in page_of(client.post(f"{CREATE}/fields", {**words, "request_type": kind.pk}))
    assert client.post(f"{CREATE}/fields", {**words, "request_type": "9" * 30}).status_code == 200
    assert Ticket.objects.count() == 1
