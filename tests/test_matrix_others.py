"""Access of every kind of reader to existing objects of other people (AB-44, AB-47, rule R4).

The objects belong to two people outside WHO: the desk's lead, and a customer on whose ticket the lead participates.
They are all that belongs to that ticket, and what only the lead may touch. The first part of the table covers objects
of the requester's ticket, and ids that may not exist.
"""

import pickle
import re
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.test import Client
from django.utils import timezone

from otklik.core import blobs
from otklik.desks.models import CannedAnswer
from otklik.mail.models import InboundMail, OutboundMail
from otklik.mail.secret_scan_mail import RULES
from otklik.people.actor import Actor, system
from otklik.people.commands.api_tokens import add_token
from otklik.people.commands.persons import ensure_person
from otklik.people.commands.phones import add_phone
from otklik.people.models import ApiToken, LoginSession, Organization, Person, Phone
from otklik.portal.models import SavedView
from otklik.tickets.answers.files import kept_file, owner_of
from otklik.tickets.approvals import vote_token
from otklik.tickets.bulk.acts import Assign
from otklik.tickets.commands.approve import ask_approval
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.fields import add_participant
from otklik.tickets.commands.links import add_link
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import NewFile, Words
from otklik.tickets.models import (
    Approval,
    Attachment,
    Draft,
    ListExport,
    Message,
    PendingReply,
    SharedOrganization,
    Ticket,
    TicketLink,
)
from otklik.tickets.ratings import rating_token, reopen_token, stop_token
from tests.cast import PASSWORD, START, Cast, build_cast
from tests.outcomes import outcome
from tests.prepared import Session
from tests.prepared import module_home as module_home
from tests.test_matrix import TABLE, WHO, filled, make_places, read_table
from tests.tickets.bulk.parts import begun

OTHERS = read_table("things of others")
FORMS = read_table("things of others in forms")
# What names a thing in an address; a desk, its types and its settings belong to no person.
NAMES_A_THING = re.compile(
    r"<(ticket_key:key|request_key:key|path:rest|str:token"
    r"|int:(person|message|inbound|attachment|approval|reply|organization|mail|view|token|phone|passkey|session|link|export|run|answer)_id)>"
)
# So long the browsers of the module count as logged in a moment ago; a proof lasts five minutes.
FRESH_SECONDS = 150.0
# Words and names that only the lead may read; WORDS and FILE stand on the request, which its desk reads, too.
SECRET, WORDS, FILE = "Заметка-лида-7c1e", "Слова-лида-93af", "файл-лида-5d02.pdf"


@dataclass
class Things:
    """Objects of another person. `places` fills addresses as `make_places` does."""

    places: dict[str, str]
    tokens: dict[str, str]  # by a part of the address
    ticket: Ticket
    file: NewFile
    mail: OutboundMail
    inbound: InboundMail


def _message(lead: Person, ticket: Ticket) -> Message:
    """Create the lead's message on the ticket, with a file and a picture."""
    said = comment(actor=Actor(lead, "agent"), at=START, ticket=ticket, words=Words(WORDS))
    for name, kind, data, inline in (
        (FILE, "application/pdf", b"%PDF-1.4 lead", False),
        ("lead.png", "image/png", b"\x89PNG\r\n\x1a\nlead" + b"0" * 50, True),
    ):
        digest, size = blobs.put(data)
        Attachment.objects.create(
            message=said, name=name, content_type=kind, size=size, digest=digest, inline=inline, searched=RULES
        )
    Message.objects.filter(pk=said.pk).update(html=f"<p>{WORDS}</p>")
    return said


def _on_the_ticket(cast: Cast, ticket: Ticket) -> dict[str, str]:
    """Create every kind of object that belongs to the ticket."""
    lead, staff = cast.lead, Actor(cast.agent, "agent")
    add_participant(actor=staff, at=START, ticket=ticket, person=lead, sees_all=True)
    said = _message(lead, ticket)
    held = comment(actor=staff, at=START, ticket=ticket, words=Words(WORDS), kind=Message.Kind.INTERNAL)
    Message.objects.filter(pk=held.pk).update(held=True)
    body = Organization.objects.create(name="Чужая организация")
    SharedOrganization.objects.create(ticket=ticket, organization=body, added_at=START)
    reply = PendingReply.objects.create(ticket=ticket, author=lead, text=WORDS, written_at=START, due_at=START)
    PendingReply.objects.create(
        ticket=ticket, author=lead, text=SECRET, written_at=START, due_at=START, state=PendingReply.State.DRAFT
    )
    asked = ask_approval(actor=staff, at=START, ticket=ticket, people=[lead], rule="one")
    link = add_link(actor=system(), at=START, source=ticket, target=cast.ticket, kind=TicketLink.Kind.BLOCKS)
    files = {row.inline: str(row.pk) for row in Attachment.objects.filter(message=said)}
    return {
        "int:person_id": str(lead.pk), "int:message_id": str(said.pk), "note": str(held.pk),
        "int:attachment_id": files[False], "picture": files[True], "str:name": FILE, "int:reply_id": str(reply.pk),
        "int:approval_id": str(asked.pk), "int:link_id": str(link.pk), "int:organization_id": str(body.pk),
    }  # fmt: skip


