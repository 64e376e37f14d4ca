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
    """The profile cannot be changed so."""


def change_profile(
    *, person: Person, at: datetime, name: str, language: str, time_zone: str, theme: str | None = None
) -> Person:
    """Set the person's own name (one line), language and time zone ("" for the site's), and theme (None: as it is).

    Raises UnableToChangeProfile without a name. Language and zone must be known ones; the form sees to that.
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
    """Set the language alone: the switch in the header."""
    return change_profile(person=person, at=at, name=person.display_name, language=language, time_zone=person.time_zone)


def choose_sight(*, person: Person, at: datetime, sight: str) -> Person:
    """Keep what the person chose in the version for the visually impaired, as core.low_vision packs it."""
    person.sight = sight
    with transaction.atomic():
        person.save(update_fields=["sight"])
        _tell(person, at, ProfileChanged())
    return person


def choose_theme(*, person: Person, theme: str) -> None:
    """Light, dark, or "" for what the system says: the switch in the menu. Not worth an event."""
    person.theme = theme
    person.save(update_fields=["theme"])


def choose_notices(*, person: Person, at: datetime, notices: str, digest_hour: int) -> None:
    """How much mail about requests the person wants, and at which hour of their day the digest comes."""
    person.notices, person.digest_hour = notices, digest_hour
    with transaction.atomic():
        person.save(update_fields=["notices", "digest_hour"])
        _tell(person, at, NoticesChanged())


def change_password(*, person: Person, at: datetime, password: str) -> Person:
    """Set a validated password for somebody who has just proved to know the old one. All other sessions end."""
    with transaction.atomic():
        set_new_password(person=person, password=password)
        _tell(person, at, PasswordChanged())
    return person


def reset_password(*, person: Person, at: datetime, password: str) -> Person:
    """Set a validated password for somebody who followed the mailed link: that proves the address, too.

    Every other link under way stops working, all sessions end.
    """
    with transaction.atomic():
        set_new_password(person=person, password=password)
        AccountToken.objects.filter(person=person).delete()
        mark_proved(person=person, at=at)
        _tell(person, at, PasswordReset())
    return person


def _tell(person: Person, at: datetime, told: PersonEvent) -> None:
    record(told, about=person.pk, by=Actor(person, "portal"), at=at)
