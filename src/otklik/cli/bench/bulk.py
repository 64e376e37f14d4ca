"""Benchmark of bulk acts: preview, run and undo."""

import time
from collections.abc import Callable

from django.utils import timezone

from otklik.cli.bench.cpu import database_ms
from otklik.cli.bench.seed import agent
from otklik.cli.refusals import CliRefusal
from otklik.core.errors import UnableTo
from otklik.desks.models import Priority, Transition
from otklik.journal.models import Event
from otklik.notify.forecast import forecast
from otklik.people.actor import Actor
from otklik.tickets.access import worked_tickets
from otklik.tickets.bulk.acts import Act, Assign, Label, Prioritize, Step
from otklik.tickets.bulk.consequences import consequences
from otklik.tickets.commands.bulk import prepare_bulk, start_bulk, undo_bulk
from otklik.tickets.models import BulkRun, Ticket
from otklik.tickets.pumps.bulk_runs import work_next

COUNT = 200


def measure_bulk(count: int = COUNT) -> list[dict[str, object]]:
    """Measure each action on `count` open tickets of the desk BENCH, in seconds; it is undone, and nobody gets mail."""
    person = agent()
    opened = worked_tickets(person).filter(closed_at=None, assignee=None).order_by("-id")
    chosen = list(opened.values_list("pk", flat=True)[:count])
    if not chosen:
        raise UnableTo(CliRefusal.BENCH_NOT_SEEDED)
    return [_measured(name, act, Actor(person, "agent"), chosen) for name, act in _acts(chosen[0], person.pk).items()]


def _acts(ticket: int, person: int) -> dict[str, Act]:
    desk, priority = Ticket.objects.values_list("desk", "priority").get(pk=ticket)
    step = Transition.objects.filter(desk=desk, source=None, for_agents=True)[0]
    other = Priority.objects.filter(desk=desk).exclude(pk=priority)[0]
    return {
        "assign": Assign(person),
        "close": Step([step.pk], step.name),
        "priority": Prioritize([other.pk], other.name),
        "label": Label(add=["bench"]),
    }


def _measured(name: str, act: Act, actor: Actor, chosen: list[int]) -> dict[str, object]:
    run = prepare_bulk(actor=actor, at=timezone.now(), tickets=chosen)
    tickets = list(Ticket.objects.filter(pk__in=chosen).select_related("desk", "status", "priority").defer("words"))

    def preview() -> None:
        forecast(consequences(act, actor, tickets).changing, act, actor, timezone.now())

    row: dict[str, object] = {"act on many": name, "requests": len(chosen), **_cost("before", preview)}
    start_bulk(actor=actor, at=timezone.now(), run=run, act=act)
    row |= _cost("done", _work)
    run = undo_bulk(actor=actor, at=timezone.now(), run=run)
    row |= _cost("taken back", _work)
    batches = [run.batch, run.undo_batch]
    Event.objects.filter(batch_id__in=batches, dispatched_at=None).update(dispatched_at=timezone.now())
    BulkRun.objects.filter(pk=run.pk).delete()
    return row


def _work() -> None:
    while work_next():
        pass


def _cost(name: str, work: Callable[[], object]) -> dict[str, object]:
    """Return the duration, and the CPU time of this process and of the database server, in seconds."""
    begun, python, server = time.perf_counter(), time.process_time(), database_ms()
    work()
    python, after = time.process_time() - python, database_ms()
    row: dict[str, object] = {f"{name} s": round(time.perf_counter() - begun, 2), f"{name} CPU": round(python, 2)}
    if server is not None and after is not None:
        row[f"{name} database CPU"] = round((after - server) / 1000, 2)
    return row
