"""Refuse to act on a page that is out of date (reliability case RL-34)."""

from otklik.people.models import Person
from otklik.tickets.commands.base import UnableToChange, locked
from otklik.tickets.models import Ticket
from otklik.tickets.timeline import news_for


class ChangedMeanwhile(UnableToChange):
    """Somebody else wrote or changed something after the page was made."""


def require_seen(*, person: Person, ticket: Ticket, version: int, seen: int) -> None:
    """Raise ChangedMeanwhile if others did something to the ticket since its `version`, after the event `seen`.

    Call inside the transaction of the act: the ticket stays locked until it ends, so nobody slips in between.
    A person's own acts in another window are no surprise and pass.
    """
    if locked(ticket).version != version and news_for(person, ticket, seen).exists():
        raise ChangedMeanwhile("The request has changed while you were writing.")
