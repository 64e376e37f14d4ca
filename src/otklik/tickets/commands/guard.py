"""Refuse to overwrite a value that the page did not show (RL-34); `base.Seen` is for the page as a whole."""

from dataclasses import dataclass

from django.db.models import Q

from otklik.tickets.commands.base import ChangedMeanwhile
from otklik.tickets.models import Ticket
from otklik.tickets.refusals import TicketRefusal
from otklik.tickets.timeline import events_of


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page showed of the value that is to be changed: an id, None for nobody, a text."""

    value: object


def require_shown(ticket: Ticket, shown: Shown | None, stands: object, told: Q, now: str) -> None:
    """Raise ChangedMeanwhile, with the name of whoever was first, unless the page showed what stands there.

    `ticket` is locked, `stands` read from it; `now`: what stands there in words; `told`: the events
    that tell of such a change. `shown` None: a script that does not say what it saw.
    """
    if shown is None or shown.value == stands:
        return
    last = events_of(ticket).filter(told).last()
    who = last.actor.partition(" <")[0] if last is not None else "Otklik"
    raise ChangedMeanwhile(TicketRefusal.VALUE_CHANGED, who=who, now=now)
