"""Create people, give them addresses and passwords, and record that an address was proved.

These commands check no rights: callers decide who may use them.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from otklik.core.errors import UnableTo
from otklik.core.locks import lock
from otklik.journal.record import record
from otklik.people.actor import Actor
from otklik.people.addresses import canonical
from otklik.people.commands.organizations import join_by_domain
from otklik.people.events import AddressGiven
from otklik.people.login_throttle import forget_guesses
from otklik.people.models import AccountToken, Person
from otklik.people.queries import person_by_address, persons_by_addresses
from otklik.people.refusals import PersonRefusal


class UnableToAddPerson(UnableTo):
    """The person cannot be created, or cannot get this address; the refusal code says why."""


def ensure_person(*, address: str, name: str, at: datetime, language: str = "") -> tuple[Person, bool]:
    """Get or create the person with this address, primary or not. Returns (person, created).

    Safe when several processes meet the same new address at once. A known person keeps their name, because the sender
    of a mail may claim any name. Raises BadAddress.
    """
    email = canonical(address)
    known = person_by_address(email)
    if known is not None:
        return known, False
    try:
        with transaction.atomic():
            return _create_all([(email, name)], at=at, language=language)[0], True
    except IntegrityError:
        return Person.objects.get(emailaddress__email=email), False


def ensure_persons(*, names: Mapping[str, str], at: datetime) -> dict[str, Person]:
    """`ensure_person` in bulk. `names` maps canonical addresses to names; returns a map from address to person.

    Takes a fixed number of statements, unless another process creates one of the addresses meanwhile.
    """
    known = persons_by_addresses(names)
    # Sorted, so that two processes with the same new addresses cannot deadlock.
    fresh = sorted(set(names) - set(known))
    try:
        with transaction.atomic():
            made = _create_all([(email, names[email]) for email in fresh], at=at, language="")
    except IntegrityError:
        made = [ensure_person(address=email, name=names[email], at=at)[0] for email in fresh]
    return known | dict(zip(fresh, made, strict=True))


def add_caller(*, name: str, at: datetime) -> Person:
    """Create a person without an address, for somebody who phones. Raises UnableToAddPerson if the name is blank."""
    if not name.strip():
        raise UnableToAddPerson(PersonRefusal.CALLER_NAME_MISSING)
    person = Person(email=None, name=name.strip()[:200], created_at=at)
    person.set_unusable_password()
    person.save()
    return person


def give_address(*, actor: Actor, at: datetime, person: Person, address: str) -> None:
    """Set the first address of a person known only by telephone. It is unverified, but mail goes there from now on.

    Raises BadAddress; UnableToAddPerson if the person has an address already (they add others themselves) or the
    address belongs to somebody else.
    """
    email = canonical(address)
    try:
        with transaction.atomic():
            stored = lock(Person, person.pk)
            if stored.email:
                raise UnableToAddPerson(PersonRefusal.HAS_ADDRESS)
            if person_by_address(email) is not None:
                raise UnableToAddPerson(PersonRefusal.ADDRESS_TAKEN)
            stored.email = email
            stored.save(update_fields=["email"])
            EmailAddress.objects.create(user=stored, email=email, primary=True, verified=False)
            record(AddressGiven(), about=stored.pk, by=actor, at=at)
    except IntegrityError:
        raise UnableToAddPerson(PersonRefusal.ADDRESS_TAKEN) from None
    person.email = email


def _create_all(fresh: Sequence[tuple[str, str]], *, at: datetime, language: str) -> list[Person]:
    """Insert people from (canonical address, name) pairs. Raises IntegrityError if an address exists."""
    persons = [
        Person(email=email, name=_clean_name(name, email), created_at=at, language=language) for email, name in fresh
    ]
    for person in persons:
        person.set_unusable_password()
    Person.objects.bulk_create(persons)
    # allauth finds accounts by this row; following the mailed link verifies it.
    EmailAddress.objects.bulk_create(
        EmailAddress(user=person, email=person.email, primary=True, verified=False) for person in persons
    )
    return persons


def _clean_name(name: str, email: str) -> str:
    return " ".join(name.split())[:200] or email.partition("@")[0]


def grant(
    *, person: Person, at: datetime, name: str = "", password: str | None = None, admin: bool | None = None
) -> Person:
    """Set what only an administrator decides about a person; None and "" leave the value as it is.

    `password` must have been validated. Setting it marks the address as proved, because the administrator vouches for
    it. `admin`: whether the person administers the site. Returns the saved person.
    """
    with transaction.atomic():
        person = lock(Person, person.pk)
        person.name = name or person.name
        person.is_admin = person.is_admin if admin is None else admin
        if password is not None:
            set_new_password(person=person, password=password)
            mark_proved(person=person, at=at)
        person.save()
    return person


def set_new_password(*, person: Person, password: str | None) -> None:
    """Set a validated password; None disables password login. Call it within a transaction.

    Resets the count of wrong guesses and invalidates every token that is still in the mail: activation links, login
    codes, and confirmations of further addresses that an intruder may have requested.
    """
    person.set_password(password)
    person.save(update_fields=Person.PASSWORD_FIELDS)
    AccountToken.objects.filter(person=person).delete()
    forget_guesses(person)


def mark_heard(*, persons: Iterable[Person], at: datetime) -> None:
    """Record that each of these people provably uses their address: they wrote from it, or followed a mailed link.

    Grants no power over the account, unlike `mark_proved`.
    """
    fresh = [person for person in persons if not person.is_heard]
    Person.objects.filter(pk__in=[person.pk for person in fresh], heard_at=None).update(heard_at=at)
    for person in fresh:
        person.heard_at = at


def mark_proved(*, person: Person, at: datetime) -> None:
    """Mark the primary address as verified, by a mailed link or code or because an administrator vouches for it.

    Also adds the person to the organization of the address's domain, if there is one.
    """
    person.activated_at = person.activated_at or at
    person.save(update_fields=["activated_at"])
    EmailAddress.objects.update_or_create(
        email=person.email, defaults={"user": person, "verified": True, "primary": True}
    )
    join_by_domain(person=person, address=person.email or "", at=at)
