"""Add and remove the phone numbers by which callers are recognised."""

from datetime import datetime

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
    """The text holds no telephone number."""


def comparable_number(text: str, region: str = "RU") -> str:
    """The number as +7495… (E.164) where it can be read so in `region`, else its digits; "" without digits.

    An extension is left out of E.164 (RFC 3966 keeps it apart), so such numbers are kept as digits.
    """
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        number = None
    if number is not None and not number.extension and phonenumbers.is_valid_number(number):
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return "".join(c for c in text if c in "0123456789")[:LONGEST]


def add_phone(*, actor: Actor, at: datetime, person: Person, number: str) -> Phone:
    """Keep that the person calls from this number; nothing changes when it is known. Raises UnableToAddPhone."""
    digits = comparable_number(number)
    if not digits:
        raise UnableToAddPhone(PersonRefusal.PHONE_INVALID)
    with transaction.atomic():
        phone, new = Phone.objects.get_or_create(person=person, number=digits)
        if new:
            record(PhoneAdded(), about=person.pk, by=actor, at=at)
    return phone


def remove_phone(*, actor: Actor, at: datetime, phone: Phone) -> None:
    """Forget that the person calls from this number."""
    with transaction.atomic():
        person = phone.person
        phone.delete()
        record(PhoneRemoved(), about=person.pk, by=actor, at=at)
