"""Several mail addresses of one person: ask for one, prove it by a mailed link, choose the primary, remove (AB-35,
AB-36).
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db import transaction

from otklik.core.errors import UnableTo
from otklik.core.locks import lock, lock_first
from otklik.journal.record import record
from otklik.people import tokens
from otklik.people.actor import Actor
from otklik.people.addresses import canonical
from otklik.people.commands.merge import merge_newcomer
from otklik.people.commands.organizations import join_by_domain
from otklik.people.events import AddressAdded, AddressRemoved, PrimaryAddressChanged
from otklik.people.models import AccountToken, Person
from otklik.people.queries import person_by_address
from otklik.people.refusals import PersonRefusal

LIFETIME = timedelta(hours=24)
MOST = 10


class UnableToChangeAddresses(UnableTo):
    """The addresses stay as they are."""


class UnableToProve(UnableTo):
    """The link is unknown, used up, too old, or another person's; or the address has got an owner meanwhile."""


def ask_for_address(*, person: Person, address: str, at: datetime) -> tuple[str, str]:
    """(canonical address, secret to be mailed to it). The secret is "" where the address is another account's.

    What the person is told must not differ then (AB-31). Nothing belongs to anybody before the link is used. Raises
    BadAddress; UnableToChangeAddresses for one's own address, and for more than MOST.
    """
    email = canonical(address)
    owner = person_by_address(email)
    if owner is not None and owner.pk == person.pk:
        raise UnableToChangeAddresses(PersonRefusal.OWN_ADDRESS_ALREADY)
    with transaction.atomic():
        waiting = AccountToken.objects.filter(person=person, purpose=AccountToken.ADDRESS, expires_at__gt=at)
        if EmailAddress.objects.filter(user=person).count() + waiting.exclude(address=email).count() >= MOST:
            raise UnableToChangeAddresses(PersonRefusal.TOO_MANY_ADDRESSES)
        if owner is not None and not _is_newcomer(owner):
            return email, ""
        return email, tokens.issue(purpose=AccountToken.ADDRESS, at=at, lifetime=LIFETIME, person=person, address=email)


def address_to_prove(*, secret: str, person: Person, at: datetime) -> str:
    """Which address the link proves for this person; changes nothing. Raises UnableToProve."""
    token = tokens.live(secret, purpose=AccountToken.ADDRESS, at=at).filter(person=person).first()
    if token is None:
        raise UnableToProve(PersonRefusal.LINK_GONE)
    return token.address


def prove_address(
    *, actor: Actor, at: datetime, person: Person, secret: str, may_merge: Callable[[Person], bool]
) -> str:
    """Use the link up: the address is the person's from now on, and mail from it is theirs. Returns the address.

    `person` is logged in, so both ends are proved: the account by its login, the address by the link. Somebody who
    only ever wrote from this address becomes one with `person`; `may_merge` refuses those who work at a desk.
    Raises UnableToProve.
    """
    with transaction.atomic():
        token = tokens.locked(secret, purpose=AccountToken.ADDRESS, at=at)
        if token is None or token.person_id != person.pk:
            raise UnableToProve(PersonRefusal.LINK_GONE)
        token.delete()
        _take(actor, at, person, token.address, may_merge)
        record(AddressAdded(address=token.address), about=person.pk, by=actor, at=at)
    return token.address


def _take(actor: Actor, at: datetime, person: Person, address: str, may_merge: Callable[[Person], bool]) -> None:
    known = EmailAddress.objects.filter(email=address).values_list("user", flat=True)
    owner = lock_first(Person.objects.filter(pk__in=list(known)))
    if owner is not None and owner.pk != person.pk:
        if not _is_newcomer(owner) or not may_merge(owner):
            raise UnableToProve(PersonRefusal.LINK_GONE)
        merge_newcomer(actor=actor, at=at, person=person, newcomer=owner)
    proved = {"verified": True}
    EmailAddress.objects.update_or_create(
        user=person, email=address, defaults=proved, create_defaults={**proved, "primary": person.email is None}
    )
    if person.email is None:
        person.email = address
        person.save(update_fields=["email"])
    join_by_domain(person=person, address=address, at=at)


def _is_newcomer(owner: Person) -> bool:
    """Nobody ever logged in there: no proof, no password, no power over the site, no further address."""
    return (
        owner.is_active
        and owner.activated_at is None
        and not owner.has_usable_password()
        and not owner.is_admin
        and EmailAddress.objects.filter(user=owner).count() == 1
    )


def choose_primary(*, actor: Actor, at: datetime, person: Person, address: str) -> str:
    """The address that mail goes to, from now on; returns the former one. Raises UnableToChangeAddresses."""
    with transaction.atomic():
        stored = lock(Person, person.pk)
        rows = EmailAddress.objects.filter(user=stored)
        if not rows.filter(email=address, verified=True).exists() or stored.email == address:
            raise UnableToChangeAddresses(PersonRefusal.NOT_FOR_MAIN_ADDRESS)
        former = stored.email or ""
        rows.filter(primary=True).update(primary=False)
        rows.filter(email=address).update(primary=True)
        stored.email = person.email = address
        stored.save(update_fields=["email"])
        record(PrimaryAddressChanged(address=address), about=person.pk, by=actor, at=at)
    return former


def remove_address(*, actor: Actor, at: datetime, person: Person, address: str) -> bool:
    """Give an address up; mail from it is a stranger's afterwards. The primary one stays. Withdraws a link, too.

    Returns whether it was the person's, rather than one that waited for its proof. Raises UnableToChangeAddresses.
    """
    with transaction.atomic():
        person = lock(Person, person.pk)
        asked, _per_table = AccountToken.objects.filter(
            person=person, purpose=AccountToken.ADDRESS, address=address
        ).delete()
        gone, _per_table = EmailAddress.objects.filter(user=person, email=address, primary=False).delete()
        if not asked and not gone:
            raise UnableToChangeAddresses(PersonRefusal.MAIN_ADDRESS_STAYS)
        if gone:
            record(AddressRemoved(address=address), about=person.pk, by=actor, at=at)
    return bool(gone)