def _of_the_person(lead: Person) -> dict[str, str]:
    """Create what only the lead may touch."""
    actor = Actor(lead, "portal")
    token, _secret = add_token(actor=actor, at=timezone.now(), person=lead, name=SECRET)
    key = Authenticator.objects.create(user=lead, type=Authenticator.Type.WEBAUTHN, data={"name": SECRET})
    session = LoginSession.objects.create(
        person=lead, session_key="s" * 32, browser=SECRET, created_at=timezone.now(), seen_at=timezone.now()
    )
    return {
        "int:token_id": str(token.pk), "int:passkey_id": str(key.pk), "int:session_id": str(session.pk),
        "int:phone_id": str(add_phone(actor=actor, at=START, person=lead, number="+7 495 111-22-33").pk),
        "int:view_id": str(SavedView.objects.create(person=lead, name=SECRET).pk),
        "int:export_id": str(_file_of_a_list(lead).pk),
        "int:answer_id": str(
            CannedAnswer.objects.create(owner=lead, name=SECRET, texts={"ru": {"text": SECRET}}).pk
        ),
        "int:run_id": str(begun(lead, list(Ticket.objects.all()), Assign(None)).pk),
    }  # fmt: skip


def _file_of_a_list(lead: Person) -> ListExport:
    digest, size = blobs.put(SECRET.encode())
    now = timezone.now()
    return ListExport.objects.create(
        person=lead, jql=SECRET, kind="csv", language="ru", time_zone="Europe/Moscow", asked_at=now, ready_at=now,
        expires_at=now + timedelta(days=1), digest=digest, size=size,
    )  # fmt: skip


def _mails(cast: Cast, ticket: Ticket, places: dict[str, str]) -> tuple[OutboundMail, InboundMail]:
    """Turn the mails of `make_places` into mails about this ticket."""
    mail = OutboundMail.objects.get(pk=places["int:mail_id"])
    mail.recipient, mail.ticket_id, mail.text = cast.lead.email or "", ticket.pk, WORDS
    mail.save()
    inbound = InboundMail.objects.get(pk=places["int:inbound_id"])
    inbound.ticket_id, inbound.ticket_key = ticket.pk, ticket.key
    inbound.save()
    return mail, inbound


@dataclass(frozen=True)
class Ground:
    """What the tests of this module share: the cast, the objects of others, the sessions of WHO and their login
    time."""

    made: bytes
    sessions: list[Session]
    logged_in: float


@pytest.fixture(scope="module")
def ground(module_home: Path) -> Ground:
    """Create it once for the module."""
    cast = build_cast()
    things = _make_things(cast)
    return Ground(pickle.dumps((cast, things)), [Session.of(one) for one in _log_in(cast)], time.monotonic())


@pytest.fixture
def made(ground: Ground, db: None) -> tuple[Cast, Things]:
    """Return cast and things, in this test's transaction."""
    cast, things = pickle.loads(ground.made)
    return cast, things


@pytest.fixture
def cast(made: tuple[Cast, Things]) -> Cast:
    """Return the module's cast."""
    return made[0]


@pytest.fixture
def things(made: tuple[Cast, Things]) -> Things:
    """Return the ticket and the lead's own objects."""
    return made[1]


@pytest.fixture
def proven(cast: Cast, ground: Ground) -> list[Client]:
    """Return a client for each of WHO who has just logged in, so that none is asked to confirm their identity."""
    if time.monotonic() - ground.logged_in > FRESH_SECONDS:
        return _log_in(cast)
    return [session.client() for session in ground.sessions]


