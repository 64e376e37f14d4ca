"""Make persons."""

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
    """The person cannot be made."""


def ensure_person(*, address: str, name: str, at: datetime, language: str = "") -> tuple[Person, bool]:
    """The person with this address, primary or not, made if new; returns (person, whether it was made just now).

    Safe when several processes meet the same new address at once. A known person's name is never changed: whoever
    writes a mail may claim any name. Raises BadAddress.
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
    """As `ensure_person` for many: canonical address -> name in, address -> person out. A few statements for all."""
    known = persons_by_addresses(names)
    # In one order, so that two processes that meet the same new addresses never wait for each other.
    fresh = sorted(set(names) - set(known))
    try:
        with transaction.atomic():
            made = _create_all([(email, names[email]) for email in fresh], at=at, language="")
    except IntegrityError:
        made = [ensure_person(address=email, name=names[email], at=at)[0] for email in fresh]
    return known | dict(zip(fresh, made, strict=True))


def add_caller(*, name: str, at: datetime) -> Person:
    """A person without an address (somebody who phones). Raises UnableToAddPerson without a name."""
    if not name.strip():
        raise UnableToAddPerson(PersonRefusal.CALLER_NAME_MISSING)
    person = Person(email=None, name=name.strip()[:200], created_at=at)
    person.set_unusable_password()
    person.save()
    return person


def give_address(*, actor: Actor, at: datetime, person: Person, address: str) -> None:
    """The first address of somebody known by telephone only, not proved yet: mail goes there from now on.

    Raises BadAddress, UnableToAddPerson for one who has an address (they add others themselves) and for an address that
    is somebody else's.
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
    """Persons with these addresses and names."""
    persons = [
        Person(email=email, name=_clean_name(name, email), created_at=at, language=language) for email, name in fresh
    ]
    for person in persons:
        person.set_unusable_password()
    Person.objects.bulk_create(persons)
    # allauth finds accounts by this row; it is verified only when the mailed link was followed.
    EmailAddress.objects.bulk_create(
        EmailAddress(user=person, email=person.email, primary=True, verified=False) for person in persons
    )
    return persons


def _clean_name(name: str, email: str) -> str:
    return " ".join(name.split())[:200] or email.partition("@")[0]


def grant(
    *, person: Person, at: datetime, name: str = "", password: str | None = None, admin: bool | None = None
) -> Person:
    """What an administrator decides about a person: name, password (validated before), power over the site.

    A password set in this way proves the address, because the administrator vouches for it. None and "" change nothing.
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
    """Set a validated password; None: nobody logs in by one.

    Guesses are counted anew, and what is still under way by mail stops working: activation links, mailed codes, and
    further addresses that somebody who had the account may have asked for. Belongs into a transaction.
    """
    person.set_password(password)
    person.save(update_fields=Person.PASSWORD_FIELDS)
    AccountToken.objects.filter(person=person).delete()
    forget_guesses(person)


def mark_heard(*, persons: Iterable[Person], at: datetime) -> None:
    """A mail, or the link of one, was provably used by each of these. No power over the account follows from it."""
    fresh = [person for person in persons if not person.is_heard]
    Person.objects.filter(pk__in=[person.pk for person in fresh], heard_at=None).update(heard_at=at)
    for person in fresh:
        person.heard_at = at


def mark_proved(*, person: Person, at: datetime) -> None:
    """The primary address is proved: by a mailed link or code, or by an administrator who vouches for it."""
    person.activated_at = person.activated_at or at
    person.save(update_fields=["activated_at"])
    EmailAddress.objects.update_or_create(
        email=person.email, defaults={"user": person, "verified": True, "primary": True}
    )
    join_by_domain(person=person, address=person.email or "", at=at)
