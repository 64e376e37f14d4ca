"""Names of statuses, transitions, priorities and queues in the reader's language."""

from django.test import Client
from django.utils import timezone

from otklik.desks.commands.create import add_desk
from otklik.desks.commands.translations import change_names
from otklik.desks.models import Field, Queue, Status, Transition, TypeGroup
from otklik.people.actor import Actor, system
from otklik.people.models import Person
from otklik.tickets.commands.status import change_status
from tests.cast import START, Cast, as_
from tests.refusing import refused_as

SETTINGS = "/projects/ACCREDO/settings/languages"


def english(person: Person) -> Client:
    client = as_(person)
    client.cookies["otklik_language"] = "en"
    return client


def test_shipped_names_come_in_both_languages(cast: Cast) -> None:
    row = Transition.objects.get(desk=cast.desk, name="Ждать ответа заявителя", source__name="Открытый")
    change_status(actor=Actor(cast.agent, "agent"), at=START, ticket=cast.ticket, transition=row)
    client = english(cast.anna)
    card = client.get(f"/servicedesk/customer/portal/{cast.desk.pk}/ACCREDO-1").content.decode()
    assert "Waiting for customer" in card and "Standard" in card and ">Close<" in card
    assert "Ожидание" not in card and "Стандартный" not in card and "Закрыть" not in card
    rows = client.get("/servicedesk/customer/user/requests").content.decode()
    assert "Waiting for customer" in rows and "Ожидание" not in rows and "Открытый" not in rows


def test_agents_read_them_too(cast: Cast) -> None:
    client = english(cast.agent)
    queue = Queue.objects.filter(desk=cast.desk).order_by("position")[0]
    for address in (f"/projects/ACCREDO/queues/custom/{queue.pk}", "/browse/ACCREDO-1"):
        page = client.get(address).content.decode()
        assert "All open" in page and "Standard" in page and "Открытый" not in page and "Все открытые" not in page
    assert "Start work" in page


def test_request_types_forms_and_the_portal_s_words_come_in_both_languages(cast: Cast) -> None:
    client, first = english(cast.anna), cast.desk.request_types.order_by("position")[0]
    portal = client.get(f"/servicedesk/customer/portal/{cast.desk.pk}").content.decode()
    for words in ("What can we help you with?", "Report a problem", "Tell us what does not work", "Welcome!"):
        assert words in portal
    assert "Ошибка" not in portal and "В чем требуется помощь" not in portal
    form = client.get(f"/servicedesk/customer/portal/{cast.desk.pk}/create/{first.pk}").content.decode()
    for words in ("Steps", "What you did, in order", "Browser", "Yandex Browser", "Another one", "Which browser"):
        assert words in form
    assert "Шаги" not in form and "Браузер" not in form and "Другой" not in form
    page = english(cast.agent).get("/browse/ACCREDO-1").content.decode()
    assert "Report a problem" in page and "Ошибка" not in page
    queue = Queue.objects.filter(desk=cast.desk).order_by("position")[0]
    rows = english(cast.agent).get(f"/projects/ACCREDO/queues/custom/{queue.pk}").content.decode()
    assert "Ошибка" not in rows


def test_an_english_desk_ships_russian_words(cast: Cast) -> None:
    desk = add_desk(actor=system("cli"), at=START, key="ENG", name="E", address="eng@desk.test", language="en")
    names = [row.texts["ru"]["name"] for row in desk.request_types.order_by("position")]
    assert names[0] == "Ошибка" and names[-1] == "Обращение" and desk.texts["ru"]["question"].startswith("В чем")
    role = Field.objects.get(request_type__desk=desk, label="Role")
    assert role.texts["ru"]["label"] == "Роль" and role.options[0]["labels"] == {"ru": "Председатель комиссии"}


def test_russian_readers_of_an_english_desk_read_russian(cast: Cast) -> None:
    desk = add_desk(actor=system("cli"), at=START, key="ENG", name="E", address="eng@desk.test", language="en")
    status, queue = Status.objects.get(desk=desk, name="Closed"), Queue.objects.get(desk=desk, name="Closed")
    assert status.texts == {"ru": {"name": "Закрыт"}} and queue.texts == {"ru": {"name": "Закрытые"}}


def test_a_lead_renames_and_takes_it_back(cast: Cast) -> None:
    status = Status.objects.get(desk=cast.desk, name="Открытый")
    client = as_(cast.lead)
    assert f'name="names-status_{status.pk}_en"' in client.get(SETTINGS).content.decode()
    assert client.post(f"{SETTINGS}/names", {f"names-status_{status.pk}_en": "New and shiny"}).status_code == 302
    status.refresh_from_db()
    assert status.texts == {"en": {"name": "New and shiny"}}
    assert "New and shiny" in client.get("/projects/ACCREDO/settings/history").content.decode()
    refused = client.post(f"{SETTINGS}/names", {f"names-status_{status.pk}_en": "x" * 61})
    assert refused.status_code == 422 and "x" * 61 in refused.content.decode()


def test_types_groups_and_fields_are_translated_on_the_same_page(cast: Cast) -> None:
    kind = cast.desk.request_types.order_by("position")[0]
    field = Field.objects.get(request_type=kind, label="Шаги")
    group = TypeGroup.objects.create(desk=cast.desk, name="Сбои")
    client = as_(cast.lead)
    page = client.get(SETTINGS).content.decode()
    for name in (f"request_type_{kind.pk}", f"field_{field.pk}", f"group_{group.pk}"):
        assert f'name="names-{name}_en"' in page
    words = {
        f"names-request_type_{kind.pk}_en": "Bug",
        f"names-field_{field.pk}_en": "How",
        f"names-group_{group.pk}_en": "Bad",
    }
    assert client.post(f"{SETTINGS}/names", words).status_code == 302
    for row in (kind, field, group):
        row.refresh_from_db()
    assert kind.texts["en"] == {"name": "Bug", "help": "Tell us what does not work as expected"}
    assert field.texts["en"]["label"] == "How" and "order" in field.texts["en"]["help"]
    assert group.texts == {"en": {"name": "Bad"}}
    form = english(cast.anna).get(f"/servicedesk/customer/portal/{cast.desk.pk}/create/{kind.pk}").content.decode()
    assert "How" in form and "Bug" in form


def test_ab_47_names_of_another_desk_stay(cast: Cast) -> None:
    theirs = Status.objects.filter(desk=cast.other_desk)[0]
    texts = {("status", theirs.pk): {"en": {"name": "Stolen"}}}
    assert not change_names(actor=Actor(cast.lead, "agent"), at=timezone.now(), desk=cast.desk, texts=texts)
    with refused_as("desk.leads_only"):
        change_names(actor=Actor(cast.agent, "agent"), at=timezone.now(), desk=cast.desk, texts={})
    theirs.refresh_from_db()
    assert "Stolen" not in str(theirs.texts)


def test_the_page_of_names_tells_equal_buttons_apart_and_heads_nothing_empty(cast: Cast) -> None:
    page = as_(cast.lead).get(SETTINGS).content.decode()
    for status in ("Открытый", "В работе"):
        assert page.count(f"Ждать ответа заявителя (из статуса «{status}»)") == 1
    assert "<span>Закрыть</span>" in page and "На языке службы" in page
    assert ">Группы</legend>" not in page
    TypeGroup.objects.create(desk=cast.desk, name="Сбои", position=1)
    assert ">Группы</legend>" in as_(cast.lead).get(SETTINGS).content.decode()
