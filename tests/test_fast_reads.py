"""Each fast read returns what its plain queryset returns, for every reader and value (ADR 106)."""

import gc
import importlib
import pickle
import pkgutil
import weakref
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model, QuerySet
from django.utils import timezone

import otklik
from otklik.cli.bench.seed import seed_tickets
from otklik.core.fast_reads import ALL, FastRead, fast_read
from otklik.desks.models import Desk, RequestType, TypeGroup
from otklik.mail.models import AddressTrouble
from otklik.notify.models import DigestEntry
from otklik.people.actor import Actor
from otklik.people.models import DataExport, Organization, Phone
from otklik.portal.models import ListLook, SavedView
from otklik.tickets.bulk.acts import Assign
from otklik.tickets.commands.bulk import prepare_bulk, start_bulk
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.commands.pending import hold_reply
from otklik.tickets.content import Words
from otklik.tickets.models import (
    Attachment,
    Draft,
    ListExport,
    Rating,
    SharedOrganization,
    Ticket,
    TicketAlias,
    TicketLink,
)
from otklik.worker.dispatch import dispatch_next
from tests.cast import Cast, build_cast
from tests.fast_read_cases import CASES, NEXT_YEAR
from tests.portal.test_approvals import ask
from tests.postoffice import put_mail
from tests.prepared import module_home as module_home


@pytest.fixture(scope="module")
def made(module_home: Path) -> bytes:
    """Pickle the cast with a ticket that has everything its pages show, made once for the module."""
    return pickle.dumps(_busy(build_cast()))


@pytest.fixture
def cast(made: bytes, db: None) -> Cast:
    """Return the module's cast, in this test's transaction."""
    mine: Cast = pickle.loads(made)
    return mine


def _busy(cast: Cast) -> Cast:
    at, agent = timezone.now() + timedelta(minutes=1), Actor(cast.agent, "agent")
    ask(cast, cast.stranger)
    comment(actor=agent, at=at, ticket=cast.ticket, words=Words("Да, 100 %"))
    start_bulk(actor=agent, at=at, run=prepare_bulk(actor=agent, at=at, tickets=[cast.ticket.pk]), act=Assign(None))
    hold_reply(actor=agent, at=at, ticket=cast.ticket, words=Words("Позже"), due_at=NEXT_YEAR)
    Draft.objects.create(
        person=cast.anna,
        kind="comment",
        subject_id=cast.ticket.pk,
        ticket=cast.ticket,
        words={"text": ["Ещё"]},
        updated_at=at,
    )
    while dispatch_next():
        pass
    clinic, shared = Organization.objects.create(name="Клиника"), Organization.objects.create(name="Сеть")
    clinic.members.add(cast.anna)
    shared.members.add(cast.anna, cast.stranger)
    SharedOrganization.objects.create(ticket=cast.ticket, organization=shared, added_at=at)
    TicketAlias.objects.create(ticket=cast.ticket, key="OLD-7", desk_key="OLD", number=7, added_at=at)
    Rating.objects.create(ticket=cast.ticket, person=cast.anna, score=4, rated_at=at)
    Phone.objects.create(person=cast.anna, number="+74950000000")
    AddressTrouble.objects.create(address="anna@clinic.test", last_at=at, stopped_at=at)
    DigestEntry.objects.create(person=cast.anna, event_id=1, template="comment", due_at=NEXT_YEAR)
    DataExport.objects.create(person=cast.anna, asked_at=at)
    ListExport.objects.create(person=cast.anna, asked_at=at, expires_at=NEXT_YEAR)
    put_mail()
    ListLook.objects.create(person=cast.anna, columns=["status"], sort="subject", descending=False)
    SavedView.objects.create(person=cast.anna, name="Мои", words={"status": "all"})
    other = open_ticket(
        actor=Actor(cast.anna, "portal"), at=at, desk=cast.desk, channel=Ticket.Channel.PORTAL, subject="Ещё одно",
        words=Words("Слова"), requester=cast.anna, request_type=cast.desk.request_types.order_by("position")[0],
    )  # fmt: skip
    named = cast.desk.request_types.order_by("-position")[0]
    named.allowed_people.add(cast.boris)
    RequestType.objects.filter(pk=named.pk).update(restricted=True)
    TypeGroup.objects.create(desk=cast.desk, name="Доступ")
    for name in ("б.txt", "а.txt"):
        Attachment.objects.create(message=cast.ticket.messages.order_by("id")[0], name=name, size=1, digest=name)
    TicketLink.objects.create(source=cast.ticket, target=other, kind=TicketLink.Kind.RELATES, added_at=at)
    cast.ticket.refresh_from_db()
    return cast


