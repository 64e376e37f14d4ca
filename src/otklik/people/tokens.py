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
    """A new secret; every earlier token with the same purpose, person and address stops working."""
    secret, token = draw(purpose=purpose, at=at, lifetime=lifetime, **fields)
    keep([token])
    return secret


def draw(*, purpose: str, at: datetime, lifetime: timedelta, **fields: Any) -> tuple[str, AccountToken]:
    """A new secret and its row, which `keep` writes."""
    secret = secrets.token_urlsafe(32)
    token = AccountToken(purpose=purpose, digest=digest_of(secret), created_at=at, expires_at=at + lifetime, **fields)
    return secret, token


def keep(drawn: Sequence[AccountToken]) -> None:
    """Write tokens; every earlier one with the same purpose, person and address stops working."""
    earlier = Q(pk__in=())
    for token in drawn:
        whose = Q(person=token.person) if token.person else Q()
        earlier |= Q(purpose=token.purpose) & whose & (Q(address=token.address) if token.address else Q())
    if drawn:
        AccountToken.objects.filter(earlier).delete()
        AccountToken.objects.bulk_create(drawn)


def live(secret: str, *, purpose: str, at: datetime) -> QuerySet[AccountToken]:
    """The token of this secret while it works, as a query of at most one row."""
    tokens = AccountToken.objects.filter(purpose=purpose, expires_at__gt=at).exclude(person__is_active=False)
    # A secret of any other length was never issued by us, whatever its bytes are.
    return tokens.filter(digest=digest_of(secret)) if len(secret) == _LENGTH else tokens.none()


def locked(secret: str, *, purpose: str, at: datetime) -> AccountToken | None:
    """The token of this secret if it still works, locked until the transaction ends: of two who use it, one does."""
    held = lock_all(AccountToken.objects.filter(purpose=purpose, digest=digest_of(secret)))
    return live(secret, purpose=purpose, at=at).select_related("person").first() if held else None


def digest_of(secret: str) -> str:
    """The SHA-256 of a secret in hex, which is all that is stored of it."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
