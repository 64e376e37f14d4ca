"""Polling of an open list."""

from datetime import timedelta

from django.utils import timezone

from otklik.tickets.models import Message, Ticket
from tests.cast import START, Cast
from tests.portal.helpers import as_
from tests.statement_caps import statements_at_most

LIST = "/servicedesk/customer/user/requests"


def test_news_are_told_and_nothing_moves(cast: Cast) -> None:
    since = (START + timedelta(hours=1)).isoformat()
    assert as_(cast.anna).get(f"{LIST}/news", {"since": since}).content == b""
    Message.objects.filter(ticket=cast.ticket, author=cast.agent, kind="public").update(
        created_at=START + timedelta(hours=2)
    )
    Ticket.objects.update(updated_at=START + timedelta(hours=2))
    told = as_(cast.anna).get(f"{LIST}/news", {"since": since, "status": "all"}).content.decode()
    assert "Новое в 1 запросе: показать" in told and f'href="{LIST}?status=all"' in told
    assert as_(cast.stranger).get(f"{LIST}/news", {"since": since}).status_code == 204
    assert as_(cast.anna).get(f"{LIST}/news", {"since": since, "shows": "1"}).status_code == 204
    assert "Новое в 1 запросе" in as_(cast.anna).get(f"{LIST}/news", {"since": since, "shows": "2"}).content.decode()
    later = {"since": (START + timedelta(hours=3)).isoformat(), "shows": "1"}
    assert as_(cast.anna).get(f"{LIST}/news", later).status_code == 200
    assert as_(cast.anna).get(f"{LIST}/news", {"since": "вчера"}).content == b""


def test_a_poll_of_the_list_costs_three_queries(cast: Cast) -> None:
    anna, since = as_(cast.anna), {"since": timezone.now().isoformat()}
    anna.get(f"{LIST}/news", since)
    with statements_at_most("list poll"):
        assert anna.get(f"{LIST}/news", since).status_code == 204