def _make_things(cast: Cast) -> Things:
    places = make_places(cast)
    vera, _new = ensure_person(address="vera@elsewhere.test", name="Вера", at=START)
    ticket = open_ticket(
        actor=Actor(vera, "portal"), at=START, desk=cast.desk, channel=Ticket.Channel.PORTAL,
        subject=WORDS, words=Words(WORDS), requester=vera,
        request_type=cast.desk.request_types.order_by("position")[0],
    )  # fmt: skip
    hanging = _on_the_ticket(cast, ticket)
    mail, inbound = _mails(cast, ticket, places)
    Draft.objects.create(
        person=cast.lead, kind=Draft.Kind.COMMENT, subject_id=ticket.pk, ticket=ticket,
        words={"comment": [SECRET]}, updated_at=START,
    )  # fmt: skip
    digest, size = blobs.put(b"%PDF-1.4 kept by the lead")
    hers, own = ticket.participants.get(person=vera), ticket.participants.get(person=cast.lead)
    vote = Approval.objects.get(pk=hanging["int:approval_id"]).votes.get()
    return Things(
        places={
            **places, **hanging, **_of_the_person(cast.lead),
            **dict.fromkeys(("ticket_key:key", "request_key:key", "str:key"), ticket.key),
            "path:rest": f"servicedesk/customer/portal/{cast.desk.pk}/{ticket.key}",
        },
        tokens={
            "/approval/": vote_token(vote), "/rating/": rating_token(hers), "/reopen/": reopen_token(hers),
            "/unsubscribe/": stop_token(own),
        },
        ticket=ticket, file=NewFile(FILE, "application/pdf", size, digest), mail=mail, inbound=inbound,
    )  # fmt: skip


def _log_in(cast: Cast) -> list[Client]:
    made = [Client()]
    for person in (cast.anna, cast.boris, cast.stranger, cast.agent, cast.agent_elsewhere, cast.admin):
        client = Client()
        client.post("/servicedesk/customer/user/login", {"login": person.email, "password": PASSWORD})
        made.append(client)
    return made


def address_of(address: str, things: Things) -> str:
    token = next((token for part, token in things.tokens.items() if part in address), "1.1:x")
    return filled(address, {**things.places, "str:token": token})


def tried(clients: list[Client], method: str, path: str, data: dict[str, object] | None = None) -> str:
    """Return one outcome letter for each of WHO; every request is rolled back."""
    found = ""
    for client in clients:
        point = transaction.savepoint()
        found += outcome(client, method, path, data)
        transaction.savepoint_rollback(point)
    return found


def test_every_address_that_names_a_thing_has_a_row() -> None:
    named = {address for address in TABLE if NAMES_A_THING.search(address)}
    assert sorted(named - set(OTHERS)) == sorted(set(OTHERS) - named) == []
    assert set(FORMS) == set(SENT)


@pytest.mark.parametrize("address", sorted(OTHERS))
def test_ab_44_ab_47_things_of_others_in_addresses(address: str, proven: list[Client], things: Things) -> None:
    path = address_of(address, things)
    for method, expected in zip(("get", "post"), OTHERS[address], strict=True):
        found = tried(proven, method, path)
        assert found == expected, f"{method} {path}: {list(zip(WHO, found, strict=True))}"


@pytest.mark.parametrize("address", sorted(one for one in OTHERS if not one.endswith("<str:token>")))
def test_ab_44_no_page_shows_what_is_anothers(address: str, proven: list[Client], things: Things) -> None:
    path = address_of(address, things)
    for who, client in zip(WHO, proven, strict=True):
        response = client.get(path)
        page = b"".join(response) if response.streaming else response.content
        hidden = [SECRET] if who in {"agent", "admin"} else [SECRET, WORDS, FILE]
        assert [words for words in hidden if words in page.decode(errors="replace")] == [], who


def test_ab_44_a_reply_that_was_taken_back_is_its_authors(proven: list[Client], things: Things) -> None:
    draft = PendingReply.objects.get(text=SECRET)
    for client in proven:
        page = client.get(f"/browse/{things.ticket.key}?draft={draft.pk}", follow=True).content.decode()
        assert SECRET not in page


@dataclass(frozen=True)
class Sent:
    """One's own form into which the ids of another person's objects are inserted."""

    address: str
    data: dict[str, str]


def _draft(place: str) -> Sent:
    return Sent("/servicedesk/customer/user/drafts", {"draft.place": place, "comment": "x", "words": "x"})


