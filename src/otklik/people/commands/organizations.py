"""Create and change organisations: members by name or mail domain, and whether they see each other's requests (ADR
28).
"""

from collections.abc import Iterable
from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction

from otklik.core.errors import UnableTo
from otklik.core.locks import lock
from otklik.journal.record import record
from otklik.people.actor import Actor
from otklik.people.addresses import BadAddress, canonical
from otklik.people.events import MemberRemoved, MemberSet, OrganizationAdded, OrganizationChanged
from otklik.people.freemail import FREE_DOMAINS
from otklik.people.models import Organization, OrganizationMember, Person
from otklik.people.refusals import PersonRefusal

MOST_DOMAINS = 20


class UnableToChangeOrganization(UnableTo):
    """The organization is left unchanged; the refusal code says why."""


def add_organization(
    *, actor: Actor, at: datetime, name: str, domains: Iterable[str] = (), open_inside: bool = False
) -> Organization:
    """Create an organization; people with a verified address at one of its domains become members.

    `open_inside`: members see each other's requests. Raises UnableToChangeOrganization for an empty or taken name, and
    for public mail domains (AB-55).
    """
    with transaction.atomic():
        organization = Organization(name=_name(name, 0), domains=_domains(domains, 0), open_inside=open_inside)
        organization.save()
        _gather(organization, at)
        told = OrganizationAdded(name=organization.name, domains=tuple(organization.domains), open_inside=open_inside)
        record(told, about=organization.pk, by=actor, at=at)
    return organization


def change_organization(
    *, actor: Actor, at: datetime, organization: Organization, name: str, domains: Iterable[str], open_inside: bool
) -> Organization:
    """Set name, domains and visibility. Members of removed domains stay. Raises UnableToChangeOrganization."""
    with transaction.atomic():
        organization = lock(Organization, organization.pk)
        organization.name, organization.domains, organization.open_inside = (
            _name(name, organization.pk),
            _domains(domains, organization.pk),
            open_inside,
        )
        organization.save()
        _gather(organization, at)
        told = OrganizationChanged(name=organization.name, domains=tuple(organization.domains), open_inside=open_inside)
        record(told, about=organization.pk, by=actor, at=at)
    return organization


def set_member(
    *, actor: Actor, at: datetime, organization: Organization, person: Person, sees_all: bool
) -> OrganizationMember:
    """Add or update a member. `sees_all`: may see all members' requests. Requests made before joining stay private."""
    with transaction.atomic():
        member, _made = OrganizationMember.objects.update_or_create(
            organization=organization, person=person, defaults={"sees_all": sees_all}, create_defaults={
                "sees_all": sees_all, "joined_at": at,
            },
        )  # fmt: skip
        record(MemberSet(person=person.pk, sees_all=sees_all), about=organization.pk, by=actor, at=at)
    return member


def remove_member(*, actor: Actor, at: datetime, organization: Organization, person: Person) -> None:
    """Remove a member, who loses access to the organization's requests at once. Does nothing for a non-member."""
    with transaction.atomic():
        gone, _per_table = OrganizationMember.objects.filter(organization=organization, person=person).delete()
        if gone:
            record(MemberRemoved(person=person.pk), about=organization.pk, by=actor, at=at)


def join_by_domain(*, person: Person, address: str, at: datetime) -> None:
    """Make the person a member of organizations of this address's domain.

    The address must have just been verified, in the same transaction. Unverified addresses join nothing (AB-55).
    """
    domain = address.rpartition("@")[2]
    for organization in Organization.objects.filter(domains__contains=[domain]):
        OrganizationMember.objects.get_or_create(organization=organization, person=person, defaults={"joined_at": at})


def _gather(organization: Organization, at: datetime) -> None:
    """Add everybody with a verified address at one of the domains."""
    for domain in organization.domains:
        proved = EmailAddress.objects.filter(verified=True, email__endswith=f"@{domain}")
        OrganizationMember.objects.bulk_create(
            [OrganizationMember(organization=organization, person_id=pk, joined_at=at) for pk in proved.values_list(
                "user_id", flat=True
            )],
            ignore_conflicts=True,
        )  # fmt: skip


def _name(name: str, own: int) -> str:
    name = " ".join(name.split())[:200]
    if not name or Organization.objects.filter(name=name).exclude(pk=own).exists():
        raise UnableToChangeOrganization(PersonRefusal.ORGANIZATION_NAME)
    return name


def _domains(domains: Iterable[str], own: int) -> list[str]:
    known = list(dict.fromkeys(_domain(text) for text in domains if text.strip()))
    if len(known) > MOST_DOMAINS:
        raise UnableToChangeOrganization(PersonRefusal.TOO_MANY_DOMAINS)
    for domain in known:
        if Organization.objects.filter(domains__contains=[domain]).exclude(pk=own).exists():
            raise UnableToChangeOrganization(PersonRefusal.DOMAIN_TAKEN, domain=domain)
    return known


def _domain(text: str) -> str:
    domain = text.strip().rpartition("@")[2]
    try:
        domain = canonical(f"x@{domain}").rpartition("@")[2]
    except BadAddress as error:
        raise UnableToChangeOrganization(PersonRefusal.DOMAIN_INVALID, domain=text.strip()) from error
    if domain in FREE_DOMAINS or "." not in domain:
        raise UnableToChangeOrganization(PersonRefusal.DOMAIN_PUBLIC, domain=domain)
    return domain
