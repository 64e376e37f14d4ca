"""What is new to a reader since they looked: public messages of others, never what is inside the desk (AB-48)."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache

from django.db import connection
from django.db.models import DateTimeField, Exists, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest

from otklik.core.compiled_sql import SOMEBODY, CompiledSQL, compiled, run
from otklik.people.models import Person
from otklik.tickets.access import read_by
from otklik.tickets.models import Seen, SeenUntil, Ticket

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_LOOK = """
WITH hurried AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
INSERT INTO tickets_seen (person_id, ticket_id, at)
SELECT %(person)s, %(ticket)s, %(at)s FROM hurried
 WHERE NOT EXISTS (SELECT FROM tickets_seen s
                    WHERE s.person_id = %(person)s AND s.ticket_id = %(ticket)s AND s.at > %(changed)s)
ON CONFLICT (person_id, ticket_id) DO UPDATE SET at = excluded.at
"""


def look(*, person: Person, ticket: Ticket, at: datetime) -> None:
    """The person has the ticket before their eyes now. One statement; no event: it changes nothing for others.

    Writes nothing where nothing happened since the last look, and does not wait for the disk: what a power cut takes
    is called new once more.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, {"person": person.pk, "ticket": ticket.pk, "at": at, "changed": ticket.updated_at})


def look_at_all(*, person: Person, at: datetime) -> None:
    """The person wants nothing older to be called new any more."""
    SeenUntil.objects.update_or_create(person=person, defaults={"at": at})


def unseen(person: Person, tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Those of the tickets with something new to the person. Asks nothing by itself."""
    seen = Seen.objects.filter(person=person, ticket=OuterRef("pk")).values("at")[:1]
    until = SeenUntil.objects.filter(person=person).values("at")[:1]
    looked = Coalesce(Greatest(Subquery(seen), Subquery(until)), Value(_NEVER), output_field=DateTimeField())
    news = read_by(person).filter(ticket=OuterRef("pk"), created_at__gt=OuterRef("looked"))
    # Cheap first: did anything at all happen since?
    return tickets.annotate(looked=looked).filter(Exists(news.exclude(author=person)), updated_at__gt=F("looked"))


def unseen_of(person: Person, tickets: Iterable[int]) -> set[int]:
    """Those of the tickets (ids) with something new to the person; one statement, its words kept."""
    return {pk for (pk,) in run(_unseen_of(), person.pk, list(tickets))}


@cache
def _unseen_of() -> CompiledSQL:
    anything = compiled(unseen(Person(pk=SOMEBODY), Ticket.objects.all()).order_by().values("pk"))
    return CompiledSQL(f"SELECT n.pk FROM ({anything.sql}) n WHERE n.pk = ANY(%s)", anything.values)  # noqa: S608 - the ORM's


def news_since(person: Person, tickets: QuerySet[Ticket], since: datetime) -> QuerySet[Ticket]:
    """Those of the tickets on which somebody else said something after `since`."""
    news = read_by(person).filter(ticket=OuterRef("pk"), created_at__gt=since).exclude(author=person)
    return tickets.filter(Exists(news), updated_at__gt=since)
