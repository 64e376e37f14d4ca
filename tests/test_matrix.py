"""Access to every address for every kind of reader by GET and POST (AB-44, AB-47, rule R4).

A new address without a row in tests/matrix.txt fails.
"""

import pickle
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from otklik.core import blobs
from otklik.desks.models import CannedAnswer, Queue, Resolution, TypeGroup
from otklik.mail.models import OutboundMail
from otklik.mail.secret_scan_mail import RULES
from otklik.people.actor import Actor, system
from otklik.people.models import Organization
from otklik.portal.models import SavedView
from otklik.tickets.bulk.acts import Assign
from otklik.tickets.commands.approve import ask_approval
from otklik.tickets.commands.links import add_link
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import Words
from otklik.tickets.models import Attachment, Message, PendingReply, SharedOrganization, TicketLink
from tests.cast import START, Cast, build_cast
from tests.outcomes import outcome
from tests.postoffice import put_mail
from tests.prepared import Session
from tests.prepared import module_home as module_home
from tests.tickets.bulk.parts import begun

WHO = ("anonymous", "requester", "colleague", "stranger", "agent", "agent elsewhere", "admin")
TABLE_FILE = Path(__file__).with_name("matrix.txt")


def read_table(part: str) -> dict[str, tuple[str, str]]:
    """Return {address: (GET, POST)} for a part of matrix.txt; each letter of these is the outcome for one of WHO."""
    text = TABLE_FILE.read_text(encoding="utf-8").partition(f"[{part}]\n")[2].partition("\n[")[0]
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {address: (get, post) for get, post, address in (line.split(None, 2) for line in lines)}


TABLE = read_table("addresses")
# The letters of those whom the address serves.
REACHED = frozenset("+afr")


def routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    """Yield every URL pattern of the product as text."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry, before + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield "/" + before + str(entry.pattern)


def _organization(cast: Cast) -> Organization:
    """Return an organization of the colleague; it gives nobody access."""
    made = Organization.objects.create(name="Клиника")
    made.members.add(cast.boris)
    return made


@dataclass(frozen=True)
class Ground:
    """What the tests of the module share: the cast, values for addresses, and sessions of WHO."""

    cast: bytes
    places: dict[str, str]
    sessions: list[Session]


@pytest.fixture(scope="module")
def ground(module_home: Path) -> Ground:
    """Create the cast and related objects of its ticket once for the module."""
    cast = build_cast()
    places = make_places(cast)
    return Ground(pickle.dumps(cast), places, [Session.of(client) for client in _logged_in(cast)])


@pytest.fixture
def cast(ground: Ground, db: None) -> Cast:
    """Return the module's cast, in this test's transaction."""
    made: Cast = pickle.loads(ground.cast)
    return made


@pytest.fixture
def places(ground: Ground) -> dict[str, str]:
    """Return the value of each <placeholder>: existing objects around the cast's ticket."""
    return dict(ground.places)


def _link(cast: Cast) -> TicketLink:
    other = open_ticket(
        actor=system(), at=START, desk=cast.desk, channel="portal", subject="Связан", words=Words("x"), requester=None
    )
    return add_link(actor=system(), at=START, source=cast.ticket, target=other, kind="blocks")


