"""People and organisations whom a customer may look up by name: only those they already have to do with (AB-55)."""

from django.db.models import Q, QuerySet

from otklik.core.fast_reads import fast_read
from otklik.people.models import Organization, Person
from otklik.tickets.models import Participant, Ticket

SHORTEST = 2
MOST = 8


def acquaintances(person: Person) -> QuerySet[Person]:
    """Active people with an address who share an organization or a ticket with this person."""
    mine = Participant.objects.filter(person=person, removed_at=None).values("ticket")
    together = Participant.objects.filter(ticket__in=mine, removed_at=None).values("person")
    colleagues = Organization.members.through.objects.filter(organization__in=person.organizations.values("pk")).values(
        "person"
    )
    known = Q(pk__in=together) | Q(pk__in=colleagues)
    return Person.objects.filter(known, is_active=True).exclude(pk=person.pk).exclude(email=None)


def found_by_name(person: Person, ticket: Ticket, text: str) -> list[Person]:
    """Return up to MOST acquaintances with the text in name or address who are not on the ticket yet."""
    text = " ".join(text.split())
    if len(text) < SHORTEST:
        return []
    on_it = Participant.objects.filter(ticket=ticket, removed_at=None).values("person")
    persons = acquaintances(person).filter(Q(name__icontains=text) | Q(email__icontains=text)).exclude(pk__in=on_it)
    return list(persons.order_by("name", "id")[:MOST])


def shareable_organizations(person: Person, ticket: Ticket) -> list[Organization]:
    """Return organizations that the requester belongs to and may still share the ticket with."""
    if ticket.requester_id != person.pk or not person.is_active:
        return []
    return _shareable(person=person.pk, ticket=ticket.pk)


@fast_read("person", "ticket")
def _shareable(*, person: int, ticket: int) -> QuerySet[Organization]:
    mine = Organization.objects.filter(members=person)
    return mine.exclude(shared_tickets__ticket=ticket).order_by("name", "id")
