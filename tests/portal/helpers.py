"""Helpers for tests of the portal's pages: addresses, logged-in clients, mails."""

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
    """Return the address of the cast's ticket on the portal."""
    return f"/servicedesk/customer/portal/{cast.desk.pk}/{cast.ticket.key}{tail}"


def form(cast: Cast) -> str:
    """Return the address of the first request type's form."""
    return f"/servicedesk/customer/portal/{cast.desk.pk}/create/{cast.desk.request_types.order_by('position')[0].pk}"


def nonce(page: str) -> str:
    """Return the nonce of the first form on a page."""
    match = re.search(r'name="nonce" value="([^"]+)"', page)
    assert match
    return match.group(1)


def same(response: Any) -> str:
    """Return the page without what differs between equal pages: CSRF tokens and the language switch's own address."""
    page = re.sub(r'(csrfmiddlewaretoken" value="|X-CSRFToken": ")[^"]+', r"\1", response.content.decode())
    return re.sub(r'name="next" value="[^"]*"', "", page)


def words_said(response: Any) -> list[str]:
    """Return the messages that wait for the next page."""
    return [str(message) for message in get_messages(response.wsgi_request)]


def inbound_mail(raw: bytes = b"Subject: x\r\n\r\nx") -> InboundMail:
    """Create a row of the ledger, for messages that came by mail."""
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
    """Return a client that has just logged in by password, so that sensitive actions ask for nothing more."""
    client = Client()
    response = client.post("/servicedesk/customer/user/login", {"login": person.email, "password": password})
    assert response.status_code == 302, response.content.decode()[:2000]
    return client


def mailed(address: str, kind: str) -> OutboundMail:
    """Return the last mail of a kind to an address."""
    return OutboundMail.objects.filter(recipient=address, kind=kind).latest("id")


def path_in(mail: OutboundMail, start: str) -> str:
    """Return the path on this site that the mail links to."""
    match = re.search(rf"https?://[^\s/]+(/{start}\S+)", mail.text)
    assert match, mail.text
    return match.group(1)
