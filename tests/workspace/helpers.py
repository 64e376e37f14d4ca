"""Helpers for tests of the agents' pages."""

import re
from collections.abc import Iterable
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client

from otklik.desks.models import Desk, Queue
from otklik.tickets.models import Ticket
from tests.cast import as_ as as_


def page_of(response: HttpResponse) -> str:
    """Return the text of a response."""
    return response.content.decode()


def hidden(page: str, name: str) -> str:
    """Return the value of the first hidden field of that name."""
    match = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert match, name
    return match.group(1)


def composer(client: Client, ticket: Ticket, text: str, **more: Any) -> dict[str, Any]:
    """Return what the page's reply form sends with this text."""
    page = page_of(client.get(f"/browse/{ticket.key}"))
    return {"comment": text, **{name: hidden(page, name) for name in ("version", "seen", "nonce")}, **more}


def words_said(response: HttpResponse) -> list[str]:
    """Return the messages that wait for the next page."""
    return [str(message) for message in get_messages(response.wsgi_request)]


def queue_url(desk: Desk, name: str = "Все открытые") -> str:
    """Return the address of a queue."""
    return f"/projects/{desk.key}/queues/custom/{Queue.objects.get(desk=desk, name=name).pk}"


def picture(rows: Iterable[Any]) -> list[Any]:
    """Return all columns of model rows, to compare before and after."""
    return [{field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields} for row in rows]
