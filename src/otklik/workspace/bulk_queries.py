"""Reads for acts on many requests."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db.models import Count, QuerySet
from django.http import QueryDict
from django.urls import Resolver404, resolve

from otklik.core.statement_timeout import each_statement_within
from otklik.desks.access import agents_of
from otklik.desks.models import RequestType
from otklik.people.models import Person
from otklik.tickets.access import tickets_at
from otklik.tickets.commands.bulk import MOST
from otklik.tickets.jql.find import find
from otklik.tickets.jql.parse import parse
from otklik.tickets.models import BulkItem, BulkRun, Ticket
from otklik.workspace.desk_context import Standing
from otklik.workspace.forms.bulk import Offered
from otklik.workspace.pages.queue import allowed_order

RUNS_SHOWN = 50
_LIMIT = timedelta(seconds=3)


def run_of(person: Person, run_id: int) -> BulkRun | None:
    """Return this bulk run if it is the person's own, else None."""
    return BulkRun.objects.filter(pk=run_id, person=person).first()


def runs_of(person: Person) -> list[BulkRun]:
    """Return the person's latest bulk actions, newest first, RUNS_SHOWN at most."""
    return list(
        BulkRun.objects.filter(person=person).exclude(state=BulkRun.State.PREPARED).order_by("-id")[:RUNS_SHOWN]
    )


def counts_of(runs: Sequence[BulkRun]) -> dict[int, dict[str, int]]:
    """Count the tickets of each run by state: {run id: {state: count}}. One statement."""
    counts: dict[int, dict[str, int]] = {run.pk: {} for run in runs}
    rows = BulkItem.objects.filter(run__in=counts).order_by().values_list("run", "state").annotate(n=Count("pk"))
    for run, state, count in rows:
        counts[run][state] = count
    return counts


def tickets_of(stands: Standing, run: BulkRun) -> list[Ticket]:
    """Return the tickets selected for a run, in their order, with the related rows that the forms need.

    Tickets of desks where the person no longer works are left out.
    """
    allowed = tickets_at(stands.desk_ids).filter(pk__in=run.items.values("ticket"))
    tickets = allowed.select_related("desk", "status", "priority", "assignee", "request_type").defer("words").in_bulk()
    order = run.items.order_by("position").values_list("ticket", flat=True)
    return [tickets[pk] for pk in order if pk in tickets]


def offered_for(stands: Standing, tickets: Sequence[Ticket]) -> Offered:
    """Return the choices for bulk actions that the desks of these tickets offer."""
    desks = {ticket.desk_id: ticket.desk for ticket in tickets}
    people = {person.pk: person for desk in desks.values() for person in agents_of(desk)}
    types = RequestType.objects.filter(desk__in=desks, archived=False).order_by("position", "id")
    parts = [stands.parts[desk] for desk in desks]
    named = sorted(people.values(), key=lambda person: person.name)
    return Offered(stands.person, parts, named, types, list(stands.parts.values()))


def found_at(stands: Standing, address: str, at: datetime) -> list[int]:
    """Return the ids of all tickets in the list at this URL of ours, at most MOST + 1.

    Understands pages of filters and queues; returns [] for any other URL. Raises BadJql, and StatementTimedOut for a
    statement that takes longer than _LIMIT.
    """
    path, params = urlsplit(address).path, QueryDict(urlsplit(address).query)
    try:
        match = resolve(path)
    except Resolver404:
        return []
    if match.view_name == "workspace:issues":
        query = parse(params.get("jql", ""))
        with each_statement_within(_LIMIT):
            return _first(find(query, stands.asker(at)))
    if match.view_name in {"workspace:queue", "workspace:beside_queue"}:
        return _in_queue(stands, match.kwargs, params, at)
    return []


def _in_queue(stands: Standing, named: Mapping[str, Any], params: QueryDict, at: datetime) -> list[int]:
    desk = stands.desk(str(named["key"])) if "key" in named else None
    queue = stands.queue(desk, int(named["queue_id"])) if desk is not None or "key" not in named else None
    if queue is None:
        return []
    with each_statement_within(_LIMIT):
        tickets = stands.read(queue).tickets(stands.person, at, order=allowed_order(params.get("sort", "")))
        return _first(tickets)


def _first(tickets: QuerySet[Ticket]) -> list[int]:
    return list(tickets.values_list("pk", flat=True)[: MOST + 1])
