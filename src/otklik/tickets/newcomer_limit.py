"""Daily limit on people unknown to the desk whom one customer may add to tickets (ADR 50, AB-20, AB-22)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from otklik.core.due_times import lately
from otklik.core.locks import lock
from otklik.mail.domains import organisational_domain
from otklik.people.models import Person
from otklik.tickets.access import is_agent_of
from otklik.tickets.models import Participant, Ticket

DAY = timedelta(days=1)
DOMAIN_TIMES = 10
"""All customers of one domain together may add this many times one person's limit."""


def newcomers_left(who: Person | None, ticket: Ticket, at: datetime) -> int | None:
    """Return how many newcomers the person may still add now; None for no limit, as for staff.

    Must run in a transaction: it locks the person, so that concurrent calls count one another. Needs the ticket's desk
    loaded.
    """
    if who is None or is_agent_of(who, ticket):
        return None
    lock(Person, who.pk, weakly=True)
    most, recent = ticket.desk.newcomers_a_day, _brought_in(at)
    mine = recent.filter(added_by=who).values("person").distinct().count()
    domain = organisational_domain(who.email or "")
    same = Q(added_by__email__iendswith=f"@{domain}") | Q(added_by__email__iendswith=f".{domain}")
    theirs = recent.filter(same).values("person").distinct().count() if domain else 0
    return max(0, min(most - mine, most * DOMAIN_TIMES - theirs))


def are_newcomers(people: Iterable[Person], who: Person | None, at: datetime) -> set[int]:
    """Return the ids of those people who count against the limit: never heard of, and not yet added by this person
    today."""
    asked = {person.pk for person in people if not person.is_heard}
    counted = _brought_in(at).filter(added_by=who, person__in=asked).values_list("person_id", flat=True)
    return asked - set(counted)


def _brought_in(at: datetime) -> QuerySet[Participant]:
    rows = Participant.objects.filter(lately("added_at", at, DAY), added_by__isnull=False)
    return rows.filter(person__heard_at=None, person__activated_at=None)
