"""Satisfaction ratings: who may rate and until when, signed links of closing mails, averages per desk."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.signing import BadSignature, Signer
from django.db.models import Avg, Count, QuerySet

from otklik.core.fast_reads import fast_read
from otklik.core.secret_links import link_signer
from otklik.desks.models import Desk
from otklik.people.models import Person
from otklik.tickets.models import Participant, Rating, Ticket

AVERAGE_DAYS = 90
_SIGNER = link_signer("otklik.rating")
_REOPENER = link_signer("otklik.reopen")
_STOPPER = link_signer("otklik.unsubscribe")
_GREETER = link_signer("otklik.entry")


@dataclass(frozen=True, slots=True)
class Average:
    """An average rating; `mean` has one decimal, None without ratings."""

    mean: float | None
    count: int


def rateable_until(ticket: Ticket) -> datetime | None:
    """Return until when the requester may rate; None: not closed, or ratings are off. Needs the desk loaded."""
    days = ticket.desk.rating_days
    return ticket.closed_at + timedelta(days=days) if ticket.closed_at is not None and days else None


def may_rate(person: Person | None, ticket: Ticket, at: datetime) -> bool:
    """Return whether this person may rate now. Only the requester may."""
    until = rateable_until(ticket)
    is_requester = person is not None and person.is_active and ticket.requester_id == person.pk
    return is_requester and until is not None and at <= until


def rating_of(ticket: Ticket) -> Rating | None:
    """The ticket's rating, None if it has none. One query."""
    return next(iter(_ratings(ticket=ticket.pk)), None)


@fast_read("ticket")
def _ratings(*, ticket: int) -> QuerySet[Rating]:
    return Rating.objects.filter(ticket=ticket)


def rating_token(participant: Participant) -> str:
    """Return the secret of a link that lets the requester rate this ticket without login, and do nothing else."""
    return _SIGNER.sign(f"{participant.pk}.{participant.epoch}")


def rater_of(token: str) -> Participant | None:
    """Return the participant of a rating token; None if they are no longer on the ticket or its requester."""
    participant = _participant_of(token, _SIGNER)
    return participant if participant is not None and participant.ticket.requester_id == participant.person_id else None


def reopen_token(participant: Participant) -> str:
    """Return the secret of a link that reopens this ticket and does nothing else; no more power than a reply."""
    return _REOPENER.sign(f"{participant.pk}.{participant.epoch}")


def reopener_of(token: str) -> Participant | None:
    """Return the participant of a reopening token, None if they are no longer on the ticket."""
    return _participant_of(token, _REOPENER)


def stop_token(participant: Participant) -> str:
    """Return the secret of a link that turns this person's mails about the ticket off or on, and does nothing else."""
    return _STOPPER.sign(f"{participant.pk}.{participant.epoch}")


def stopper_of(token: str) -> Participant | None:
    """Return the participant of such a token, None if they are no longer on the ticket."""
    return _participant_of(token, _STOPPER)


def entry_token(participant: Participant) -> str:
    """Return a token for links to a request, which lets the login page mail a code to this person. Grants no access."""
    return _GREETER.sign(f"{participant.pk}.{participant.epoch}")


def newcomer_of(token: str) -> Participant | None:
    """Return the participant of an entry token; None if they left the ticket or have logged in before."""
    participant = _participant_of(token, _GREETER)
    return participant if participant is not None and participant.person.activated_at is None else None


def _participant_of(token: str, signer: Signer) -> Participant | None:
    try:
        pk, _dot, epoch = signer.unsign(token).partition(".")
    except BadSignature:
        return None
    rows = Participant.objects.filter(pk=int(pk), epoch=int(epoch), removed_at=None, person__is_active=True)
    return rows.select_related("person", "ticket__desk", "ticket__status").first()


def average_of(desk: Desk, at: datetime) -> Average:
    """Return the desk's average over the last AVERAGE_DAYS days."""
    since = at - timedelta(days=AVERAGE_DAYS)
    average = Rating.objects.filter(ticket__desk=desk, rated_at__gte=since).aggregate(
        mean=Avg("score"), count=Count("pk")
    )
    return Average(round(average["mean"], 1) if average["mean"] is not None else None, average["count"])
