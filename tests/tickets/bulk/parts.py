"""What tests of acts on many tickets need."""

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
    """The cast's ticket and further ones of Anna at the same desk, `count` together."""
    made = [
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
    return [cast.ticket, *made]


def loaded(tickets: list[Ticket]) -> list[Ticket]:
    """The tickets as they are now, with what an act asks of them."""
    rows = Ticket.objects.select_related("desk", "status", "priority").in_bulk([ticket.pk for ticket in tickets])
    return [rows[ticket.pk] for ticket in tickets]


def begun(who: Person, tickets: list[Ticket], act: Act) -> BulkRun:
    """An act on these tickets that the worker has not seen yet."""
    run = prepare_bulk(**by(who), tickets=[ticket.pk for ticket in tickets])
    return start_bulk(**by(who), run=run, act=act)


def done(who: Person, tickets: list[Ticket], act: Act, at: datetime = LATER) -> BulkRun:
    """The same, done by the worker."""
    return worked(begun(who, tickets, act), at)


def worked(run: BulkRun, at: datetime = LATER) -> BulkRun:
    """The run when the worker has nothing more to do about it."""
    while work_next(at):
        pass
    run.refresh_from_db()
    return run


def states(run: BulkRun) -> list[str]:
    """What became of the tickets, in order: its state, or the code of the reason why it was left or stayed."""
    items = BulkItem.objects.filter(run=run).order_by("position")
    return [code_of(item) or item.state for item in items]


def code_of(item: BulkItem) -> str:
    """The code of the refusal that is kept with it, "" for none."""
    return str(json.loads(item.why.removeprefix("@"))[0]) if item.why else ""


def close(cast: Cast) -> Step:
    """The step that ends a ticket of the desk from anywhere."""
    step = cast.desk.transitions.get(source=None)
    return Step([step.pk], step.name)
