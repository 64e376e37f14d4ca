"""Reads about approvals."""

from django.db.models import QuerySet

from otklik.people.models import Person
from otklik.tickets.models import Approval, Ticket, Vote


def approvals_of(ticket: Ticket) -> list[Approval]:
    """The ticket's approvals, the newest first, with their votes and people; withdrawn ones are left out."""
    rows = Approval.objects.filter(ticket=ticket).exclude(state=Approval.State.WITHDRAWN).order_by("-id")
    return list(rows.prefetch_related("votes__person").select_related("asked_by"))


def votes_of(person: Person, *, pending: bool) -> QuerySet[Vote]:
    """What the person was asked: what waits for an answer, oldest first, or what was decided, newest first."""
    votes = Vote.objects.filter(person=person)
    if pending:
        return votes.filter(answer="", approval__state=Approval.State.PENDING).order_by("approval__asked_at", "id")
    decided = votes.exclude(approval__state__in=[Approval.State.PENDING, Approval.State.WITHDRAWN])
    return (decided | votes.exclude(answer="").exclude(approval__state=Approval.State.WITHDRAWN)).order_by("-id")
