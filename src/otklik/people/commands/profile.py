"""Change one's own name, language, time zone, theme and notification settings."""

from datetime import datetime

from django.db import transaction

from otklik.core.errors import UnableTo
from otklik.journal.record import record
from otklik.people.actor import Actor
from otklik.people.commands.persons import mark_proved, set_new_password
from otklik.people.events import NoticesChanged, PasswordChanged, PasswordReset, PersonEvent, ProfileChanged
from otklik.people.models import AccountToken, Person
from otklik.people.refusals import PersonRefusal


class UnableToChangeProfile(UnableTo):
    """The profile is left unchanged; the refusal code says why."""


def change_profile(
    *, person: Person, at: datetime, name: str, language: str, time_zone: str, theme: str | None = None
) -> Person:
    """Set name (one line), language and time zone ("" for the site's), and theme (None leaves it).

    Raises UnableToChangeProfile if the name is empty. Language and zone must have been validated by the form.
    """
    line = " ".join(name.split())[:200]
    if not line:
        raise UnableToChangeProfile(PersonRefusal.NAME_MISSING)
    person.name, person.language, person.time_zone = line, language, time_zone
    person.theme = person.theme if theme is None else theme
    with transaction.atomic():
        person.save(update_fields=["name", "language", "time_zone", "theme"])
        _tell(person, at, ProfileChanged())
    return person


def choose_language(*, person: Person, at: datetime, language: str) -> Person:
    """Set only the language, as the switch in the header does."""
    return change_profile(person=person, at=at, name=person.display_name, language=language, time_zone=person.time_zone)


def choose_sight(*, person: Person, at: datetime, sight: str) -> Person:
    """Store the low-vision settings, in the format of `core.low_vision`."""
    person.sight = sight
    with transaction.atomic():
        person.save(update_fields=["sight"])
        _tell(person, at, ProfileChanged())
    return person


def choose_theme(*, person: Person, theme: str) -> None:
    """Set the theme: "light", "dark", or "" for the system's. Records no event."""
    person.theme = theme
    person.save(update_fields=["theme"])


def choose_notices(*, person: Person, at: datetime, notices: str, digest_hour: int) -> None:
    """Set how much mail about requests the person gets, and the local hour (0 to 23) of the daily digest."""
    person.notices, person.digest_hour = notices, digest_hour
    with transaction.atomic():
        person.save(update_fields=["notices", "digest_hour"])
        _tell(person, at, NoticesChanged())


def change_password(*, person: Person, at: datetime, password: str) -> Person:
    """Set a validated password for somebody who has just entered the old one. Ends all other sessions."""
    with transaction.atomic():
        set_new_password(person=person, password=password)
        _tell(person, at, PasswordChanged())
    return person


def reset_password(*, person: Person, at: datetime, password: str) -> Person:
    """Set a validated password for somebody who followed the mailed link, which also verifies the address.

    Invalidates all other mailed links and ends all sessions.
    """
    with transaction.atomic():
        set_new_password(person=person, password=password)
        AccountToken.objects.filter(person=person).delete()
        mark_proved(person=person, at=at)
        _tell(person, at, PasswordReset())
    return person


def _tell(person: Person, at: datetime, told: PersonEvent) -> None:
    record(told, about=person.pk, by=Actor(person, "portal"), at=at)
