"""Create, authenticate and revoke API tokens, with which scripts act as a person (AB-40)."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import connection, transaction

from otklik.core.errors import UnableTo
from otklik.core.locks import lock
from otklik.journal.record import record
from otklik.people.actor import Actor
from otklik.people.events import TokenAdded, TokenRevoked
from otklik.people.models import ApiToken, Person
from otklik.people.refusals import PersonRefusal
from otklik.people.tokens import digest_of

LIFETIME = timedelta(days=90)
MOST = 20
MOST_RATE = 60_000
WINDOW = timedelta(minutes=1)
ALL = tuple(ApiToken.Scope.values)
START = "otklik_"
"""How every token begins, so that it is known wherever it stands."""

_LENGTH = len(START) + 43
_GRAIN = timedelta(minutes=5)

# A window of one minute that starts with its first use.
_COUNT = """
UPDATE people_apitoken SET
       window_uses = CASE WHEN window_at > %(since)s AND window_at <= %(at)s THEN window_uses + 1 ELSE 1 END,
       window_at = CASE WHEN window_at > %(since)s AND window_at <= %(at)s THEN window_at ELSE %(at)s END
 WHERE id = %(pk)s AND NOT coalesce(window_at > %(since)s AND window_at <= %(at)s AND window_uses >= rate, false)
"""


class UnableToMakeToken(UnableTo):
    """The token cannot be created; the refusal code says why."""


def add_token(
    *,
    actor: Actor,
    at: datetime,
    person: Person,
    name: str,
    lifetime: timedelta = LIFETIME,
    scopes: Collection[str] = ALL,
    rate: int | None = None,
) -> tuple[ApiToken, str]:
    """Create a token; return it and its secret, of which only a hash is stored.

    `scopes`: what the token may do, within the person's own rights. `rate`: the most uses per minute, None for no
    limit. Raises UnableToMakeToken for an empty name, an inactive person, too many tokens, and invalid scopes or rate.
    """
    line = " ".join(name.split())[:100]
    if not line or not person.is_active:
        raise UnableToMakeToken(PersonRefusal.TOKEN_NAME_MISSING)
    if not scopes or not set(scopes) <= set(ALL):
        raise UnableToMakeToken(PersonRefusal.SCOPE_MISSING)
    if rate is not None and not 0 < rate <= MOST_RATE:
        raise UnableToMakeToken(PersonRefusal.RATE_INVALID, most=MOST_RATE)
    secret = START + secrets.token_urlsafe(32)
    with transaction.atomic():
        lock(Person, person.pk, weakly=True)
        if ApiToken.objects.filter(person=person, expires_at__gt=at).count() >= MOST:
            raise UnableToMakeToken(PersonRefusal.TOO_MANY_TOKENS)
        token = ApiToken.objects.create(
            person=person,
            name=line,
            prefix=secret[:12],
            digest=digest_of(secret),
            scopes=[scope for scope in ALL if scope in scopes],
            rate=rate,
            created_at=at,
            expires_at=at + lifetime,
        )
        record(TokenAdded(name=line), about=person.pk, by=actor, at=at)
    return token, secret


def revoke_token(*, actor: Actor, at: datetime, token: ApiToken) -> None:
    """Delete the token; it stops working at once."""
    with transaction.atomic():
        person, name = token.person, token.name
        token.delete()
        record(TokenRevoked(name=name), about=person.pk, by=actor, at=at)


class TooManyUses(UnableTo):
    """The token exceeded its rate per minute."""


def person_by_token(*, secret: str, at: datetime, scope: str = ApiToken.Scope.READ) -> Person | None:
    """Return the person of this live token, None if it is unknown, expired or lacks the `scope`.

    Records the time of last use at most every five minutes, and counts uses of tokens with a rate. Raises TooManyUses.
    """
    if len(secret) != _LENGTH or not secret.startswith(START):
        return None
    live = ApiToken.objects.filter(digest=digest_of(secret), expires_at__gt=at, person__is_active=True)
    token = live.select_related("person").first()
    if token is None or scope not in token.scopes:
        return None
    if token.rate is not None and not _counted(token.pk, at):
        raise TooManyUses(PersonRefusal.RATE_EXCEEDED)
    if token.last_used_at is None or at - token.last_used_at > _GRAIN:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=at)
    return token.person


def _counted(pk: int, at: datetime) -> bool:
    """Count a use within its minute; return False beyond the rate. One statement, so that concurrent uses cannot both
    take the last one."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"pk": pk, "at": at, "since": at - WINDOW})
        return bool(cursor.rowcount == 1)
