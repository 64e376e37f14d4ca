"""The first mail's button: set a password and prove the address (security cases AB-23 to AB-27)."""

import hashlib
import secrets
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import QuerySet

from otklik.core.errors import UnableTo
from otklik.people.models import AccountToken, Person

LIFETIME = timedelta(hours=24)


class UnableToActivate(UnableTo):
    """The link is unknown, used up or too old. One message for all three, so that nothing can be probed."""


def issue_activation(*, person: Person, at: datetime) -> str:
    """A new secret for the activation link of `person`; any earlier one stops working. Stored only as a hash."""
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        AccountToken.objects.filter(person=person, purpose=AccountToken.ACTIVATION).delete()
        AccountToken.objects.create(
            person=person,
            purpose=AccountToken.ACTIVATION,
            digest=_digest(secret),
            created_at=at,
            expires_at=at + LIFETIME,
        )
    return secret


def person_to_activate(*, secret: str, at: datetime) -> Person:
    """Whose link this is; changes nothing, so that mail scanners may open links. Raises UnableToActivate."""
    token = _valid(secret, at).select_related("person").first()
    if token is None:
        raise UnableToActivate
    return token.person


def activate(*, secret: str, password: str, at: datetime) -> Person:
    """Use the link up: set the password, mark the address as proved. The password must be validated before.

    Raises UnableToActivate. Two at once: one wins, the other is refused.
    """
    with transaction.atomic():
        token = _valid(secret, at).select_for_update(of=("self",)).select_related("person").first()
        if token is None:
            raise UnableToActivate
        person = token.person
        token.delete()
        person.set_password(password)
        person.activated_at = person.activated_at or at
        person.save(update_fields=["password", "activated_at"])
        EmailAddress.objects.update_or_create(
            user=person, email=person.email, defaults={"verified": True, "primary": True}
        )
    return person


def _valid(secret: str, at: datetime) -> QuerySet[AccountToken]:
    live = AccountToken.objects.filter(purpose=AccountToken.ACTIVATION, expires_at__gt=at, person__is_active=True)
    # A secret of any other length was never issued by us, whatever its bytes are.
    return live.filter(digest=_digest(secret)) if len(secret) == 43 else live.none()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