_CARD = "/servicedesk/customer/portal/{desk}/ACCREDO-1"
_PROFILE = "/servicedesk/customer/user/profile"
# By the name in the table. {…} are the lead's things; {file} is the mark by which a page carries an uploaded file.
SENT = {
    "draft-of-a-comment": _draft("comment:{ticket}"),
    "draft-of-a-reply": _draft("reply:{ticket}"),
    "draft-of-a-correction": _draft("edit:{message}"),
    "draft-of-an-approval": _draft("approval:{approval}"),
    "draft-thrown-away": Sent(
        "/servicedesk/customer/user/drafts", {"draft.place": "comment:{ticket}", "draft.act": "discard"}
    ),
    "draft-brought-back": Sent(
        "/servicedesk/customer/user/drafts", {"draft.place": "comment:{ticket}", "draft.act": "restore"}
    ),
    "upload-shown-again": Sent(
        "/servicedesk/customer/user/files", {"field": "attachments", "attachments.kept": "{file}"}
    ),
    "upload-in-a-comment": Sent(f"{_CARD}/comment", {"comment": "x", "attachments.kept": "{file}"}),
    "upload-in-a-reply": Sent("/browse/ACCREDO-1/reply", {"comment": "x", "attachments.kept": "{file}"}),
    "upload-in-a-draft": Sent(
        "/servicedesk/customer/user/drafts",
        {"draft.place": "comment:{own}", "comment": "x", "attachments.kept": "{file}"},
    ),
    "draft-that-was-a-reply": Sent("/browse/{key}/replies/{draft}/drop", {}),
    "reply-out-of-a-draft": Sent("/browse/{key}/reply", {"comment": "x", "draft": "{draft}"}),
    "share-with-a-person": Sent(f"{_CARD}/share", {"person": "{lead}"}),
    "share-with-an-organisation": Sent(f"{_CARD}/share/organization", {"organization": "{organization}"}),
    "requester": Sent("/browse/ACCREDO-1/requester", {"choose": "{far}"}),
    "outbox-of-another-desk": Sent("/projects/OTHER/outbox/bulk", {"act": "cancel", "mail": "{mail}"}),
    "mail-of-another-desk": Sent("/projects/OTHER/mail/bulk", {"act": "spam", "mail": "{inbound}"}),
    "main-address": Sent(f"{_PROFILE}/addresses/primary", {"address": "{address}"}),
    "remove-address": Sent(f"{_PROFILE}/addresses/remove", {"address": "{address}"}),
    "address-takes-mail": Sent(f"{_PROFILE}/addresses/works", {"address": "{address}"}),
}


def named(cast: Cast, things: Things) -> dict[str, object]:
    """Return the values for the forms of SENT. `own` is the ticket of the table's first part."""
    far, _new = ensure_person(address="far.caller@elsewhere.test", name="Далёкий", at=START)
    at = things.places
    return {
        "desk": cast.desk.pk, "ticket": things.ticket.pk, "own": cast.ticket.pk, "key": things.ticket.key,
        "message": at["int:message_id"], "approval": at["int:approval_id"], "lead": cast.lead.pk, "far": far.pk,
        "draft": PendingReply.objects.get(text=SECRET).pk,
        "organization": at["int:organization_id"], "mail": things.mail.pk, "inbound": things.inbound.pk,
        "address": cast.lead.email, "file": kept_file(things.file, owner_of(cast.lead)).ticket,
    }  # fmt: skip


def untouched(cast: Cast, things: Things) -> None:
    """Require that the lead's own objects are unchanged and the lead's file is attached nowhere else."""
    lead, at = cast.lead, things.places
    assert Draft.objects.get(person=lead).words == {"comment": [SECRET]}
    assert not Attachment.objects.filter(digest=things.file.digest).exists()
    assert things.file.digest not in "".join(str(row.files) for row in Draft.objects.all())
    assert LoginSession.objects.filter(pk=at["int:session_id"]).exists()
    assert ApiToken.objects.filter(pk=at["int:token_id"]).exists()
    assert Phone.objects.filter(pk=at["int:phone_id"]).exists()
    assert Authenticator.objects.filter(pk=at["int:passkey_id"]).exists()
    assert SavedView.objects.get(pk=at["int:view_id"]).name == SECRET
    assert Person.objects.get(pk=lead.pk).email == lead.email
    assert OutboundMail.objects.get(pk=things.mail.pk).state == things.mail.state
    assert InboundMail.objects.get(pk=things.inbound.pk).state == things.inbound.state
    assert Message.objects.get(pk=at["int:message_id"]).text == WORDS
    assert PendingReply.objects.filter(pk=at["int:reply_id"]).exists()
    assert PendingReply.objects.get(text=SECRET).state == PendingReply.State.DRAFT


@pytest.mark.parametrize("name", sorted(SENT))
def test_ab_44_ab_47_things_of_others_in_forms(name: str, cast: Cast, things: Things, proven: list[Client]) -> None:
    words, form, found = named(cast, things), SENT[name], ""
    for client in proven:
        point = transaction.savepoint()
        data: dict[str, object] = {key: value.format(**words) for key, value in form.data.items()}
        found += outcome(client, "post", form.address.format(**words), data)
        untouched(cast, things)
        transaction.savepoint_rollback(point)
    assert found == FORMS[name][1], f"{name}: {list(zip(WHO, found, strict=True))}"
