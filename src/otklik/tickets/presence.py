"""Which agents have a ticket's page open now, and who of them is writing on it.

An open page says by its polls that it is looked at, at most every PRESENT_FOR - RENEWED_AT seconds by a write. Who
closed it counts as there until then. Customers never count.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Case, Exists, F, OuterRef, QuerySet, Value, When
from django.db.models.expressions import Combinable

from otklik.core.fast_reads import AnyOf, AnyValue, fast_read
from otklik.people.models import Person, known_as
from otklik.tickets.models import Draft, Seen, Ticket

PRESENT_FOR = timedelta(seconds=40)
"""How long after its last poll an open page counts as looked at."""
RENEWED_AT = timedelta(seconds=25)
"""A poll renews the presence of a page that counts for less than this."""
TYPED_WITHIN = timedelta(seconds=30)
"""Who saved a draft so lately is writing. Pages save while one types."""

_STAY = """
WITH hurried AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
UPDATE tickets_seen SET present_until = %(until)s FROM hurried
 WHERE person_id = %(person)s AND ticket_id = %(ticket)s AND (present_until IS NULL OR present_until < %(until)s)
"""


@dataclass(frozen=True, slots=True)
class Present:
    """An agent with the ticket's page open. `writes`: whether they typed a reply or note within TYPED_WITHIN."""

    person: int
    name: str
    writes: bool
    until: datetime


def present_rows(ticket: Ticket, at: datetime | Combinable, typed_since: datetime | Combinable) -> QuerySet[Seen]:
    """Return the openings of the ticket by agents who have it open at `at`, annotated with `writes` (1 or 0)."""
    drafts = Draft.objects.filter(
        person=OuterRef("person"),
        kind__in=(Draft.Kind.REPLY, Draft.Kind.NOTE),
        subject_id=ticket.pk,
        updated_at__gt=typed_since,
    )
    writes = Case(When(Exists(drafts.exclude(words={})), then=Value(1)), default=Value(0))
    return Seen.objects.filter(ticket=ticket.pk, present_until__gt=at).annotate(writes=writes)


def present_on(ticket: Ticket, at: datetime, besides: Person) -> list[Present]:
    """Return who else has the ticket open, writers first, then by name. One statement."""
    rows = present_rows(ticket, at, at - TYPED_WITHIN).values_list(
        "person_id", F("person__name"), F("person__email"), "writes", "present_until"
    )
    there = [Present(person, known_as(name, email), bool(writes), until) for person, name, email, writes, until in rows]
    return others(there, besides)


def present_among(desks: Sequence[int], tickets: Sequence[int], at: datetime, besides: Person) -> dict[int, list[str]]:
    """Return the names of other agents who have one of the tickets at these desks open, by ticket. One statement."""
    rows = _present_among(desks=list(desks), tickets=list(tickets), at=at, besides=besides.pk)
    names: dict[int, list[str]] = {}
    for ticket, name, email in rows:
        names.setdefault(ticket, []).append(known_as(name, email))
    return {ticket: sorted(people, key=str.casefold) for ticket, people in names.items()}


@fast_read("desks", "tickets", "at", "besides")
def _present_among(
    *, desks: list[int], tickets: list[int], at: datetime, besides: int
) -> QuerySet[Seen, tuple[int, str, str | None]]:
    """(ticket, name, address) of each agent other than `besides` who has one of the tickets open at `at`."""
    there = Seen.objects.filter(AnyOf("ticket_id", tickets), AnyOf("ticket__desk_id", desks))
    there = there.filter(present_until__gt=AnyValue(at)).exclude(person=besides)
    return there.order_by().values_list("ticket_id", "person__name", "person__email")


def others(there: Iterable[Present], besides: Person) -> list[Present]:
    """Return those who are not `besides`, writers first, then by name."""
    return sorted(
        (present for present in there if present.person != besides.pk),
        key=lambda present: (not present.writes, present.name.casefold(), present.person),
    )


def stay(*, person: Person, ticket: Ticket, at: datetime) -> None:
    """Record that the person's page of the ticket, which was opened before, is still open. One statement, no event.

    Commits asynchronously: after a power cut nobody is anywhere.
    """
    values: dict[str, int | datetime] = {"person": person.pk, "ticket": ticket.pk, "until": at + PRESENT_FOR}
    with connection.cursor() as cursor:
        cursor.execute(_STAY, values)
