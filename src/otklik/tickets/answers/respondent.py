"""The person who fills in a form, on whom the options of some fields depend."""

from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import QuerySet

from otklik.people.models import Organization, Person

COLLEAGUES_AT_MOST = 200


@dataclass(frozen=True)
class Asked:
    """The person who fills in a form, None if not logged in; decides which values may be chosen.

    `is_agent`: staff of the desk, who may name any organization. `owner`: the key of their uploads; files uploaded
    under another key are ignored (AB-45).
    """

    person: Person | None
    is_agent: bool = False
    owner: str = field(default="")

    @property
    def files_of(self) -> str:
        return self.owner or (f"person:{self.person.pk}" if self.person else "nobody")

    @cached_property
    def organizations(self) -> list[Organization]:
        """Return the organizations that may be chosen: any for staff, their own for customers."""
        if self.person is None:
            return []
        organizations = Organization.objects.all() if self.is_agent else self.person.organizations.all()
        return list(organizations.order_by("name"))

    @cached_property
    def colleagues(self) -> list[Person]:
        """Return the people that a person field suggests: members of the same organizations only (AB-47)."""
        return [] if self.person is None else list(colleagues_of(self.person)[:COLLEAGUES_AT_MOST])


def colleagues_of(person: Person) -> QuerySet[Person]:
    """Active people with an address who share an organization with the person."""
    ours = Person.objects.filter(organizations__in=person.organizations.all(), is_active=True)
    return ours.exclude(email=None).exclude(pk=person.pk).distinct().order_by("name", "id")
