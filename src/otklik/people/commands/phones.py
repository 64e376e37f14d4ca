"""Add and remove the phone numbers by which callers are recognised."""

from datetime import datetime
from functools import lru_cache

import phonenumbers
from django.db import transaction

from otklik.core.errors import UnableTo
from otklik.journal.record import record
from otklik.people.actor import Actor
from otklik.people.events import PhoneAdded, PhoneRemoved
from otklik.people.models import Person, Phone
from otklik.people.refusals import PersonRefusal

LONGEST = 40


class UnableToAddPhone(UnableTo):
    """The text contains no telephone number."""


def comparable_number(text: str, region: str = "RU") -> str:
    """Return the number in E.164 (+7495…) if it is valid in `region`, otherwise its digits; "" without digits.

    E.164 has no extensions (RFC 3966 keeps them apart), so numbers with one are kept as digits.
    """
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        number = None
    if number is not None and not number.extension and phonenumbers.is_valid_number(number):
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return "".join(c for c in text if c in "0123456789")[:LONGEST]


@lru_cache(maxsize=2000)
def readable_number(number: str) -> str:
    """Return a number of `comparable_number` in groups as people read it («+7 495 123-45-67»), others unchanged."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def add_phone(*, actor: Actor, at: datetime, person: Person, number: str) -> Phone:
    """Add a number to a person; does nothing if they have it already. Raises UnableToAddPhone."""
    digits = comparable_number(number)
    if not digits:
        raise UnableToAddPhone(PersonRefusal.PHONE_INVALID)
    with transaction.atomic():
        phone, new = Phone.objects.get_or_create(person=person, number=digits)
        if new:
            record(PhoneAdded(), about=person.pk, by=actor, at=at)
    return phone


def remove_phone(*, actor: Actor, at: datetime, phone: Phone) -> None:
    """Remove the number from its person."""
    with transaction.atomic():
        person = phone.person
        phone.delete()
        record(PhoneRemoved(), about=person.pk, by=actor, at=at)
