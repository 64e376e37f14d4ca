"""Addresses that combine a desk or ticket with an object of another one, or with none, give 404 and change nothing.

Tested as the administrator, who works at every desk, so that only the address can be the reason.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from otklik.journal.models import Event
from otklik.people.actor import Actor
from otklik.people.models import Organization
from otklik.tickets.commands.fields import add_participant
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import Words
from otklik.tickets.models import Ticket
from tests.cast import START, Cast
from tests.test_matrix import TABLE, filled, make_places

# What an address may name first, and behind it things that belong to that.
_OWNERS = ("int:desk_id", "desk_key:key", "ticket_key:key", "request_key:key")
_THINGS = (
    "int:group_id", "int:type_id", "int:queue_id", "int:transition_id", "int:person_id", "int:message_id",
    "int:inbound_id", "int:event_id", "int:field_id", "int:approval_id", "int:reply_id", "int:organization_id",
    "int:mail_id", "int:attachment_id", "int:view_id", "int:token_id", "int:phone_id", "int:passkey_id",
    "int:session_id", "int:link_id", "int:run_id",
)  # fmt: skip
_WRITES = re.compile(r'(UPDATE|DELETE FROM) "(tickets|desks|mail)_|INSERT INTO "journal_')
NOBODY = "999999999"


def things_in(address: str) -> list[str]:
    return [one for one in re.findall(r"<([^>]+)>", address) if one in _THINGS]


def joined() -> Iterator[str]:
    """Yield addresses that name an object after its owner."""
    for address in sorted(TABLE):
        if things_in(address) and any(f"<{one}>" in address for one in _OWNERS):
            yield address


@pytest.fixture
def elsewhere(cast: Cast, home: Path) -> dict[str, str]:
    """Return the objects of ACCREDO-1, but with the other desk and a ticket there as their owners."""
    other = open_ticket(
        actor=Actor(cast.anna, "portal"), at=START, desk=cast.other_desk, channel=Ticket.Channel.PORTAL,
        subject="Другой запрос", words=Words("Другой"), requester=cast.anna,
    )  # fmt: skip
    add_participant(actor=Actor(cast.anna, "portal"), at=START, ticket=other, person=cast.admin, sees_all=True)
    places = make_places(cast)
    event = Event.objects.filter(subject_kind="ticket", subject_id=cast.ticket.pk)[0]
    owners = {"int:desk_id": str(cast.other_desk.pk), "desk_key:key": "OTHER"}
    return {
        **places, **owners, "ticket_key:key": other.key, "request_key:key": other.key, "int:event_id": str(event.pk)
    }  # fmt: skip


@pytest.fixture
def beside(cast: Cast, home: Path) -> dict[str, str]:
    """Return the same objects, but with another ticket, another type of the same desk and another organization as
    owners."""
    other = open_ticket(
        actor=Actor(cast.anna, "portal"), at=START, desk=cast.desk, channel=Ticket.Channel.PORTAL,
        subject="Другой запрос", words=Words("Другой"), requester=cast.anna,
    )  # fmt: skip
    add_participant(actor=Actor(cast.anna, "portal"), at=START, ticket=other, person=cast.admin, sees_all=True)
    owners = {
        "int:type_id": str(cast.desk.request_types.order_by("id")[1].pk), "ticket_key:key": other.key,
        "request_key:key": other.key, "int:organization_id": str(Organization.objects.create(name="Больница").pk),
    }  # fmt: skip
    return {**make_places(cast), **owners}


def owned_within_a_desk() -> Iterator[str]:
    """Yield addresses whose object belongs to a ticket, a type's form or an organization; transitions belong to the
    desk."""
    for address in sorted(TABLE):
        things = set(things_in(address)) - {"int:transition_id"}
        of_request = things and ("<ticket_key:key>" in address or "<request_key:key>" in address)
        if of_request or "int:field_id" in things or things == {"int:organization_id", "int:person_id"}:
            yield address


def admin(cast: Cast) -> Client:
    client = Client(raise_request_exception=True)
    client.force_login(cast.admin)
    return client


def refuses(client: Client, path: str) -> Iterator[str]:
    """Yield what is wrong with the address' answers; nothing is expected."""
    for method in ("get", "post"):
        point = transaction.savepoint()
        with CaptureQueriesContext(connection) as seen:
            response = getattr(client, method)(path)
        written = [one["sql"] for one in seen if _WRITES.match(one["sql"])]
        transaction.savepoint_rollback(point)
        # Some pages say in words that it cannot be done, or ask for a fresh proof first.
        if response.status_code not in ({404, 405} if method == "get" else {302, 404, 405}) or written:
            yield f"{method} {path}: {response.status_code} {written}"


def test_ab_44_what_belongs_to_another_desk_or_request_is_not_found_behind_this_one(
    cast: Cast, elsewhere: dict[str, str]
) -> None:
    client, found = admin(cast), list(joined())
    assert len(found) > 50
    wrong = [one for address in found for one in refuses(client, filled(address, elsewhere))]
    assert wrong == []


def test_ab_44_what_belongs_beside_this_request_type_or_organisation_is_not_found_behind_it(
    cast: Cast, beside: dict[str, str]
) -> None:
    client, found = admin(cast), list(owned_within_a_desk())
    assert len(found) > 30
    wrong = [one for address in found for one in refuses(client, filled(address, beside))]
    assert wrong == []


def test_what_is_not_there_is_not_found(cast: Cast, home: Path) -> None:
    places, client = make_places(cast), admin(cast)
    nothing = {**places, **dict.fromkeys(_THINGS, NOBODY), "picture": NOBODY, "note": NOBODY}
    found = [address for address in sorted(TABLE) if things_in(address)]
    wrong = [one for address in found for one in refuses(client, filled(address, nothing))]
    assert wrong == []
