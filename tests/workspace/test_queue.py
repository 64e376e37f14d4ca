"""The queue page."""

import re
from datetime import timedelta, timezone
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from otklik.desks.models import Queue
from otklik.people.actor import Actor
from otklik.tickets.commands.fields import assign
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import Words
from otklik.tickets.models import Message, Ticket
from tests.cast import START, Cast
from tests.statement_caps import statements_at_most
from tests.workspace.helpers import as_, hidden, page_of, queue_url


def more_tickets(cast: Cast, count: int) -> list[Ticket]:
    """Create further tickets of Anna, a minute apart."""
    return [
        open_ticket(
            actor=Actor(cast.anna, "mail"),
            at=START + timedelta(minutes=number + 1),
            desk=cast.desk,
            channel="mail",
            subject=f"Запрос номер {number:03}",
            words=Words("Текст"),
            requester=cast.anna,
            sender_unverified=number == 0,
        )
        for number in range(count)
    ]


def test_the_queue_shows_its_tickets_and_how_many(cast: Cast) -> None:
    page = page_of(as_(cast.agent).get(queue_url(cast.desk)))
    assert "Не открывается протокол" in page and "ACCREDO-1" in page
    assert "Анна Петрова" in page and 'data-status="Открытый"' in page and "1-1 из 1" in page


def test_short_addresses_lead_to_the_first_queue(cast: Cast) -> None:
    client = as_(cast.agent)
    for address in ("/projects", "/projects/ACCREDO", "/projects/accredo", "/projects/ACCREDO/queues"):
        assert client.get(address).headers["Location"] == queue_url(cast.desk)


def test_a_queue_of_another_desk_is_not_there(cast: Cast) -> None:
    number = queue_url(cast.other_desk).rpartition("/")[2]
    for person in (cast.agent, cast.admin):
        assert as_(person).get(f"/projects/ACCREDO/queues/custom/{number}").status_code == 404


@pytest.mark.parametrize(
    "jql", ["key is EMPTY", "statusCategory = Waiting", "assignee is EMPTY AND key is EMPTY", "NOT key is not EMPTY"]
)
def test_a_queue_that_nothing_can_be_in_is_empty_and_harms_no_page(cast: Cast, jql: str) -> None:
    """A desk that retired its last status of a category has such a queue."""
    cast.desk.transitions.filter(target__category="waiting").delete()
    cast.desk.statuses.filter(category="waiting").delete()
    queue = Queue.objects.create(desk=cast.desk, name="Ничьи", jql=jql, position=9)
    client = as_(cast.agent)
    for address in ("/browse/ACCREDO-1", queue_url(cast.desk), f"/projects/ACCREDO/queues/custom/{queue.pk}"):
        assert client.get(address).status_code == 200


def test_nobodys_new_requests_stand_out(cast: Cast) -> None:
    client = as_(cast.agent)
    assert "row-unread" in page_of(client.get(queue_url(cast.desk)))
    assign(actor=Actor(cast.agent, "agent"), at=START, ticket=cast.ticket, assignee=cast.agent)
    assert "row-unread" not in page_of(client.get(queue_url(cast.desk)))


@pytest.mark.parametrize(("authserv", "marks"), [("mx.clinic.test", 1), ("", 0)])
def test_badges_say_held_and_where_senders_are_checked_not_verified(
    cast: Cast, settings: Settings, authserv: str, marks: int
) -> None:
    settings.TRUSTED_AUTHSERV = authserv
    [doubtful] = more_tickets(cast, 1)
    Message.objects.filter(ticket=cast.ticket, opening=False).update(held=True)
    page = page_of(as_(cast.agent).get(queue_url(cast.desk)))
    assert page.count("задержано сообщение") == 1 and page.count("отправитель не подтверждён") == marks
    assert page_of(as_(cast.agent).get(f"/browse/{doubtful.key}")).count("отправитель не подтверждён") == marks


def test_fifty_a_page(cast: Cast) -> None:
    more_tickets(cast, 52)
    client = as_(cast.agent)
    first, second = (page_of(client.get(queue_url(cast.desk) + tail)) for tail in ("?sort=key", "?sort=key&page=2"))
    assert "1-50 из 53" in first and "51-53 из 53" in second
    assert ">ACCREDO-50<" in first and ">ACCREDO-51<" not in first and ">ACCREDO-51<" in second
    assert "51-53 из 53" in page_of(client.get(queue_url(cast.desk) + "?page=999&sort=key"))


def keys(page: str) -> list[str]:
    return re.findall(r'class="key"[^>]*><a[^>]*>([^<]+)<', page)


def test_columns_sort(cast: Cast) -> None:
    more_tickets(cast, 2)
    client = as_(cast.agent)
    assert keys(page_of(client.get(queue_url(cast.desk) + "?sort=key"))) == ["ACCREDO-1", "ACCREDO-2", "ACCREDO-3"]
    assert keys(page_of(client.get(queue_url(cast.desk) + "?sort=-subject"))) == ["ACCREDO-1", "ACCREDO-3", "ACCREDO-2"]


