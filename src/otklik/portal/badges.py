"""The numbers in the frame of every page of the portal: one statement, asked once for a page."""

from dataclasses import dataclass
from functools import cache

from django.http import HttpRequest

from otklik.core.compiled_sql import SOMEBODY, CompiledSQL, all_counted, compiled, run
from otklik.desks.access import worked_desks
from otklik.people.models import Person
from otklik.portal.queries import open_tickets, waiting_tickets
from otklik.tickets.access import involved_tickets
from otklik.tickets.approvals import votes_of
from otklik.tickets.read_marks import unseen

NEWS_AT_MOST = 99


@dataclass(frozen=True, slots=True)
class Badges:
    """What concerns the reader. `new`: requests with something new, NEWS_AT_MOST + 1 stands for more; `staff`: whether
    the reader works at a desk."""

    open: int
    waiting: int
    approvals: int
    new: int
    staff: bool


def badges(request: HttpRequest) -> Badges:
    """The badges of who is logged in; the same object for the whole request."""
    assert isinstance(request.user, Person)
    known = vars(request).get("otklik_badges")
    # A login in the midst of a request changes the person.
    if known is None or known[0] != request.user:
        known = vars(request)["otklik_badges"] = request.user, badges_of(request.user)
    shown = known[1]
    assert isinstance(shown, Badges)
    return shown


def badges_of(person: Person) -> Badges:
    """The person's badges now; one statement."""
    (row,) = run(_statement(person.is_admin), person.pk)
    opened, waiting, approvals, new, desks = row
    return Badges(opened, waiting, approvals, new, bool(desks))


@cache
def _statement(is_admin: bool) -> CompiledSQL:
    reader = Person(pk=SOMEBODY, is_admin=is_admin)
    news = unseen(reader, involved_tickets(reader)).order_by().values("pk")[: NEWS_AT_MOST + 1]
    rows = [open_tickets(reader), waiting_tickets(reader), votes_of(reader, pending=True)]
    counted = [row.order_by().values("pk") for row in rows]
    return all_counted([compiled(row) for row in (*counted, news, worked_desks(reader).order_by().values("pk")[:1])])
