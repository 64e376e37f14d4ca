"""Who may rate a request and until when, the signed address of a rating, and what a desk gets on average."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.signing import BadSignature, Signer
from django.db.models import Avg, Count

from otklik.desks.models import Desk
from otklik.people.models import Person
from otklik.tickets.models import Participant, Rating, Ticket

AVERAGE_DAYS = 90
_SIGNER = Signer(salt="otklik.rating")


@dataclass(frozen=True, slots=True)
class Average:
    """`mean` to one decimal; None while nobody has rated."""

    mean: float | None
    count: int


def rateable_until(ticket: Ticket) -> datetime | None:
    """Until when the requester may rate; None: not closed, or the desk asks nobody. Needs the desk loaded."""
    days = ticket.desk.rating_days
    return ticket.closed_at + timedelta(days=days) if ticket.closed_at is not None and days else None


def may_rate(person: Person | None, ticket: Ticket, at: datetime) -> bool:
    """Whether this person may rate now: only who asked for help can say how it was."""
    until = rateable_until(ticket)
    is_requester = person is not None and person.is_active and ticket.requester_id == person.pk
    return is_requester and until is not None and at <= until


def rating_token(participant: Participant) -> str:
    """The secret of a link that lets the requester rate this one ticket without login, and do nothing else."""
    return _SIGNER.sign(f"{participant.pk}.{participant.epoch}")


def rater_of(token: str) -> Participant | None:
    """Whom a token was made for, if it still counts: taken off the request, or no longer its requester, it does not."""
    try:
        pk, _dot, epoch = _SIGNER.unsign(token).partition(".")
    except BadSignature:
        return None
    rows = Participant.objects.filter(pk=int(pk), epoch=int(epoch), removed_at=None, person__is_active=True)
    row = rows.select_related("person", "ticket__desk", "ticket__status").first()
    return row if row is not None and row.ticket.requester_id == row.person_id else None


def average_of(desk: Desk, at: datetime) -> Average:
    """What the desk got in the last AVERAGE_DAYS days."""
    since = at - timedelta(days=AVERAGE_DAYS)
    found = Rating.objects.filter(ticket__desk=desk, rated_at__gte=since).aggregate(
        mean=Avg("score"), count=Count("pk")
    )
    return Average(round(found["mean"], 1) if found["mean"] is not None else None, found["count"])