@pytest.mark.parametrize(
    "words",
    [
        "owner__password",
        "requester__password",
        "a__b__c",
        "_connector",
        'x"--',
        "-requester__email",
        "--key",
        "?",
        "\0",
    ],
)
def test_ab_51_sorting_is_by_our_columns_only(cast: Cast, words: str) -> None:
    more_tickets(cast, 2)
    client = as_(cast.agent)
    usual = keys(page_of(client.get(queue_url(cast.desk))))
    with CaptureQueriesContext(connection) as queries:
        response = client.get(queue_url(cast.desk), {"sort": words, words: "1", "page": words})
    assert response.status_code == 200 and keys(page_of(response)) == usual
    orders = " ".join(query["sql"].partition("ORDER BY")[2] for query in queries.captured_queries)
    assert "password" not in orders and "email" not in orders


def test_three_rows_cost_as_many_queries_as_one(cast: Cast) -> None:
    client = as_(cast.agent)
    client.get(queue_url(cast.desk))
    with CaptureQueriesContext(connection) as one:
        client.get(queue_url(cast.desk))
    more_tickets(cast, 2)
    with CaptureQueriesContext(connection) as three:
        client.get(queue_url(cast.desk))
    assert len(three) == len(one)


def test_the_fragment_is_a_part_of_the_page(cast: Cast) -> None:
    client = as_(cast.agent)
    page, part = (page_of(client.get(queue_url(cast.desk), headers=extra)) for extra in ({}, {"HX-Request": "true"}))
    clock = re.compile(r"since=[^&\"]+")
    assert clock.sub("", part).strip() in clock.sub("", page) and part.strip().startswith("<section")


def test_news_say_how_many_changed_and_move_nothing(cast: Cast) -> None:
    client = as_(cast.agent)
    news = queue_url(cast.desk) + "/news"
    more_tickets(cast, 2)
    after = {"since": (START + timedelta(seconds=30)).isoformat(), "sort": "key", "page": "2"}
    page = page_of(client.get(news, after))
    assert "2 новых: показать" in page and "<tr" not in page and "?sort=key&amp;page=2" in page
    assert page_of(client.get(news, {"since": (START + timedelta(hours=1)).isoformat()})).strip() == ""
    for broken in ("", "yesterday", "2026-13-45T99:99", "2026-01-01T00:00:00"):
        assert client.get(news, {"since": broken}).status_code == 204
    # PostgreSQL knows no such offset.
    far = (START + timedelta(seconds=30)).astimezone(timezone(timedelta(hours=23, minutes=59)))
    assert "2 новых" in page_of(client.get(news, {"since": far.isoformat()}))


def test_news_that_the_page_shows_are_not_sent_again(cast: Cast) -> None:
    client, news = as_(cast.agent), queue_url(cast.desk) + "/news"
    more_tickets(cast, 2)
    since = {"since": (START + timedelta(seconds=30)).isoformat()}
    shown = hidden(page_of(client.get(news, since)), "shows")
    assert client.get(news, {**since, "shows": shown}).status_code == 204
    # As many, but one of them changed once more: the numbers in the side bar may be others.
    changed = Ticket.objects.latest("id")
    Ticket.objects.filter(pk=changed.pk).update(updated_at=START + timedelta(hours=3))
    assert "2 новых" in page_of(client.get(news, {**since, "shows": shown}))
    Ticket.objects.update(updated_at=START)
    gone = client.get(news, {**since, "shows": shown})
    assert gone.status_code == 200 and "показать" not in page_of(gone)


def test_an_empty_queue_says_so(cast: Cast) -> None:
    assert "Здесь пусто" in page_of(as_(cast.agent).get(queue_url(cast.desk, "Закрытые")))


def test_unknown_columns_of_a_queue_are_left_out(cast: Cast) -> None:
    Queue.objects.filter(desk=cast.desk).update(columns=["key", "requester__password", "subject"])
    page = page_of(as_(cast.agent).get(queue_url(cast.desk)))
    # The boxes have a column of their own.
    assert page.count("<th ") == 1 + 2 and "password" not in page


def test_home_shows_my_work_and_nobodys(cast: Cast) -> None:
    client = as_(cast.agent)
    page = page_of(client.get("/secure/Dashboard.jspa"))
    assert "Вам ничего не назначено" in page and "Без исполнителя" in page and "ACCREDO-1" in page
    assign(actor=Actor(cast.agent, "agent"), at=START, ticket=cast.ticket, assignee=cast.agent)
    page = page_of(client.get("/secure/Dashboard.jspa"))
    assert "Вам ничего не назначено" not in page and "ACCREDO-1" in page
    assert "ACCREDO" not in page_of(as_(cast.agent_elsewhere).get("/secure/Dashboard.jspa"))


def test_a_poll_costs_a_few_queries(cast: Cast) -> None:
    client = as_(cast.agent)
    ticket = page_of(client.get("/browse/ACCREDO-1"))
    asked = re.search(r'hx-get="(/browse/ACCREDO-1/news\?[^"]+)"', ticket)
    assert asked
    for address in (queue_url(cast.desk) + "/news", unescape(asked[1])):
        with statements_at_most("staff poll"):
            assert page_of(client.get(address)).strip() == ""
