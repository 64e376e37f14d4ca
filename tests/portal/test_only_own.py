"""Actions on one person's data leave all other data unchanged."""

import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.utils import timezone

from otklik.core import blobs
from otklik.desks.commands.forms import add_field, change_field
from otklik.mail.models import AddressTrouble, DeliveryAttempt, InboundMail, Mailbox, OutboundMail, SenderRule
from otklik.people.actor import Actor, system
from otklik.people.commands.api_tokens import add_token
from otklik.people.commands.phones import add_phone
from otklik.people.models import DataExport, ErasureRequest, LoginSession, Person
from otklik.portal.models import SavedView
from otklik.privacy.archive import personal_archive
from otklik.privacy.erase import erase_person
from otklik.tickets.commands.answers import change_answers
from otklik.tickets.commands.approve import ask_approval
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.edit_message import edit_message
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.commands.request_type import change_type
from otklik.tickets.commands.share import share_with_address
from otklik.tickets.content import NewFile, Words
from otklik.tickets.models import Draft, PendingReply, Rating, Ticket, Unconfirmed
from tests.cast import Cast
from tests.portal.helpers import inbound_mail

CANARY = "КАНАРЕЙКА Анна Петрова"
Rows = dict[tuple[str, Any], dict[str, Any]]


def everything() -> Rows:
    """Return every row of every table, by table and key."""
    return {
        (table._meta.label, row[table._meta.pk.attname]): row
        for table in apps.get_models()
        if table._meta.managed and not table._meta.proxy
        for row in table._base_manager.values()
    }


def left_by(who: Person, cast: Cast) -> Rows:
    """Create data of this person in every table that can hold any, on a ticket that is not Anna's; return the rows."""
    known, now, kind = set(everything()), timezone.now(), cast.desk.request_types.order_by("position")[0]
    address = who.email
    assert address is not None
    digest, size = blobs.put(CANARY.encode())
    ticket = open_ticket(
        actor=Actor(who, "portal"), at=now, desk=cast.desk, channel=Ticket.Channel.PORTAL, subject=CANARY,
        words=Words(CANARY), requester=who,
        files=[NewFile(f"{CANARY}.txt", "text/plain", size, digest)],
    )  # fmt: skip
    said = comment(actor=Actor(who, "portal"), at=now, ticket=ticket, words=Words(CANARY))
    edit_message(actor=Actor(who, "portal"), at=now, message=said, words=Words(f"{CANARY} 2"))
    PendingReply.objects.create(
        ticket=ticket, author=who, text=CANARY, written_at=now, due_at=now + timedelta(days=9)
    )  # fmt: skip
    Rating.objects.create(ticket=ticket, person=who, score=5, words=CANARY, rated_at=now)
    approval = ask_approval(
        actor=Actor(cast.agent, "agent"), at=now, ticket=ticket, people=[cast.stranger], rule="one", question=CANARY
    )
    approval.votes.update(words=CANARY, person=who)
    Draft.objects.create(person=who, kind="request", subject_id=kind.pk, words={"summary": [CANARY]}, updated_at=now)
    Unconfirmed.objects.create(
        digest="d", request_type=kind, address=address, name=CANARY, language="ru",
        subject=CANARY, text=CANARY, created_at=now, expires_at=now,
    )  # fmt: skip
    SavedView.objects.create(person=who, name=CANARY)
    add_phone(actor=system(), at=now, person=who, number="+7 495 123-45-67")
    add_token(actor=system(), at=now, person=who, name=CANARY)
    Authenticator.objects.create(user=who, type=Authenticator.Type.WEBAUTHN, data={"name": CANARY})
    LoginSession.objects.create(
        person=who, session_key="k" * 32, created_at=now, seen_at=now, browser=CANARY, address="10.0.0.9"
    )
    DataExport.objects.create(person=who, asked_at=now)
    ErasureRequest.objects.create(person=who, asked_at=now, due_at=now)
    mail = inbound_mail(f"From: {who.email}\r\n\r\n{CANARY}".encode())
    InboundMail.objects.filter(pk=mail.pk).update(
        from_address=address, from_name=CANARY, subject=CANARY, state="filed", settled_at=now, ticket_id=ticket.pk
    )
    sent = OutboundMail.objects.create(
        recipient=address, person=who, sender="accredo@desk.test", kind="comment", cause="x", subject=CANARY,
        text=CANARY, html=CANARY, message_id="x@desk.test", ticket_id=ticket.pk, created_at=now, retry_at=now,
        answer=CANARY, state=OutboundMail.State.SENT,
    )  # fmt: skip
    DeliveryAttempt.objects.create(mail=sent, at=now, outcome="later", answer=CANARY)
    SenderRule.objects.create(
        mailbox=Mailbox.objects.get(address="accredo@desk.test"), pattern=address, verdict="allow", created_at=now
    )
    AddressTrouble.objects.create(address=address, last_at=now, words=CANARY)
    return {key: row for key, row in everything().items() if key not in known}


