"""What is new to a reader since they looked: public messages of others, never what is inside the desk (AB-48)."""

from datetime import UTC, datetime

from django.db.models import DateTimeField, Exists, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest

from otklik.people.models import Person
from otklik.tickets.access import customer_messages
from otklik.tickets.models import Seen, SeenUntil, Ticket

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def look(*, person: Person, ticket: Ticket, at: datetime) -> None:
    """The person has the ticket before their eyes now. One statement; no event: it changes nothing for others."""
    row = Seen(person=person, ticket=ticket, at=at)
    Seen.objects.bulk_create([row], update_conflicts=True, unique_fields=["person", "ticket"], update_fields=["at"])


def look_at_all(*, person: Person, at: datetime) -> None:
    """The person wants nothing older to be called new any more."""
    SeenUntil.objects.update_or_create(person=person, defaults={"at": at})


def unseen(person: Person, tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Those of the tickets with something new to the person."""
    seen = Seen.objects.filter(person=person, ticket=OuterRef("pk")).values("at")[:1]
    until = SeenUntil.objects.filter(person=person).values("at")[:1]
    looked = Coalesce(Greatest(Subquery(seen), Subquery(until)), Value(_NEVER), output_field=DateTimeField())
    news = customer_messages(person).filter(ticket=OuterRef("pk"), created_at__gt=OuterRef("looked"))
    # Cheap first: did anything at all happen since?
    return tickets.annotate(looked=looked).filter(Exists(news.exclude(author=person)), updated_at__gt=F("looked"))


def news_since(person: Person, tickets: QuerySet[Ticket], since: datetime) -> QuerySet[Ticket]:
    """Those of the tickets on which somebody else said something after `since`."""
    news = customer_messages(person).filter(ticket=OuterRef("pk"), created_at__gt=since).exclude(author=person)
    return tickets.filter(Exists(news), updated_at__gt=since)
