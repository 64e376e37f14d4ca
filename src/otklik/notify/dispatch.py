"""Reactions to events: plan the mails of a batch of events, in one transaction, without touching the network."""

import logging
import traceback
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from otklik.core.batches import Batches, apart
from otklik.core.due import rested
from otklik.core.faults import faultpoint
from otklik.core.locks import lock, lock_all
from otklik.core.passing import is_passing
from otklik.journal.models import Event
from otklik.mail.models import OutboundMail
from otklik.notify import budget
from otklik.notify.outbox import Draft, post
from otklik.notify.plan import plan
from otklik.notify.rules import foresee_invited
from otklik.notify.story import stories
from otklik.tickets.commands.undelivered import note_undelivered
from otklik.tickets.models import Ticket

log = logging.getLogger("otklik.notify")
_RESTS = (*(timedelta(seconds=5 * 2**tries) for tries in range(1, 10)), timedelta(hours=1))
_MOST_EVENTS = 50
_UNDELIVERED = {"mail.undelivered", "mail.stopped"}


def dispatch_next() -> bool:
    """Plan the reactions to the oldest undispatched events; returns whether there were any.

    Rows of the outbox and the marks on the events are one transaction, so a crash loses and doubles nothing. An event
    that fails is tried again later and later; those behind it go on.
    """
    return _EVENTS.next()


def _claim(at: datetime, only: int | None) -> list[Event]:
    due = Event.objects.filter(rested(at, _RESTS), dispatched_at=None)
    return lock_all((due.filter(pk=only) if only else due).order_by("id")[:_MOST_EVENTS], skip_locked=True)


def _work(events: list[Event], at: datetime) -> None:
    faultpoint("mid_dispatch")
    # A mail names those that were sent about the same ticket before: they must be rows by then.
    for run in apart((event for event in events if event.subject_kind == "ticket"), lambda event: [event.subject_id]):
        for event in run:
            if event.kind in _UNDELIVERED:
                _mark(event, at)
        post(_planned(run, at))
    Event.objects.filter(pk__in=[event.pk for event in events]).update(dispatched_at=at)


def _mark(event: Event, at: datetime) -> None:
    """The ticket shows that a mail about it did not arrive."""
    mail = OutboundMail.objects.filter(pk=event.data.get("mail")).first()
    ticket = Ticket.objects.filter(pk=event.subject_id).first()
    if mail is not None and ticket is not None:
        note_undelivered(at=at, ticket=ticket, mail=mail, cause=event)


def _planned(events: list[Event], at: datetime) -> list[Draft]:
    told = stories(events)
    foresee_invited(told)
    budget.spent(at).read({row.person.email for story in told for row in story.participants if row.person.email})
    return [draft for story in told for draft in plan(story, at)]


def _rest(tries: int) -> timedelta:
    return _RESTS[min(tries, len(_RESTS)) - 1] if tries else _RESTS[0] / 2


def _failed(pk: int, error: Exception) -> None:
    now = timezone.now()
    with transaction.atomic():
        event = lock(Event, pk)
        event.attempts = min(event.attempts + (0 if is_passing(error) else 1), 30_000)
        event.retry_at = now + _rest(event.attempts)
        event.error = "".join(traceback.format_exception(error))[-8000:].replace("\0", "")
        event.save(update_fields=["attempts", "retry_at", "error"])


_EVENTS = Batches("events", _claim, _work, _failed)
