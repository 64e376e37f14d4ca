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
    """The person's own run."""
    return BulkRun.objects.filter(pk=run_id, person=person).first()


def runs_of(person: Person) -> list[BulkRun]:
    """The person's latest bulk actions, newest first, RUNS_SHOWN at most."""
    return list(
        BulkRun.objects.filter(person=person).exclude(state=BulkRun.State.PREPARED).order_by("-id")[:RUNS_SHOWN]
    )


def counts_of(runs: Sequence[BulkRun]) -> dict[int, dict[str, int]]:
    """How many tickets of each run, by its id, are in which state; one statement."""
    counts: dict[int, dict[str, int]] = {run.pk: {} for run in runs}
    rows = BulkItem.objects.filter(run__in=counts).order_by().values_list("run", "state").annotate(n=Count("pk"))
    for run, state, count in rows:
        counts[run][state] = count
    return counts


def tickets_of(stands: Standing, run: BulkRun) -> list[Ticket]:
    """The chosen tickets in order, those of desks where the person still works, with what an act asks of them."""
    allowed = tickets_at(stands.desk_ids).filter(pk__in=run.items.values("ticket"))
    tickets = allowed.select_related("desk", "status", "priority", "assignee", "request_type").defer("words").in_bulk()
    order = run.items.order_by("position").values_list("ticket", flat=True)
    return [tickets[pk] for pk in order if pk in tickets]


def offered_for(stands: Standing, tickets: Sequence[Ticket]) -> Offered:
    """What the desks of these tickets have to choose from."""
    desks = {ticket.desk_id: ticket.desk for ticket in tickets}
    people = {person.pk: person for desk in desks.values() for person in agents_of(desk)}
    types = RequestType.objects.filter(desk__in=desks, archived=False).order_by("position", "id")
    parts = [stands.parts[desk] for desk in desks]
    named = sorted(people.values(), key=lambda person: person.name)
    return Offered(stands.person, parts, named, types, list(stands.parts.values()))


def found_at(stands: Standing, address: str, at: datetime) -> list[int]:
    """The ids of all that the list at this address of ours finds, one more than may be chosen; none for any other
    address. Raises BadJql, and UnableTo where it takes too long."""
    path, words = urlsplit(address).path, QueryDict(urlsplit(address).query)
    try:
        match = resolve(path)
    except Resolver404:
        return []
    if match.view_name == "workspace:issues":
        query = parse(words.get("jql", ""))
        with each_statement_within(_LIMIT):
            return _first(find(query, stands.asker(at)))
    if match.view_name in {"workspace:queue", "workspace:beside_queue"}:
        return _in_queue(stands, match.kwargs, words, at)
    return []


def _in_queue(stands: Standing, named: Mapping[str, Any], words: QueryDict, at: datetime) -> list[int]:
    desk = stands.desk(str(named["key"])) if "key" in named else None
    queue = stands.queue(desk, int(named["queue_id"])) if desk is not None or "key" not in named else None
    if queue is None:
        return []
    with each_statement_within(_LIMIT):
        tickets = stands.read(queue).tickets(stands.person, at, order=allowed_order(words.get("sort", "")))
        return _first(tickets)


def _first(tickets: QuerySet[Ticket]) -> list[int]:
    return list(tickets.values_list("pk", flat=True)[: MOST + 1])
