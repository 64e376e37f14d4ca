"""The first mail's button: set a password and prove the address (security cases AB-23 to AB-27)."""

from datetime import datetime, timedelta

from django.db import transaction

from otklik.core.errors import UnableTo
from otklik.people import tokens
from otklik.people.commands.persons import mark_proved, set_new_password
from otklik.people.models import AccountToken, Person
from otklik.people.refusals import PersonRefusal

LIFETIME = timedelta(hours=24)
STAFF_LIFETIME = timedelta(hours=72)


class UnableToActivate(UnableTo):
    """The link is unknown, used up or too old. One message for all three, so that nothing can be probed."""


def issue_activation(*, person: Person, at: datetime, lifetime: timedelta = LIFETIME) -> str:
    """A new secret for the activation link of `person`; any earlier one stops working. Stored only as a hash."""
    with transaction.atomic():
        return tokens.issue(purpose=AccountToken.ACTIVATION, at=at, lifetime=lifetime, person=person)


def draw_activation(*, person: Person, at: datetime) -> tuple[str, AccountToken]:
    """As `issue_activation`, but the secret's row is written by whoever writes the mail (people.tokens.keep)."""
    return tokens.draw(purpose=AccountToken.ACTIVATION, at=at, lifetime=LIFETIME, person=person)


def person_to_activate(*, secret: str, at: datetime) -> Person:
    """Whose link this is; changes nothing, so that mail scanners may open links. Raises UnableToActivate."""
    token = tokens.live(secret, purpose=AccountToken.ACTIVATION, at=at).select_related("person").first()
    if token is None or token.person is None:
        raise UnableToActivate(PersonRefusal.LINK_GONE)
    return token.person


def activate(*, secret: str, password: str | None, at: datetime) -> Person:
    """Use the link up: set the password, mark the address as proved. The password must be validated before; with None
    the person logs in by mailed codes, and a password set by anybody before counts no longer.

    Raises UnableToActivate. Two at once: one wins, the other is refused.
    """
    with transaction.atomic():
        token = tokens.locked(secret, purpose=AccountToken.ACTIVATION, at=at)
        if token is None or token.person is None:
            raise UnableToActivate(PersonRefusal.LINK_GONE)
        person = token.person
        set_new_password(person=person, password=password)
        mark_proved(person=person, at=at)
    return person
