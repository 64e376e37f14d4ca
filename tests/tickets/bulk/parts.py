"""Helpers for tests of bulk actions."""

import json
from datetime import datetime

from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.bulk.acts import Act, Step
from otklik.tickets.commands.bulk import prepare_bulk, start_bulk
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import Words
from otklik.tickets.models import BulkItem, BulkRun, Ticket
from otklik.tickets.pumps.bulk_runs import work_next
from tests.acting import LATER, by
from tests.cast import START, Cast


def more_tickets(cast: Cast, count: int) -> list[Ticket]:
    """Return `count` tickets: the cast's and further ones of Anna at the same desk."""
    opened = [
        open_ticket(
            actor=Actor(cast.anna, "portal"),
            at=START,
            desk=cast.desk,
            channel=Ticket.Channel.PORTAL,
            subject=f"Запрос {number}",
            words=Words("Помогите"),
            requester=cast.anna,
            request_type=cast.ticket.request_type,
        )
        for number in range(1, count)
    ]
    return [cast.ticket, *opened]


def loaded(tickets: list[Ticket]) -> list[Ticket]:
    """Return the tickets re-read, with the relations that an action needs."""
    by_id = Ticket.objects.select_related("desk", "status", "priority").in_bulk([ticket.pk for ticket in tickets])
    return [by_id[ticket.pk] for ticket in tickets]


def begun(who: Person, tickets: list[Ticket], act: Act) -> BulkRun:
    """Return a started bulk run that the worker has not processed yet."""
    run = prepare_bulk(**by(who), tickets=[ticket.pk for ticket in tickets])
    return start_bulk(**by(who), run=run, act=act)


def done(who: Person, tickets: list[Ticket], act: Act, at: datetime = LATER) -> BulkRun:
    """Return the same after the worker has finished it."""
    return worked(begun(who, tickets, act), at)


def worked(run: BulkRun, at: datetime = LATER) -> BulkRun:
    """Let the worker run until it has nothing more to do; return the run refreshed."""
    while work_next(at):
        pass
    run.refresh_from_db()
    return run


def states(run: BulkRun) -> list[str]:
    """Return each ticket's state in order, or the code of the reason why it was skipped."""
    items = BulkItem.objects.filter(run=run).order_by("position")
    return [code_of(item) or item.state for item in items]


def code_of(item: BulkItem) -> str:
    """Return the code of the refusal stored with the item, "" for none."""
    return str(json.loads(item.why.removeprefix("@"))[0]) if item.why else ""


def close(cast: Cast) -> Step:
    """Return the transition that closes a ticket of the desk from any status."""
    step = cast.desk.transitions.get(source=None)
    return Step([step.pk], step.name)
