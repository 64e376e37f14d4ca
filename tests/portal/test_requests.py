"""«Запросы»: filters, search, pagination."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from otklik.desks.models import Desk, Transition
from otklik.people.actor import Actor
from otklik.people.models import Organization, Person
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.fields import add_participant
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.commands.status import change_status
from otklik.tickets.content import Words
from otklik.tickets.models import Ticket
from tests.cast import START, Cast
from tests.portal.helpers import as_
from tests.statement_caps import statements_at_most

LIST = "/servicedesk/customer/user/requests"


def listed(person: Person, query: str = "") -> list[str]:
    """Return the keys on the page, in order."""
    page = as_(person).get(LIST + query).content.decode()
    return re.findall(r'<td class="key".*?>([A-Z]+-[0-9]+)</a>', page)


def opened(
    cast: Cast, subject: str, *, desk: Desk | None = None, person: Person | None = None, minutes: int = 1
) -> Ticket:
    desk, person = desk or cast.desk, person or cast.anna
    return open_ticket(
        actor=Actor(person, "portal"),
        at=START + timedelta(minutes=minutes),
        desk=desk,
        channel="portal",
        subject=subject,
        words=Words(f"описание {subject}"),
        requester=person,
        request_type=desk.request_types.order_by("position")[1],
    )


def closed(cast: Cast, ticket: Ticket) -> None:
    row = Transition.objects.get(desk=ticket.desk, name="Закрыть")
    change_status(actor=Actor(cast.anna, "portal"), at=START, ticket=ticket, transition=row)


def test_the_list_speaks_the_storys_words(cast: Cast) -> None:
    page = as_(cast.anna).get(LIST).content.decode()
    for words in (
        *("Открытые запросы", "Закрытые запросы", "Любые запросы", "Созданные мной", "Где я участник", "Все запросы"),
        *("Любой тип запроса", "Поиск запросов", ">Тип<", ">Ссылка<", ">Тема<", ">Служба поддержки<", ">Статус<"),
        *("1-1 из 1", "Не открывается протокол", 'data-status="Открытый"', cast.desk.name, 'aria-label="Ошибка"'),
    ):
        assert words in page, words


def test_a_closed_request_leaves_the_open_list(cast: Cast) -> None:
    closed(cast, cast.ticket)
    assert listed(cast.anna) == []
    assert listed(cast.anna, "?status=closed") == listed(cast.anna, "?status=all") == ["ACCREDO-1"]
    assert listed(cast.anna, "?statuses=open&statuses=closed") == ["ACCREDO-1"]


def test_whose_requests(cast: Cast) -> None:
    opened(cast, "мой", person=cast.boris)
    assert listed(cast.boris) == ["ACCREDO-2"]
    assert listed(cast.boris, "?reporter=participant") == ["ACCREDO-1"]
    assert listed(cast.boris, "?reporter=all") == ["ACCREDO-2", "ACCREDO-1"]
    assert listed(cast.stranger, "?reporter=all&status=all") == []
    assert listed(cast.agent, "?reporter=all&status=all") == []


def test_an_organisations_requests_are_those_i_take_part_in(cast: Cast) -> None:
    clinic = Organization.objects.create(name="Клиника")
    clinic.members.add(cast.anna, cast.boris)
    opened(cast, "без Бориса")
    assert listed(cast.boris, f"?reporter=org-{clinic.pk}") == ["ACCREDO-1"]
    assert listed(cast.anna, f"?reporter=org-{clinic.pk}") == ["ACCREDO-2", "ACCREDO-1"]
    assert "Клиника" in as_(cast.boris).get(LIST).content.decode()
    assert "Клиника" not in as_(cast.stranger).get(LIST).content.decode()
    assert listed(cast.anna, "?reporter=org-999") == []


def test_by_type_and_by_desk(cast: Cast) -> None:
    second = opened(cast, "консультация")
    opened(cast, "чужая служба", desk=cast.other_desk, minutes=2)
    assert listed(cast.anna, f"?requestTypeId={second.request_type_id}") == ["ACCREDO-2"]
    assert listed(cast.anna, f"?portalId={cast.other_desk.pk}") == ["OTHER-1"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("протокол", ["ACCREDO-1"]),
        ("ПРОТОКОЛ", ["ACCREDO-1"]),
        ("accredo-2", ["ACCREDO-2"]),
        ("2", ["ACCREDO-2"]),
        ("100%", ["ACCREDO-2"]),
        ("%%%", []),
        ("_", []),
        ("ответим сегодня", ["ACCREDO-1"]),
        ("NOTE-9f3a", []),
        ("нет такого", []),
        ("'; DROP TABLE tickets_ticket; --", []),
        ("\x00", ["ACCREDO-2", "ACCREDO-1"]),
    ],
)
def test_search(cast: Cast, words: str, found: list[str]) -> None:
    opened(cast, "загружено 100% и стоит")
    page = as_(cast.anna).get(LIST, {"filter": words})
    assert page.status_code == 200
    keys = [key for key in ("ACCREDO-2", "ACCREDO-1") if f">{key}<" in page.content.decode()]
    assert keys == found


def test_ab_48_search_finds_nothing_that_was_said_before_one_joined(cast: Cast) -> None:
    late = cast.stranger
    add_participant(actor=Actor(cast.anna, "portal"), at=START + timedelta(hours=1), ticket=cast.ticket, person=late)
    assert listed(late, "?reporter=all&filter=ответим+сегодня") == []
    words, at = Words("новое слово"), START + timedelta(hours=2)
    comment(actor=Actor(cast.anna, "portal"), at=at, ticket=cast.ticket, words=words)
    assert listed(late, "?reporter=all&filter=новое+слово") == ["ACCREDO-1"]


@pytest.mark.parametrize(
    "query",
    [
        *("sortBy=requester__password", "sortBy=-password", "sortBy=owner__password&sortOrder=x", 'sortBy=x"--'),
        *("requester__email=x", "_connector=OR", "page=1000000000", "page=-1", "page=x", "requestTypeId=1 OR 1=1"),
        *("portalId=99999999999999999999", "status=x&reporter=x", "reporter=org-x", "statuses=x", "page=٣"),
    ],
)
def test_ab_51_unknown_words_change_nothing(cast: Cast, query: str) -> None:
    with CaptureQueriesContext(connection) as asked:
        response = as_(cast.anna).get(f"{LIST}?{query}")
    assert response.status_code == 200 and "ACCREDO-1" in response.content.decode().replace("org-x", "")
    lists = [row["sql"] for row in asked if "ORDER BY" in row["sql"] and "tickets_ticket" in row["sql"]]
    assert lists and not any("password" in sql.split("ORDER BY")[1] for sql in lists)


def test_sorting_by_what_is_allowed(cast: Cast) -> None:
    opened(cast, "А это раньше по алфавиту")
    assert listed(cast.anna, "?sortBy=subject&sortOrder=ASC") == ["ACCREDO-2", "ACCREDO-1"]
    assert listed(cast.anna, "?sortBy=createdDate&sortOrder=ASC") == ["ACCREDO-1", "ACCREDO-2"]


def test_pages_of_twenty_five_keep_the_filters(cast: Cast) -> None:
    for n in range(26):
        opened(cast, f"номер {n}", minutes=n + 1)
    first = as_(cast.anna).get(f"{LIST}?status=all").content.decode()
    assert "1-25 из 27" in first and "?status=all&amp;page=2" in first
    assert len(listed(cast.anna, "?page=2")) == 2
    assert set(listed(cast.anna)) | set(listed(cast.anna, "?page=2")) == {f"ACCREDO-{n}" for n in range(1, 28)}


def test_empty_lists_say_what_to_do(cast: Cast) -> None:
    assert "Открытых запросов нет" in as_(cast.stranger).get(LIST).content.decode()
    assert "Ничего не найдено" in as_(cast.anna).get(f"{LIST}?filter=zzz").content.decode()


def test_htmx_gets_the_list_alone(cast: Cast) -> None:
    part = as_(cast.anna).get(LIST, headers={"HX-Request": "true", "HX-Target": "request-list"}).content.decode()
    assert "ACCREDO-1" in part and "<html" not in part and "1-1 из 1" in part


def test_more_rows_cost_no_more_queries(cast: Cast) -> None:
    anna = as_(cast.anna)

    def cost() -> int:
        with statements_at_most("list of requests") as asked:
            anna.get(LIST)
        return len(asked)

    one = cost()
    opened(cast, "второй", desk=cast.other_desk)
    opened(cast, "третий")
    assert cost() == one


def test_the_header_counts_my_open_requests(cast: Cast) -> None:
    assert "data-open-requests>1<" in as_(cast.anna).get(LIST).content.decode()
    assert "data-open-requests" not in as_(cast.boris).get(LIST).content.decode()


def test_texts_of_the_desk_are_in_the_readers_language(cast: Cast) -> None:
    cast.desk.texts = {"en": {"name": "Accreditation help"}}
    cast.desk.save()
    cast.anna.language = "en"
    cast.anna.save()
    page = as_(cast.anna).get(f"/servicedesk/customer/portal/{cast.desk.pk}/{cast.ticket.key}").content.decode()
    listed = as_(cast.anna).get(LIST).content.decode()
    assert "Accreditation help" in page and "Accreditation help" in listed