def make_places(cast: Cast) -> dict[str, str]:
    """Create the objects that `places` refers to."""
    note = Message.objects.get(ticket=cast.ticket, kind=Message.Kind.INTERNAL)
    answer = Message.objects.filter(ticket=cast.ticket, kind=Message.Kind.PUBLIC, opening=False)[0]
    digest, size = blobs.put(b"%PDF-1.4 words")
    file = Attachment.objects.create(
        message=answer, name="a.pdf", content_type="application/pdf", size=size, digest=digest, searched=RULES
    )
    png = b"\x89PNG\r\n\x1a\n" + b"0" * 50
    digest, size = blobs.put(png)
    picture = Attachment.objects.create(
        message=answer, name="a.png", content_type="image/png", size=size, digest=digest, inline=True, searched=RULES
    )
    mail = put_mail()
    Message.objects.filter(pk=answer.pk).update(inbound=mail, html="<p>words</p>")
    Message.objects.filter(pk=note.pk).update(held=True)
    mail.ticket_id, mail.ticket_key = cast.ticket.pk, cast.ticket.key
    mail.save()
    reply = PendingReply.objects.create(
        ticket=cast.ticket, author=cast.agent, text="words", written_at=START, due_at=START
    )
    organization = _organization(cast)
    SharedOrganization.objects.create(ticket=cast.ticket, organization=organization, added_at=START)
    sent = OutboundMail.objects.create(
        recipient="anna@clinic.test",
        sender="accredo@desk.test",
        kind="comment",
        cause="matrix",
        subject="x",
        text="words",
        message_id="<matrix@desk.test>",
        desk_id=cast.desk.pk,
        created_at=START,
        retry_at=START,
    )
    return {
        "int:organization_id": str(organization.pk),
        "int:mail_id": str(sent.pk),
        "int:reply_id": str(reply.pk),
        "slug:kind": "comment",
        "slug:table": "resolutions",
        "int:entry_id": str(Resolution.objects.order_by("id")[0].pk),
        "int:desk_id": str(cast.desk.pk),
        "int:group_id": str(TypeGroup.objects.create(desk=cast.desk, name="Группа").pk),
        "int:type_id": str(cast.desk.request_types.order_by("id")[0].pk),
        "request_key:key": cast.ticket.key,
        "ticket_key:key": cast.ticket.key,
        "desk_key:key": cast.desk.key,
        "desk_key:desk_key": cast.desk.key,
        "own_queue": str(
            Queue.objects.get_or_create(owner=cast.agent, name="Моя", defaults={"columns": ["key"], "position": 1})[
                0
            ].pk
        ),
        "int:answer_id": str(
            CannedAnswer.objects.create(desk=cast.desk, name="Готовый", texts={"ru": {"text": "Да"}}).pk
        ),
        "int:queue_id": str(cast.desk.queues.order_by("id")[0].pk),
        "int:transition_id": str(cast.desk.transitions.get(name="Закрыть").pk),
        "int:person_id": str(cast.boris.pk),
        "int:message_id": str(answer.pk),
        "int:attachment_id": str(file.pk),
        "picture": str(picture.pk),
        "note": str(note.pk),
        "int:inbound_id": str(mail.pk),
        "int:link_id": str(_link(cast).pk),
        "int:run_id": str(begun(cast.agent, [cast.ticket], Assign(cast.lead.pk)).pk),
        "int:event_id": "1",
        "str:provider_id": "sso",
        "int:token_id": "1",
        "int:phone_id": "1",
        "int:passkey_id": "1",
        "int:session_id": "0",
        "int:view_id": str(SavedView.objects.create(person=cast.anna, name="мой").pk),
        "int:export_id": "1",
        "int:field_id": str(cast.desk.request_types.order_by("id")[0].form_fields.order_by("id")[0].pk),
        "str:name": "a.pdf",
        "str:mark": "0",
        "path:secret": "x" * 43,
        "str:secret": "x" * 43,
        "path:broken": "x",
        "path:rest": f"servicedesk/customer/portal/{cast.desk.pk}/{cast.ticket.key}",
        "int:number": "1",
        "int:page_id": "7",
        "str:key": cast.ticket.key,
        "str:token": "1.1:x",
        "int:approval_id": str(
            ask_approval(
                actor=Actor(cast.agent, "agent"), at=START, ticket=cast.ticket, people=[cast.admin], rule="one"
            ).pk
        ),
    }


def filled(address: str, places: dict[str, str]) -> str:
    """Return the address with its placeholders filled."""
    if "thumbnail" in address:
        places = {**places, "int:attachment_id": places["picture"]}
    if address.startswith("/queues/"):
        places = {**places, "int:queue_id": places["own_queue"]}
    if address.endswith("/admit"):
        places = {**places, "int:message_id": places["note"]}
    if address.startswith("/^"):
        address = "/" + re.sub(r"\(\?P<\w+>[^)]*\)", "0", address.strip("/^$"))
    return re.sub(r"<([^>]+)>", lambda found: places[found.group(1)], address)


def clients(ground: Ground) -> list[Client]:
    """Return one logged-in client for each of WHO."""
    return [session.client() for session in ground.sessions]


def _logged_in(cast: Cast) -> list[Client]:
    made = [Client()]
    for person in (cast.anna, cast.boris, cast.stranger, cast.agent, cast.agent_elsewhere, cast.admin):
        client = Client()
        client.force_login(person)
        made.append(client)
    return made


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    found = {route for route in routes(get_resolver()) if not route.startswith("/demo/")}
    assert sorted(found - set(TABLE)) == []
    assert sorted(set(TABLE) - found) == []


@pytest.mark.parametrize("address", sorted(TABLE))
def test_ab_44_ab_47_only_these_people(address: str, ground: Ground, cast: Cast) -> None:
    path = filled(address, ground.places)
    for method, expected in zip(("get", "post"), TABLE[address], strict=True):
        found = ""
        for client in clients(ground):
            point = transaction.savepoint()
            found += outcome(client, method, path)
            transaction.savepoint_rollback(point)
        assert found == expected, f"{method} {path}: {list(zip(WHO, found, strict=True))}"