@cache
def known() -> dict[str, FastRead[Any, Any]]:
    for module in pkgutil.walk_packages(otklik.__path__, "otklik."):
        if (
            not module.name.startswith(("otklik.config", "otklik.cli", "otklik.demo"))
            and ".migrations" not in module.name
        ):
            importlib.import_module(module.name)
    ours = (one for one in ALL if one.body.__module__.startswith("otklik."))
    return {f"{one.body.__module__.removeprefix('otklik.')}.{one.body.__qualname__}": one for one in ours}


def shown(row: Any) -> Any:
    """Return all values of a row, including related rows already loaded."""
    if not isinstance(row, Model):
        return row
    own = {name: shown(value) for name, value in vars(row).items() if name != "_state"}
    return type(row), own, {name: shown(value) for name, value in row._state.fields_cache.items()}


def test_all_fast_reads_are_tried_here() -> None:
    assert sorted(known()) == sorted(CASES)


@pytest.mark.parametrize("name", CASES)
def test_a_fast_read_gives_what_its_plain_queryset_gives(cast: Cast, name: str) -> None:
    read, rows = known()[name], 0
    for case in CASES[name](cast):
        for _time in range(2):  # the second one finds the statement written
            fast, plain = read(**case), list(read.plain(**case))
            assert [shown(row) for row in fast] == [shown(row) for row in plain], case
        rows += len(plain)
    assert rows, "nothing was compared"


def test_statements_that_nobody_asks_for_any_more_are_not_kept(db: None) -> None:
    """Each change of a queue changes the statement that counts all queues, a megabyte or more."""

    @fast_read("desk")
    def tried(*, desk: int, but: int) -> QuerySet[Desk]:
        return Desk.objects.filter(pk=desk).exclude(pk=but)

    first = weakref.ref(tried._statement((("but", 0),)))
    for but in range(100):
        assert tried(desk=0, but=but) == []
    gc.collect()
    assert first() is None


def test_what_is_planned_once_walks_no_large_table(cast: Cast) -> None:
    """Planned without the values, on enough tickets to matter to the planner."""
    with connection.cursor() as cursor:
        # The module's transaction has the short patience of a queue's batch; ANALYZE may wait for autovacuum.
        cursor.execute("SET LOCAL lock_timeout = 0")
    seed_tickets(1000)
    for name, read in known().items():
        if read.plan_once:
            case = next(iter(CASES[name](cast)))
            plan = _generic_plan(read, read.sql(**{word: one for word, one in case.items() if word not in read.kinds}))
            for table in ("tickets_ticket", "tickets_message", "tickets_participant"):
                assert f"Seq Scan on {table}" not in plan, f"{name}\n{plan}"


_ANY_VALUE = {list[int]: "'{1}'", list[str]: "'{a}'", datetime: "'2026-11-02 09:00:00+00'"}


def _generic_plan(read: FastRead[Any, Any], sql: str) -> str:
    asked = {word: kind for word, kind in read.kinds.items() if f"%({word})s" in sql}
    values = ", ".join(_ANY_VALUE.get(kind, "'1'") for kind in asked.values())
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute("SET LOCAL enable_seqscan = off")  # where there is an index, it is preferred
        cursor.execute(f"PREPARE tried AS {sql % {word: f'${at}' for at, word in enumerate(asked, 1)}}")
        cursor.execute(f"EXPLAIN EXECUTE tried{f'({values})' if values else ''}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("DEALLOCATE tried")
    return plan


def test_a_poll_is_not_planned_for_its_moment(cast: Cast) -> None:
    """Otherwise the plan for a recent moment looks cheaper than the generic one, and each poll is planned anew, which
    takes longer than running it."""
    read = known()["tickets.read_marks._told_since"]
    sql = read.sql(most=100) % {"person": "$1", "since": "$2"}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = 0")
        seed_tickets(1000)
        cursor.execute("ANALYZE tickets_ticket")
        cursor.execute("SET LOCAL plan_cache_mode = force_custom_plan")
        cursor.execute(f"PREPARE tried AS {sql}")
        costs = set()
        for since in ("'2001-01-01'", "'2099-01-01'"):
            cursor.execute(f"EXPLAIN EXECUTE tried({cast.anna.pk}, {since})")
            costs.add(cursor.fetchone()[0])
        cursor.execute("DEALLOCATE tried")
    assert len(costs) == 1
