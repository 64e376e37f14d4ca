"""Refuse to overwrite a value that the page did not show (RL-34); `base.Seen` is for the page as a whole."""

from dataclasses import dataclass

from django.db.models import Q

from otklik.tickets.commands.base import ChangedMeanwhile
from otklik.tickets.models import Ticket
from otklik.tickets.refusals import TicketRefusal
from otklik.tickets.timeline import events_of


@dataclass(frozen=True, slots=True)
class Shown:
    """The value that the page showed before a change: an id, None for nobody, or a text."""

    value: object


def require_shown(ticket: Ticket, shown: Shown | None, stands: object, told: Q, now: str) -> None:
    """Raise ChangedMeanwhile, naming who was faster, unless the page showed the current value.

    `ticket` must be locked. `stands`: the current value; `now`: the same as text; `told`: a condition for events that
    report such a change. `shown` None skips the check, for scripts.
    """
    if shown is None or shown.value == stands:
        return
    last = events_of(ticket).filter(told).last()
    who = last.actor.partition(" <")[0] if last is not None else "Otklik"
    raise ChangedMeanwhile(TicketRefusal.VALUE_CHANGED, who=who, now=now)
