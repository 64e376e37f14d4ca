"""Keys with which scripts act as a person (AB-40): made, shown once, recognised, revoked."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.journal.record import record
from otklik.people.actor import Actor
from otklik.people.events import TokenAdded, TokenRevoked
from otklik.people.models import ApiToken, Person
from otklik.people.tokens import digest_of

LIFETIME = timedelta(days=90)
MOST = 20
_START = "otklik_"
_LENGTH = len(_START) + 43
_GRAIN = timedelta(minutes=5)


class UnableToMakeToken(UnableTo):
    """No token."""


def add_token(
    *, actor: Actor, at: datetime, person: Person, name: str, lifetime: timedelta = LIFETIME
) -> tuple[ApiToken, str]:
    """A new key and its secret, which nobody can read again.

    Raises UnableToMakeToken: no name, somebody switched off, too many.
    """
    line = " ".join(name.split())[:100]
    if not line or not person.is_active:
        raise UnableToMakeToken(_("Give the token a name, so that you know later what it is for."))
    if ApiToken.objects.filter(person=person, expires_at__gt=at).count() >= MOST:
        raise UnableToMakeToken(_("There are enough tokens. Revoke one first."))
    secret = _START + secrets.token_urlsafe(32)
    with transaction.atomic():
        row = ApiToken.objects.create(
            person=person,
            name=line,
            prefix=secret[:12],
            digest=digest_of(secret),
            created_at=at,
            expires_at=at + lifetime,
        )
        record(TokenAdded(name=line), about=person.pk, by=actor, at=at)
    return row, secret


def revoke_token(*, actor: Actor, at: datetime, token: ApiToken) -> None:
    """The key opens nothing any more."""
    with transaction.atomic():
        person, name = token.person, token.name
        token.delete()
        record(TokenRevoked(name=name), about=person.pk, by=actor, at=at)


def person_by_token(*, secret: str, at: datetime) -> Person | None:
    """Whose key this is while it lives; notes its use, at most every five minutes."""
    if len(secret) != _LENGTH or not secret.startswith(_START):
        return None
    live = ApiToken.objects.filter(digest=digest_of(secret), expires_at__gt=at, person__is_active=True)
    row = live.select_related("person").first()
    if row is None:
        return None
    if row.last_used_at is None or at - row.last_used_at > _GRAIN:
        ApiToken.objects.filter(pk=row.pk).update(last_used_at=at)
    return row.person