@pytest.fixture
def theirs(cast: Cast, home: Path) -> Rows:
    """Return the rows of Boris; Anna's name occurs in them."""
    cast.desk.edit_minutes = 15
    cast.desk.save()
    return left_by(cast.boris, cast)


def test_ab_105_who_is_forgotten_takes_nothing_of_others_along(cast: Cast, theirs: Rows) -> None:
    erase_person(actor=Actor(cast.admin, "agent"), at=timezone.now(), person=cast.anna)
    now = everything()
    assert {key for key in theirs if key not in now} == set()
    assert {key: now[key] for key in theirs} == theirs


def test_an_archive_holds_nothing_of_anybody_else(cast: Cast, theirs: Rows) -> None:
    digest, _size = personal_archive(cast.anna, timezone.now())
    with zipfile.ZipFile(blobs.path_of(digest)) as archive:
        everything_said = "".join(archive.read(name).decode() for name in archive.namelist())
        data = json.loads(archive.read("data.json"))
    for word in ("КАНАРЕЙКА", "boris@clinic.test", "+74951234567", "10.0.0.9"):
        assert word not in everything_said
    for kept in ("drafts", "waiting_replies", "unconfirmed_requests", "ratings", "approvals", "mails_to_you"):
        assert data[kept] == [], kept
    about = data["person"]
    assert not any(about[kept] for kept in ("phones", "saved_views", "scripts", "second_factors", "erasure_asked"))
    assert [one["key"] for one in data["requests"]] == ["ACCREDO-1"]


def test_the_archive_of_who_left_it_holds_all_of_it(cast: Cast, theirs: Rows) -> None:
    digest, _size = personal_archive(cast.boris, timezone.now())
    with zipfile.ZipFile(blobs.path_of(digest)) as archive:
        data = json.loads(archive.read("data.json"))
    for kept in ("drafts", "waiting_replies", "unconfirmed_requests", "ratings", "approvals", "mails_to_you"):
        assert "КАНАРЕЙКА" in json.dumps(data[kept], ensure_ascii=False) or data[kept], kept
    about = data["person"]
    assert all(about[kept] for kept in ("phones", "saved_views", "scripts", "second_factors", "erasure_asked"))


def test_ab_01_an_archive_holds_of_a_form_what_its_person_may_read(cast: Cast, home: Path) -> None:
    kind, lead = cast.desk.request_types.all()[0], {"actor": Actor(cast.lead, "agent"), "at": timezone.now()}
    open_field, hidden = (
        add_field(**lead, request_type=kind, kind="text", label=label) for label in ("Кабинет", "Служебное")
    )
    ticket = change_type(**lead, ticket=cast.ticket, request_type=kind)
    change_answers(**lead, ticket=ticket, answers={open_field.key: "двенадцатый", hidden.key: "тайное"})
    change_field(**lead, field=hidden, values={"hidden": True})
    share_with_address(**lead, ticket=ticket, address="late@clinic.test")

    def answers_for(person: Person) -> dict[str, str]:
        digest, _size = personal_archive(person, timezone.now())
        with zipfile.ZipFile(blobs.path_of(digest)) as archive:
            [request] = json.loads(archive.read("data.json"))["requests"]
        return dict(request["answers"])

    assert answers_for(cast.anna) == {"Кабинет": "двенадцатый"}
    assert answers_for(Person.objects.get(email="late@clinic.test")) == {}, "the answers were given before"
