"""Browsers of the cast, and what the tests ask of pages."""

import hashlib
import re
from typing import Any

from django.contrib.messages import get_messages
from django.test import Client

from otklik.mail.models import InboundMail, Mailbox, OutboundMail
from otklik.people.models import Person
from tests.cast import PASSWORD, START, Cast
from tests.cast import as_ as as_


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


def same(response: Any) -> str:
    """The page without what differs by chance: tokens against forged forms, its own address in the language switch."""
    page = re.sub(r'(csrfmiddlewaretoken" value="|X-CSRFToken": ")[^"]+', r"\1", response.content.decode())
    return re.sub(r'name="next" value="[^"]*"', "", page)


def words_said(response: Any) -> list[str]:
    """The messages that wait for the next page."""
    return [str(message) for message in get_messages(response.wsgi_request)]


def inbound_mail(raw: bytes = b"Subject: x\r\n\r\nx") -> InboundMail:
    """A row of the ledger, for messages that came by mail."""
    box = Mailbox.objects.get(address="accredo@desk.test")
    return InboundMail.objects.create(
        mailbox=box,
        digest=hashlib.sha256(raw).hexdigest(),
        raw=raw,
        size=len(raw),
        transport="smtp",
        envelope_from="",
        envelope_to=box.address,
        received_at=START,
    )


def logged_in(person: Person, password: str = PASSWORD) -> Client:
    """A browser in which the person logged in a moment ago by password, so sensitive acts ask for nothing more."""
    client = Client()
    response = client.post("/servicedesk/customer/user/login", {"login": person.email, "password": password})
    assert response.status_code == 302, response.content.decode()[:2000]
    return client


def mailed(address: str, kind: str) -> OutboundMail:
    """The last mail of a kind to an address."""
    return OutboundMail.objects.filter(recipient=address, kind=kind).latest("id")


def path_in(mail: OutboundMail, start: str) -> str:
    """The address on this site that the mail links to."""
    found = re.search(rf"https?://[^\s/]+(/{start}\S+)", mail.text)
    assert found, mail.text
    return found.group(1)
