"""Queries about people. allauth's EmailAddress is the only table of who owns an address (ADR 31)."""

from collections.abc import Iterable

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db.models import QuerySet

from otklik.people.addresses import BadAddress, canonical
from otklik.people.models import Person
from otklik.people.refusals import PersonRefusal
from otklik.people.search import ids_by_pieces, ids_with_pieces


def typed_address(text: str) -> str:
    """The canonical form of an address typed on a page. Raises BadAddress.

    Refuses a bare host name, unless some known address has it: it usually is a typing error.
    """
    address = canonical(text)
    host = address.rpartition("@")[2]
    if "." not in host and not EmailAddress.objects.filter(email__endswith=f"@{host}").exists():
        raise BadAddress(PersonRefusal.BAD_ADDRESS, text=text[:120], why=f"nobody is known at {host}.")
    return address


def person_by_address(address: str) -> Person | None:
    """The person who has this canonical address, primary or not; None if nobody has. One indexed query."""
    return Person.objects.filter(emailaddress__email=address).first()


def persons_by_addresses(addresses: Iterable[str]) -> dict[str, Person]:
    """`person_by_address` for many canonical addresses in one query; unknown ones are left out."""
    rows = EmailAddress.objects.filter(email__in=set(addresses)).select_related("user")
    return {address.email: address.user for address in rows}


def owners_of_like(text: str, pieces: str | None = None) -> QuerySet[EmailAddress, int]:
    """Ids of the people with an address that contains `text`, for use with `pk__in`. Does not check access.

    `pieces`: the condition that people.search narrows by, if the caller has made it for this text or a longer one.
    """
    narrowed = ids_with_pieces("user_id", [text]) if pieces is None else ids_by_pieces("user_id", pieces)
    rows = EmailAddress.objects.filter(narrowed, email__icontains=text)
    owners: QuerySet[EmailAddress, int] = rows.values_list("user_id", flat=True)
    return owners


def has_second_factor(person: Person) -> bool:
    """Whether the person has a second factor, an app or a passkey. Recovery codes alone do not count."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return bool(Authenticator.objects.filter(user=person, type__in=kinds).exists())


def addresses_of(person: Person) -> QuerySet[EmailAddress]:
    """The person's addresses, the primary one first."""
    rows: QuerySet[EmailAddress] = EmailAddress.objects.filter(user=person)
    return rows.order_by("-primary", "id")
