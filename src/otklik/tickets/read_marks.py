"""Unread state: public messages by others since the reader last looked; internal notes never count (AB-48)."""

from collections.abc import Iterable
from datetime import UTC, datetime

from django.db import connection
from django.db.models import DateTimeField, Exists, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest

from otklik.core.fast_reads import AnyOf, AnyValue, fast_read
from otklik.people.models import Person
from otklik.tickets.access import customer_tickets_of, read_by
from otklik.tickets.models import Seen, SeenUntil, Ticket

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_LOOK = """
WITH hurried AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
INSERT INTO tickets_seen (person_id, ticket_id, at, present_until)
SELECT %(person)s, %(ticket)s, %(at)s, %(until)s FROM hurried
 WHERE NOT EXISTS (SELECT FROM tickets_seen s
                    WHERE s.person_id = %(person)s AND s.ticket_id = %(ticket)s AND s.at > %(changed)s)
ON CONFLICT (person_id, ticket_id) DO UPDATE
   SET at = excluded.at, present_until = coalesce(excluded.present_until, tickets_seen.present_until)
"""


def look(*, person: Person, ticket: Ticket, at: datetime) -> None:
    """Record that the person has opened the ticket now. One statement, no event.

    Writes nothing if nothing happened since they last did. Commits asynchronously: after a power cut, something may be
    shown as new once more.
    """
    _look(person=person, ticket=ticket, at=at, changed=ticket.updated_at)


def look_as_staff(*, person: Person, ticket: Ticket, at: datetime, until: datetime) -> None:
    """Record that an agent has opened the ticket now, and that their page counts as looked at until `until`.

    As `look`, but each opening counts, for `lastViewed` and `issueHistory()` of the filter language.
    """
    _look(person=person, ticket=ticket, at=at, changed=at, until=until)


def _look(*, person: Person, ticket: Ticket, at: datetime, changed: datetime, until: datetime | None = None) -> None:
    values: dict[str, int | datetime | None] = {
        "person": person.pk, "ticket": ticket.pk, "at": at, "changed": changed, "until": until,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, values)


def look_at_all(*, person: Person, at: datetime) -> None:
    """Record that everything up to now counts as read."""
    SeenUntil.objects.update_or_create(person=person, defaults={"at": at})


def unseen(person: Person, tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Those of the tickets with messages that are new to the person. Lazy."""
    seen = Seen.objects.filter(person=person.pk, ticket=OuterRef("pk")).values("at")[:1]
    until = SeenUntil.objects.filter(person=person.pk).values("at")[:1]
    looked = Coalesce(Greatest(Subquery(seen), Subquery(until)), Value(_NEVER), output_field=DateTimeField())
    news = read_by(person).filter(ticket=OuterRef("pk"), created_at__gt=OuterRef("looked"))
    # `updated_at` is a cheap pre-check.
    return tickets.annotate(looked=looked).filter(Exists(news.exclude(author=person.pk)), updated_at__gt=F("looked"))


def unseen_of(person: Person, tickets: Iterable[int]) -> set[int]:
    """Return which of the tickets (ids) have messages that are new to the person. One prepared statement."""
    return set(_unseen_among(person=person.pk, tickets=list(tickets)))


@fast_read("person", "tickets")
def _unseen_among(*, person: int, tickets: list[int]) -> QuerySet[Ticket, int]:
    """Those of the tickets with messages that are new to the person."""
    among = Ticket.objects.filter(AnyOf("pk", tickets)).order_by()
    return unseen(Person(pk=person), among).values_list("pk", flat=True)


def news_since(person: Person, since: datetime, most: int) -> int:
    """Count the person's tickets on which somebody else wrote after `since`, up to `most` + 1. One statement."""
    return len(_told_since(person=person.pk, since=since, most=most + 1))


@fast_read("person", "since")
def _told_since(*, person: int, since: datetime, most: int) -> QuerySet[Ticket, int]:
    """Ids, up to `most`, of tickets on which somebody else wrote after `since`."""
    reader, moment = Person(pk=person), AnyValue(since)
    news = read_by(reader).filter(ticket=OuterRef("pk"), created_at__gt=moment).exclude(author=person)
    tickets = customer_tickets_of(reader).filter(Exists(news), updated_at__gt=moment)
    return tickets.order_by().values_list("pk", flat=True)[:most]
