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
    """The addresses are left unchanged; the refusal code says why."""


class UnableToProve(UnableTo):
    """The link is unknown, used, expired or another person's, or the address got an owner meanwhile."""


def ask_for_address(*, person: Person, address: str, at: datetime) -> tuple[str, str]:
    """Request an additional address; return (canonical address, secret for the link to be mailed to it).

    The secret is "" if the address belongs to another account; the page must not show the difference (AB-31). The
    address is not assigned before the link is used. Raises BadAddress; UnableToChangeAddresses for the person's own
    address and beyond MOST addresses.
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
    """Return the address that the link would verify for this person. Changes nothing. Raises UnableToProve."""
    token = tokens.live(secret, purpose=AccountToken.ADDRESS, at=at).filter(person=person).first()
    if token is None:
        raise UnableToProve(PersonRefusal.LINK_GONE)
    return token.address


def prove_address(
    *, actor: Actor, at: datetime, person: Person, secret: str, may_merge: Callable[[Person], bool]
) -> str:
    """Use the link: add the address, verified, to the person. Returns it. Raises UnableToProve.

    `person` must be logged in, so that both ends are proved: the account by the login, the address by the link. If the
    address belongs to somebody who only ever wrote mail, that account is merged into `person`; `may_merge` must refuse
    accounts that work at a desk.
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
    """Return whether the account was never used: no login, password or admin right, and only one address."""
    return (
        owner.is_active
        and owner.activated_at is None
        and not owner.has_usable_password()
        and not owner.is_admin
        and EmailAddress.objects.filter(user=owner).count() == 1
    )


def choose_primary(*, actor: Actor, at: datetime, person: Person, address: str) -> str:
    """Make a verified address the primary one, which mail goes to; return the previous one. Raises
    UnableToChangeAddresses."""
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
    """Remove an address, or withdraw the request for one. Raises UnableToChangeAddresses for the primary one.

    Returns whether the person owned it, as opposed to a pending request. Later mail from it is a stranger's.
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
