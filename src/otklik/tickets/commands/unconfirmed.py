"""Requests without an account: hidden from everybody until the mailed link is confirmed (AB-90)."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db import transaction
from django.db.models import Q

from otklik.core.due_times import lately
from otklik.core.errors import UnableTo
from otklik.core.locks import lock, lock_word
from otklik.desks.models import RequestType
from otklik.mail.domains import box_of, domains_of_box
from otklik.people.actor import Actor
from otklik.people.commands.persons import ensure_person, mark_heard
from otklik.people.refusals import PersonRefusal
from otklik.people.tokens import digest_of
from otklik.tickets.answers.files import as_json
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import NewFile, written
from otklik.tickets.models import Ticket, Unconfirmed

LIFETIME = timedelta(hours=24)
LENGTH = 43  # of token_urlsafe(32)
# Most links to one address in a minute, an hour and a day, and to all addresses in an hour (rule R9, AB-32).
MINUTELY, HOURLY, DAILY, SITE_HOURLY = 1, 3, 5, 300


class UnableToConfirm(UnableTo):
    """The link is unknown or expired, or what it asks for is no longer offered."""


def hold_request(
    *,
    at: datetime,
    request_type: RequestType,
    address: str,
    name: str,
    language: str,
    subject: str,
    text: str,
    answers: Mapping[str, Any],
    files: Sequence[NewFile],
) -> str:
    """Store the request for 24 hours and return the secret of its link. Creates neither person nor ticket.

    Deletes expired ones.
    """
    secret = secrets.token_urlsafe(32)
    Unconfirmed.objects.filter(expires_at__lt=at).delete()
    Unconfirmed.objects.create(
        digest=digest_of(secret),
        request_type=request_type,
        address=address,
        name=name,
        language=language,
        subject=subject,
        text=text,
        answers=dict(answers),
        files=[as_json(file) for file in files],
        created_at=at,
        expires_at=at + LIFETIME,
    )
    return secret


def is_too_often(address: str, at: datetime) -> bool:
    """Return whether another link would exceed a limit for the mailbox (AB-22) or the site.

    The limits are MINUTELY, HOURLY, DAILY and SITE_HOURLY. Call in the transaction of `hold_request`: concurrent calls
    wait.
    """
    hour = Unconfirmed.objects.filter(lately("created_at", at, timedelta(hours=1)))
    box = box_of(address)
    # One lock for the site, since SITE_HOURLY counts the links to all mailboxes.
    lock_word("unconfirmed")
    there = (Q(address__iendswith=f"@{domain}") for domain in domains_of_box(box))
    today = Unconfirmed.objects.filter(lately("created_at", at, timedelta(days=1)))
    alike = today.filter(reduce(or_, there)).values_list("address", "created_at")
    mine = [when for other, when in alike if box_of(other) == box]
    spans = ((timedelta(minutes=1), MINUTELY), (timedelta(hours=1), HOURLY), (timedelta(days=1), DAILY))
    return hour.count() >= SITE_HOURLY or any(sum(when > at - span for when in mine) >= most for span, most in spans)


def held_request(*, secret: str, at: datetime) -> Unconfirmed:
    """Return the request that waits for confirmation by this link. Raises UnableToConfirm."""
    requests = Unconfirmed.objects.select_related("request_type__desk").filter(digest=digest_of(secret))
    unconfirmed = requests.filter(expires_at__gt=at).first() if len(secret) == LENGTH else None
    kind = unconfirmed.request_type if unconfirmed else None
    if unconfirmed is None or kind is None or kind.archived or kind.restricted or not kind.desk.anonymous:
        raise UnableToConfirm(PersonRefusal.LINK_GONE)
    return unconfirmed


def void_confirmations(*, secrets: Collection[str], at: datetime) -> int:
    """Delete pending requests whose links others may have read; return their number."""
    digests = [digest_of(secret) for secret in secrets if len(secret) == LENGTH]
    waiting = Unconfirmed.objects.filter(digest__in=digests, ticket_key="", expires_at__gt=at)
    return waiting.delete()[0] if digests else 0


def confirm_request(*, secret: str, at: datetime) -> Ticket:
    """Open the request, whose address is now verified. Idempotent. Raises UnableToConfirm."""
    with transaction.atomic():
        unconfirmed = lock(Unconfirmed, held_request(secret=secret, at=at).pk)
        if unconfirmed.ticket_key:
            return Ticket.objects.get(key=unconfirmed.ticket_key)
        person, _made = ensure_person(
            address=unconfirmed.address, name=unconfirmed.name, at=at, language=unconfirmed.language
        )
        if not person.is_active:
            raise UnableToConfirm(PersonRefusal.LINK_GONE)
        mark_heard(persons=[person], at=at)
        ticket = open_ticket(
            actor=Actor(person, "portal"),
            at=at,
            desk=unconfirmed.request_type.desk,
            channel=Ticket.Channel.PORTAL,
            subject=unconfirmed.subject,
            words=written(unconfirmed.text),
            requester=person,
            request_type=unconfirmed.request_type,
            files=[NewFile(**file) for file in unconfirmed.files],
            answers=unconfirmed.answers,
        )
        unconfirmed.ticket_key, unconfirmed.text, unconfirmed.files, unconfirmed.answers = ticket.key, "", [], {}
        unconfirmed.save(update_fields=["ticket_key", "text", "files", "answers"])
    return ticket
