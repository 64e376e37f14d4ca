"""Browsers of the cast, and what the tests ask of pages."""

import re

from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client

from otklik.people.models import Person
from tests.cast import Cast


def as_(person: Person) -> Client:
    """A browser in which this person is logged in."""
    client = Client()
    client.force_login(person)
    return client


def card(cast: Cast, tail: str = "") -> str:
    """The address of the cast's ticket on the portal."""
    return f"/servicedesk/customer/portal/{cast.desk.pk}/{cast.ticket.key}{tail}"


def form(cast: Cast) -> str:
    """The address of the first request type's form."""
    return f"/servicedesk/customer/portal/{cast.desk.pk}/create/{cast.desk.request_types.order_by('position')[0].pk}"


def nonce(page: str) -> str:
    """The first form's nonce on a page."""
    found = re.search(r'name="nonce" value="([^"]+)"', page)
    assert found
    return found.group(1)


def same(response: HttpResponse) -> str:
    """The page without what differs by chance: tokens against forged forms."""
    return re.sub(r'(csrfmiddlewaretoken" value="|X-CSRFToken": ")[^"]+', r"\1", response.content.decode())


def words_said(response: HttpResponse) -> list[str]:
    """The messages that wait for the next page."""
    return [str(message) for message in get_messages(response.wsgi_request)]
