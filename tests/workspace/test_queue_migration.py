"""Queues migrated from criteria to JQL find the same tickets in the same order."""

import importlib
import random
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

import pytest
from django.db.models import Q, QuerySet

from otklik.demo.create_demo import create_demo
from otklik.desks.desk_snapshot import parts_of
from otklik.desks.models import CustomField, Desk, Queue, Status
from otklik.people.models import Person
from otklik.tickets.models import Ticket
from otklik.workspace.queue_reads import QueueRead, catalogue_of
from tests.cast import Cast, build_cast
from tests.prepared import module_home as module_home
from tests.tickets.jql.world import CHOICE, DAY, NOW, NUMBER, World
from tests.today import DAY as TODAY

text_of = importlib.import_module("otklik.desks.migrations.0019_queues_as_texts").text_of


def narrow(tickets: QuerySet[Ticket], criteria: dict[str, Any], viewer: Person) -> QuerySet[Ticket]:
    """Filter as tickets.search.filters did before it was removed."""
    for name, field in _LISTS.items():
        if name in criteria:
            tickets = tickets.filter(**{f"{field}__in": criteria[name]})
    if "assignee" in criteria:
        wanted = criteria["assignee"]
        mine = Q(assignee=None) if wanted == "none" else Q(assignee_id=viewer.pk if wanted == "me" else wanted)
        tickets = tickets.filter(mine)
    if criteria.get("unverified"):
        tickets = tickets.filter(sender_unverified=True)
    for key, wanted in criteria.get("answers", {}).items():
        tickets = tickets.filter(_answered(key, wanted))
    return tickets


_LISTS = {
    "category": "status__category",
    "status": "status_id",
    "priority": "priority_id",
    "request_type": "request_type_id",
}
_ORDERS = {
    "key": "number",
    "subject": "subject",
    "status": "status__position",
    "priority": "priority__level",
    "created_at": "created_at",
    "updated_at": "updated_at",
    "requester": "requester__name",
    "assignee": "assignee__name",
}


def ordered(tickets: QuerySet[Ticket], order: str) -> QuerySet[Ticket]:
    column = _ORDERS.get(order.removeprefix("-"))
    if column is None:
        return ordered(tickets, "-updated_at")
    sign = "-" if order.startswith("-") else ""
    return tickets.order_by(f"{sign}{column}", f"{sign}id")


def _answered(key: str, wanted: dict[str, Any]) -> Q:
    if "any" in wanted:
        conditions = [Q(answers__contains={key: kept}) for one in wanted["any"] for kept in (one, [one])]
        return reduce(or_, conditions, Q(pk__in=[]))
    if "given" in wanted:
        given = Q(answers__has_key=key) & ~Q(answers__contains={key: False})
        return given if wanted["given"] else ~given
    ends = {f"answers__{key}__gte": wanted.get("from"), f"answers__{key}__lte": wanted.get("to")}
    return Q(answers__has_key=key, **{name: value for name, value in ends.items() if value is not None})


def as_text(criteria: dict[str, Any], order: str) -> str:
    kinds = dict(CustomField.objects.values_list("number", "kind"))
    text: str = text_of(criteria, order, kinds)
    return text


def found(desk: Desk, jql: str, person: Person) -> list[int]:
    known = catalogue_of(parts_of([desk.pk]).values())
    return list(QueueRead(1, (desk.pk,), jql, known, quick=False).tickets(person, NOW).values_list("pk", flat=True))


@pytest.fixture(scope="module")
def world(module_home: object) -> World:
    return World(build_cast(), seed=TODAY)


@pytest.fixture
def cast(world: World, db: None) -> Cast:
    return world.cast


def _some(draw: random.Random, values: list[Any]) -> list[Any]:
    return draw.sample(values, draw.randint(0, len(values)))


def _criteria(draw: random.Random, desk: Desk) -> dict[str, Any]:
    answers = {
        NUMBER: [{"from": 2}, {"to": 2.5}, {"from": 1, "to": 3}, {"given": True}, {"given": False}],
        CHOICE: [{"any": ["1"]}, {"any": ["1", "2"]}, {"any": []}],
        DAY: [{"from": "2026-11-08"}, {"to": date(2026, 11, 12).isoformat()}],
    }
    every: dict[str, Any] = {
        "category": _some(draw, Status.Category.values),
        "status": _some(draw, list(desk.statuses.values_list("pk", flat=True))),
        "priority": _some(draw, list(desk.priorities.values_list("pk", flat=True))),
        "request_type": _some(draw, list(desk.request_types.values_list("pk", flat=True))),
        "assignee": draw.choice(["none", "me", Person.objects.get(emailaddress__email="lead@desk.test").pk]),
        "unverified": draw.random() < 0.5,
        "answers": {key: draw.choice(answers[key]) for key in draw.sample(list(answers), draw.randint(0, 2))},
    }
    return {name: every[name] for name in draw.sample(list(every), draw.randint(0, 3))}


# Empty ones came first in these two turned round, and come last now (ADR 117).
ORDERS = [f"{sign}{name}" for name in _ORDERS for sign in ("", "-")] + ["password"]
ORDERS = [order for order in ORDERS if order not in ("-requester", "-assignee")]


def test_what_criteria_found_the_text_finds_in_the_same_order(world: World, cast: Cast) -> None:
    draw, most = random.Random(TODAY), 0
    for _case in range(150):
        criteria, order = _criteria(draw, cast.desk), draw.choice(ORDERS)
        before = list(ordered(narrow(Ticket.objects.filter(desk=cast.desk), criteria, cast.agent), order))
        most = max(most, len(before))
        text = as_text(criteria, order)
        assert found(cast.desk, text, cast.agent) == [ticket.pk for ticket in before], (criteria, order, text)
    assert most > 20


@pytest.mark.parametrize("wanted", [["progress"], ["new", "progress"], ["progress", "waiting"], ["done", "progress"]])
def test_work_in_progress_is_two_categories_here(world: World, cast: Cast, wanted: list[str]) -> None:
    before = ordered(narrow(Ticket.objects.filter(desk=cast.desk), {"category": wanted}, cast.agent), "key")
    assert before and found(cast.desk, as_text({"category": wanted}, "key"), cast.agent) == [t.pk for t in before]


OPEN = ["new", "progress", "waiting"]
SHIPPED: list[tuple[dict[str, Any], str]] = [
    ({"category": OPEN}, "-updated_at"),
    ({"category": OPEN, "assignee": "none"}, "created_at"),
    ({"category": OPEN, "assignee": "me"}, "-updated_at"),
    ({"category": ["waiting"]}, "updated_at"),
    ({"category": ["done"]}, "-updated_at"),
]


def test_the_queues_that_every_desk_has_are_made_as_the_migration_writes_them(cast: Cast) -> None:
    made = list(Queue.objects.filter(desk=cast.desk).order_by("position").values_list("jql", flat=True))
    assert made == [as_text(criteria, order) for criteria, order in SHIPPED]


def test_the_demos_queues_find_what_they_found(home: object, db: None) -> None:
    desk, found_any = Desk.objects.get(pk=create_demo().desk_id), 0
    for person in Person.objects.filter(memberships__desk=desk):
        for criteria, order in SHIPPED:
            before = [t.pk for t in ordered(narrow(Ticket.objects.filter(desk=desk), criteria, person), order)]
            found_any += len(before)
            assert found(desk, as_text(criteria, order), person) == before, (criteria, order)
    assert found_any > 20
