"""Details of daily work: way back, clickable rows, moving a message by search, list of keys."""

from datetime import timedelta

from otklik.mail.models import InboundMail
from otklik.people.actor import Actor
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import Words
from otklik.tickets.models import Message, Ticket
from tests.cast import START, Cast
from tests.workspace.helpers import as_, page_of, queue_url
from tests.workspace.test_ledger_acts import came


def opened(cast: Cast, subject: str) -> Ticket:
    return open_ticket(
        actor=Actor(cast.anna, "portal"), at=START + timedelta(hours=1), desk=cast.desk, channel="portal",
        subject=subject, words=Words("x"), requester=cast.anna,
    )  # fmt: skip


def test_the_way_back_keeps_order_and_page(cast: Cast) -> None:
    client, address = as_(cast.agent), queue_url(cast.desk)
    for words in ("sort=-key", "sort=subject", "sort=priority&customfield_1=x"):
        client.get(f"{address}?{words}")
    # What is narrowed by answers is a filter, and no queue.
    assert f'href="{address}?sort=subject"' in page_of(client.get("/browse/ACCREDO-1"))
    client.get(f"{address}?sort=-key&page=7&evil=%22%3E")
    page = page_of(client.get("/browse/ACCREDO-1"))
    assert f'href="{address}?sort=-key"' in page and "evil" not in page
    session = client.session
    session["workspace_queue"] = int(address.rpartition("/")[2])  # as it was kept before
    session.save()
    assert f'<a href="{address}" data-hotkey="KeyQ"' in page_of(client.get("/browse/ACCREDO-1"))


def message_of(cast: Cast) -> tuple[str, Message, InboundMail]:
    mail = came(cast, text="Это к первому")
    message = Message.objects.get(inbound=mail)
    return f"/browse/{message.ticket.key}/messages/{message.pk}/move", message, mail


def test_the_target_of_a_message_is_found_by_words_with_a_glance_at_it(cast: Cast) -> None:
    url, message, mail = message_of(cast)
    client = as_(cast.agent)
    found = client.post(url, {"ticket": "протокол"})
    page = page_of(found)
    assert found.status_code == 422 and "Нет такого запроса" not in page and 'aria-invalid="true"' not in page
    for words in ('name="to" value="ACCREDO-1"', "Не открывается протокол", "Анна Петрова", "Открытый"):
        assert words in page
    assert f'value="{message.ticket.key}"' not in page.partition('id="targets"')[2]
    live = client.post(url, {"ticket": "1"}, headers={"HX-Request": "true"})
    assert live.status_code == 200 and "<html" not in page_of(live) and 'value="ACCREDO-1"' in page_of(live)
    assert Message.objects.get(inbound=mail).ticket == message.ticket  # looking moves nothing
    nothing = page_of(client.post(url, {"ticket": "небывальщина"}, headers={"HX-Request": "true"}))
    assert "Другого такого запроса в этой службе нет." in nothing
    assert client.post(url, {"to": "ACCREDO-1", "ticket": "протокол"}).status_code == 302
    assert Message.objects.get(inbound=mail).ticket.key == "ACCREDO-1"


def test_ab_47_no_request_of_another_desk_is_found_to_move_to(cast: Cast) -> None:
    url, *_ = message_of(cast)
    other = open_ticket(
        actor=Actor(cast.stranger, "portal"), at=START, desk=cast.other_desk, channel="portal",
        subject="Тайный протокол", words=Words("x"), requester=cast.stranger,
    )  # fmt: skip
    client = as_(cast.agent)
    assert "Тайный" not in page_of(client.post(url, {"ticket": "тайный"}, headers={"HX-Request": "true"}))
    for data in ({"to": other.key}, {"to": other.key, "ticket": "1"}, {"ticket": other.key}):
        assert client.post(url, data).status_code == 422
