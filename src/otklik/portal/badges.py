"""Counts shown in the navigation of every portal page, in one statement."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import HttpRequest

from otklik.core.fast_reads import Counted, fast_read
from otklik.desks.access import worked_desks
from otklik.people.models import Person
from otklik.portal.queries import open_tickets, waiting_tickets
from otklik.tickets.access import involved_tickets
from otklik.tickets.approvals import votes_of
from otklik.tickets.read_marks import unseen

NEWS_AT_MOST = 99


@dataclass(frozen=True, slots=True)
class Badges:
    """Counts for the reader's menu. `new`: requests with news, where NEWS_AT_MOST + 1 means more; `staff`: works at a
    desk."""

    open: int
    waiting: int
    approvals: int
    new: int
    staff: bool


def badges(request: HttpRequest) -> Badges:
    """Return the badges of the logged-in person, cached on the request."""
    assert isinstance(request.user, Person)
    known = vars(request).get("otklik_badges")
    # Logging in during a request changes the person.
    if known is None or known[0] != request.user:
        known = vars(request)["otklik_badges"] = request.user, badges_of(request.user)
    shown = known[1]
    assert isinstance(shown, Badges)
    return shown


def badges_of(person: Person) -> Badges:
    """Return the person's badges now. One statement."""
    (row,) = _counts(person=person.pk, is_admin=person.is_admin)
    opened, waiting, approvals, new, desks = row
    return Badges(opened, waiting, approvals, new, bool(desks))


@fast_read("person")
def _counts(*, person: int, is_admin: bool) -> QuerySet[Person, tuple[int, int, int, int, int]]:
    """Return the five numbers of `Badges`, in one row."""
    reader = Person(pk=person, is_admin=is_admin)
    news = unseen(reader, involved_tickets(reader)).order_by().values("pk")[: NEWS_AT_MOST + 1]
    return Person.objects.filter(pk=person).values_list(
        Counted(open_tickets(reader)),
        Counted(waiting_tickets(reader)),
        Counted(votes_of(reader, pending=True)),
        Counted(news),
        Counted(worked_desks(reader)),
    )
