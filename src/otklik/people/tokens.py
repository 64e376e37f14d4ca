"""Tokens sent by mail: 256 random bits, stored as a hash, single use, short-lived (AB-25 to AB-28)."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from otklik.core.locks import lock_all
from otklik.people.models import AccountToken

_LENGTH = 43  # of token_urlsafe(32)


def issue(*, purpose: str, at: datetime, lifetime: timedelta, **fields: Any) -> str:
    """Create a token and return its secret. Earlier tokens with the same purpose, person and address stop working."""
    secret, token = draw(purpose=purpose, at=at, lifetime=lifetime, **fields)
    keep([token])
    return secret


def draw(*, purpose: str, at: datetime, lifetime: timedelta, **fields: Any) -> tuple[str, AccountToken]:
    """Return a new secret and its unsaved token, for `keep`."""
    secret = secrets.token_urlsafe(32)
    token = AccountToken(purpose=purpose, digest=digest_of(secret), created_at=at, expires_at=at + lifetime, **fields)
    return secret, token


def keep(drawn: Sequence[AccountToken]) -> None:
    """Save tokens. Earlier ones with the same purpose, person and address stop working."""
    earlier = Q(pk__in=())
    for token in drawn:
        whose = Q(person=token.person) if token.person else Q()
        earlier |= Q(purpose=token.purpose) & whose & (Q(address=token.address) if token.address else Q())
    if drawn:
        AccountToken.objects.filter(earlier).delete()
        AccountToken.objects.bulk_create(drawn)


def live(secret: str, *, purpose: str, at: datetime) -> QuerySet[AccountToken]:
    """Return a queryset with the token of this secret, if it is valid: unexpired and of no inactive person."""
    tokens = AccountToken.objects.filter(purpose=purpose, expires_at__gt=at).exclude(person__is_active=False)
    # A secret of any other length was never issued by us, whatever its bytes are.
    return tokens.filter(digest=digest_of(secret)) if len(secret) == _LENGTH else tokens.none()


def locked(secret: str, *, purpose: str, at: datetime) -> AccountToken | None:
    """Return the valid token of this secret, locked until the transaction ends, so that only one concurrent use
    succeeds."""
    held = lock_all(AccountToken.objects.filter(purpose=purpose, digest=digest_of(secret)))
    return live(secret, purpose=purpose, at=at).select_related("person").first() if held else None


def digest_of(secret: str) -> str:
    """Return the SHA-256 of a secret in hex; the secret itself is never stored."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
