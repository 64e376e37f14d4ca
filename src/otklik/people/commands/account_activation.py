"""Activate an account by a mailed link: set a password and prove the address (security cases AB-23 to AB-27)."""

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
    """The link is unknown, used or expired. One message for all three, so that nobody can probe for valid links."""


def issue_activation(*, person: Person, at: datetime, lifetime: timedelta = LIFETIME) -> str:
    """Issue the secret of an activation link. Only its hash is stored; an earlier link of the person stops working."""
    with transaction.atomic():
        return tokens.issue(purpose=AccountToken.ACTIVATION, at=at, lifetime=lifetime, person=person)


def draw_activation(*, person: Person, at: datetime) -> tuple[str, AccountToken]:
    """Like `issue_activation`, without saving: the caller saves the token with the mail (people.tokens.keep).

    Returns (secret, unsaved token).
    """
    return tokens.draw(purpose=AccountToken.ACTIVATION, at=at, lifetime=LIFETIME, person=person)


def person_to_activate(*, secret: str, at: datetime) -> Person:
    """The person whose activation link this is. Raises UnableToActivate.

    Does not use up the link, as mail scanners open links before people do.
    """
    token = tokens.live(secret, purpose=AccountToken.ACTIVATION, at=at).select_related("person").first()
    if token is None or token.person is None:
        raise UnableToActivate(PersonRefusal.LINK_GONE)
    return token.person


def activate(*, secret: str, password: str | None, at: datetime) -> Person:
    """Use up the link: set the password and mark the address as proved. Returns the person.

    `password` must have been validated. With None the person logs in by mailed codes, and any earlier password stops
    working. Raises UnableToActivate; of two concurrent uses one succeeds and the other is refused.
    """
    with transaction.atomic():
        token = tokens.locked(secret, purpose=AccountToken.ACTIVATION, at=at)
        if token is None or token.person is None:
            raise UnableToActivate(PersonRefusal.LINK_GONE)
        person = token.person
        set_new_password(person=person, password=password)
        mark_proved(person=person, at=at)
    return person
