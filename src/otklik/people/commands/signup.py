"""Self-registration: no account exists until the mailed link is used, so none can be taken over before (AB-24)."""

from datetime import datetime

from django.db import transaction

from otklik.people import tokens
from otklik.people.commands.account_activation import LIFETIME, UnableToActivate
from otklik.people.commands.persons import ensure_person, mark_proved, set_new_password
from otklik.people.models import AccountToken, Person
from otklik.people.refusals import PersonRefusal


def issue_sign_up(*, address: str, name: str, at: datetime) -> str:
    """Issue the secret of a sign-up link for a canonical address; earlier ones for it stop working."""
    with transaction.atomic():
        return tokens.issue(
            purpose=AccountToken.SIGN_UP, at=at, lifetime=LIFETIME, address=address, name=" ".join(name.split())[:200]
        )


def address_to_sign_up(*, secret: str, at: datetime) -> str:
    """Return the address of a sign-up link. Does not use it up. Raises UnableToActivate."""
    token = tokens.live(secret, purpose=AccountToken.SIGN_UP, at=at).first()
    if token is None:
        raise UnableToActivate(PersonRefusal.LINK_GONE)
    return token.address


def finish_sign_up(*, secret: str, password: str | None, at: datetime) -> Person:
    """Use the link: create the person with a verified address and this validated password.

    With None the person logs in by mailed codes. Somebody who wrote mail from the address meanwhile keeps their
    requests. Raises UnableToActivate, also if the address meanwhile belongs to an activated account.
    """
    with transaction.atomic():
        token = tokens.locked(secret, purpose=AccountToken.SIGN_UP, at=at)
        if token is None:
            raise UnableToActivate(PersonRefusal.LINK_GONE)
        token.delete()
        person, _new = ensure_person(address=token.address, name=token.name, at=at)
        if not person.is_active or person.activated_at is not None or person.email != token.address:
            raise UnableToActivate(PersonRefusal.LINK_GONE)
        set_new_password(person=person, password=password)
        mark_proved(person=person, at=at)
    return person
