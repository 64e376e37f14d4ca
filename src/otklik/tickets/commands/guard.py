"""Refuse to act on a page that is out of date (reliability case RL-34)."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from otklik.people.models import Person
from otklik.tickets.commands.base import UnableToChange, locked
from otklik.tickets.models import Ticket
from otklik.tickets.timeline import events_of, news_for


class ChangedMeanwhile(UnableToChange):
    """Somebody else wrote or changed something after the page was made."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page showed of the value that is to be changed: an id, None for nobody, a text."""

    value: object


def require_seen(*, person: Person, ticket: Ticket, version: int, seen: int) -> None:
    """Raise ChangedMeanwhile if others did something to the ticket since its `version`, after the event `seen`.

    Call inside the transaction of the act: the ticket stays locked until it ends, so nobody slips in between.
    A person's own acts in another window are no surprise and pass.
    """
    if locked(ticket).version != version and news_for(person, ticket, seen).exists():
        raise ChangedMeanwhile("The request has changed while you were writing.")


def require_shown(ticket: Ticket, shown: Shown | None, stands: object, told: Q, now: str) -> None:
    """Raise ChangedMeanwhile, with the name of whoever was first, unless the page showed what stands there.

    `ticket` is locked, `stands` read from it; `now`: what stands there in words; `told`: the events
    that tell of such a change. `shown` None: a script that does not say what it saw.
    """
    if shown is None or shown.value == stands:
        return
    last = events_of(ticket).filter(told).last()
    who = last.actor.partition(" <")[0] if last is not None else "Otklik"
    words = _("%(who)s was first: “%(now)s” stands there now. Look at it and choose again.")
    raise ChangedMeanwhile(words % {"who": who, "now": now})
