"""Each fast read gives what its plain queryset gives, whoever asks and for whatever (ADR 106)."""

import gc
import importlib
import pickle
import pkgutil
import weakref
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model, QuerySet
from django.test import Client
from django.utils import timezone

import otklik
from otklik.cli.bench.seed import seed_tickets
from otklik.core.fast_reads import ALL, FastRead, fast_read
from otklik.desks.desk_snapshot import parts_of
from otklik.desks.models import Desk
from otklik.mail.models import AddressTrouble
from otklik.people.actor import Actor
from otklik.people.models import Organization, Person, Phone
from otklik.portal.listing import Wanted
from otklik.portal.models import ListLook, SavedView
from otklik.tickets.access import LONG_AGO
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.commands.pending import hold_reply
from otklik.tickets.content import Words
from otklik.tickets.models import Draft, Rating, SharedOrganization, Ticket, TicketAlias, TicketLink
from otklik.worker.dispatch import dispatch_next
from otklik.workspace.counts import _Queue, _what
from tests.cast import Cast, build_cast
from tests.portal.test_approvals import ask
from tests.prepared import module_home as module_home

Case = dict[str, Any]
NEXT_YEAR = timezone.now() + timedelta(days=300)


def people(cast: Cast) -> list[Person]:
    return [cast.anna, cast.boris, cast.stranger, cast.agent, cast.lead, cast.agent_elsewhere, cast.admin]


def by_everybody(**more: list[Any]) -> Callable[[Cast], Iterator[Case]]:
    """A case for each person, by id and whether an admin, with each of the other values."""
    return lambda cast: (
        {"person": one.pk, "is_admin": one.is_admin, **values} for one in people(cast) for values in _each(cast, more)
    )


def _each(cast: Cast, more: dict[str, list[Any]]) -> list[Case]:
    cases: list[Case] = [{}]
    for name, values in more.items():
        cases = [{**case, name: value(cast) if callable(value) else value} for case in cases for value in values]
    return cases


def of_ticket(name: str = "ticket") -> Callable[[Cast], Iterator[Case]]:
    return lambda cast: ({name: ticket} for ticket in (cast.ticket.pk, 0))


def of_desk(cast: Cast) -> Iterator[Case]:
    return ({"desk": desk} for desk in (cast.desk.pk, cast.other_desk.pk, 0))


def of_person(cast: Cast) -> Iterator[Case]:
    return ({"person": one.pk} for one in people(cast))


def of_person_and_ticket(cast: Cast) -> Iterator[Case]:
    return ({"person": one.pk, "ticket": cast.ticket.pk} for one in people(cast))


LISTS = [
    Wanted(status=status, reporter=reporter, show=show, sort=sort, descending=descending)
    for status in ("open", "closed", "all")
    for reporter in ("me", "participant", "all")
    for show in ("", "new", "waiting")
    for sort, descending in (("updatedDate", True), ("type", False))
]

WORDS: list[tuple[list[str], tuple[int, ...]]] = [
    (["'протокол':*"], (1,)),
    (["'протокол'", "'комисс':*"], (2,)),
    (["'нет'", "'протокол'", "'комисс':*"], (1, 2)),
    ([], ()),
]

CASES: dict[str, Callable[[Cast], Iterator[Case]]] = {
    "desks.access._posts": of_person,
    "desks.desk_snapshot._read": lambda cast: (
        {"desks": desks} for desks in ([cast.desk.pk], [cast.other_desk.pk, cast.desk.pk], [])
    ),
    "desks.queries._transitions": of_desk,
    "people.login_backend._person": of_person,
    "people.session_store._live": lambda cast: (
        {"key": key, "now": now} for key in (a_session(cast), "x") for now in (timezone.now(), NEXT_YEAR)
    ),
    "portal.badges._counts": by_everybody(),
    "portal.exports._lines": lambda cast: (
        {"reader": one.pk, "tickets": tickets} for one in people(cast) for tickets in ([cast.ticket.pk, 0], [])
    ),
    "portal.listing._looks": of_person,
    "portal.pages.activity._counted": lambda cast: (
        {"ticket": ticket, "reader": one.pk} for one in people(cast) for ticket in (cast.ticket.pk, 0)
    ),
    "portal.pages.activity._moves": lambda cast: (
        {"ticket": cast.ticket.pk, "since": since} for since in (LONG_AGO, timezone.now(), NEXT_YEAR)
    ),
    "portal.pages.activity._read": lambda cast: (
        {"ticket": cast.ticket.pk, "desk": cast.desk.pk, "reader": one.pk, "since": since, "whole": since is LONG_AGO}
        for one in people(cast) for since in (LONG_AGO, cast.ticket.created_at, NEXT_YEAR)
    ),
    "portal.pages.card._ever_on_it": lambda cast: (
        {"ticket": cast.ticket.pk, "reader": one.pk} for one in people(cast)
    ),
    "portal.pages.card._shared_with": of_ticket(),
    "portal.pages.requests._common_page": lambda cast: (
        {"person": one.pk, "is_member": True, "by_row": by_row, "wanted": wanted}
        for one in people(cast)[:2] for by_row in (False, True) for wanted in (LISTS[::9] if by_row else LISTS[::2])
    ),
    "portal.pages.requests._with_ids": lambda cast: (
        {"person": one.pk, "tickets": tickets} for one in people(cast) for tickets in ([cast.ticket.pk, 0], [])
    ),
    "portal.pages.smart_search._newest_involved": of_person,
    "portal.queries._ids": lambda cast: (
        {"person": one.pk, "is_member": is_member, "wanted": wanted, "among": among, "is_cut": is_cut, "most": 9}
        for one in people(cast)[:2] for is_member in (True, False) for wanted in LISTS[::7]
        for among, is_cut in (([], False), ([cast.ticket.pk, 0], True), ([], True))
    ),
    "portal.pages.requests._desks_with_statuses": lambda cast: iter([{}]),
    "portal.pages.requests._organizations": of_person,
    "portal.pages.requests._saved_views": of_person,
    "portal.pages.requests._shown_types": lambda cast: (
        {"desks": desks} for desks in ([cast.desk.pk], [cast.other_desk.pk, cast.desk.pk], [])
    ),
    "tickets.access._at_with_key": lambda cast: (
        {"desks": desks, "key": key}
        for desks in ([cast.desk.pk], [cast.other_desk.pk], [cast.other_desk.pk, cast.desk.pk], [])
        for key in ("ACCREDO-1", "OLD-7", "ACCREDO-2", "")
    ),
    "tickets.access._gathered": lambda cast: (
        {"person": one.pk, "most": most} for one in people(cast) for most in (1, 9)
    ),
    "tickets.access._memberships": of_person,
    "tickets.access._seen_by": by_everybody(ticket=[lambda cast: cast.ticket.pk, 0]),
    "tickets.access._seen_with_key": by_everybody(key=["ACCREDO-1", "OLD-7", "ACCREDO-2", "%s'; --", ""]),
    "tickets.answers.table._asked": lambda cast: (
        {"reader": one.pk, "tickets": tickets} for one in people(cast)
        for tickets in ([with_answers(cast).pk, cast.ticket.pk], [])
    ),
    "tickets.approvals._approvals": of_ticket(),
    "tickets.drafts._begun": of_person_and_ticket,
    "tickets.known_people._shareable": of_person_and_ticket,
    "tickets.ratings._ratings": of_ticket(),
    "tickets.read_marks._told_since": lambda cast: (
        {"person": one.pk, "since": since, "most": most}
        for one in people(cast) for since in (LONG_AGO, cast.ticket.created_at, NEXT_YEAR) for most in (1, 100)
    ),
    "tickets.read_marks._unseen_among": lambda cast: (
        {"person": one.pk, "tickets": tickets} for one in people(cast) for tickets in ([cast.ticket.pk, 0], [])
    ),
    "tickets.search.lookup._among": lambda cast: (
        {"desks": desks, "tickets": tickets, "state": state, "most": 3}
        for desks in ([cast.desk.pk], [cast.other_desk.pk], []) for tickets in ([cast.ticket.pk, 0], [])
        for state in ("", "open", "closed")
    ),
    "tickets.search.lookup._held": lambda cast: (
        {"reader": one.pk, "is_staff": is_staff, "tickets": tickets, "words": words, "lengths": lengths}
        for one in people(cast) for is_staff in (True, False) for tickets in ([cast.ticket.pk, 0], [])
        for words, lengths in WORDS
    ),
    "tickets.search.lookup._walked": lambda cast: (
        {"desks": desks, "words": words, "lengths": lengths, "state": state, "most": 3}
        for desks in ([cast.desk.pk], [cast.other_desk.pk], []) for words, lengths in WORDS
        for state in ("", "open", "closed")
    ),
    "tickets.search.lookup._with_word": lambda cast: (
        {"word": word, "most": 4} for word in ("'протокол':*", "'текст' | 'нет'", "'нет'")
    ),
    "tickets.search.snippets._excerpts": lambda cast: (
        {"reader": one.pk, "is_staff": is_staff, "tickets": tickets, "word": "'ответ':* | 'коммиссия':*"}
        for one in people(cast) for is_staff in (True, False) for tickets in ([cast.ticket.pk, 0], [])
    ),
    "tickets.search.snippets._subjects": lambda cast: (
        {"tickets": tickets, "word": "'протокол':*"} for tickets in ([cast.ticket.pk, 0], [])
    ),
    "tickets.timeline._events": of_ticket(),
    "workspace.counts._changed": lambda cast: (
        {"person": one.pk, "since": since, "where": queue, "most": 3}
        for one in people(cast) for since in (LONG_AGO, NEXT_YEAR)
        for queue in _what(parts_of([cast.desk.pk])) if isinstance(queue, _Queue)
    ),
    "workspace.counts._numbers": lambda cast: (
        {"person": one.pk, "what": tuple(_what(parts_of([cast.desk.pk, cast.other_desk.pk])))} for one in people(cast)
    ),
    "workspace.deliveries._mails": of_ticket(),
    "workspace.outbox._troubles": lambda cast: (
        {"addresses": addresses} for addresses in (["anna@clinic.test", "b'%@c.test"], ["no@no.test"], [])
    ),
    "workspace.pages.reach._phones": lambda cast: (
        {"people": ids} for ids in ([cast.anna.pk, cast.boris.pk], [cast.boris.pk], [])
    ),
    "workspace.pages.ticket._agents": of_desk,
    "workspace.pages.ticket._on_it": of_ticket(),
    "workspace.pages.ticket._said": lambda cast: iter([{"ticket": cast.ticket.pk, "desk": cast.desk.pk}]),
    "workspace.pulse._rows": of_ticket(),
    "workspace.pending._replies": of_ticket(),
    "workspace.queries._first_callers": lambda cast: (
        {
            "viewer": one.pk, "is_admin": one.is_admin, "words": words, "number": number, "pieces": pieces,
            "has_number": bool(number), "has_pieces": bool(pieces),
        }
        for one in people(cast)
        for words, number, pieces in (
            ("анна", "", "'анна':*"), ("clinic.test", "", "'clinic':* & 'test':*"), ("Анна", "", ""),
            ("8 495 000-00-00", "4950000000", "('8':* & '495':*) | '4950000000':*"), ("b'%_", "", "'b':*"),
        )
    ),
    "workspace.queries._newest_of": lambda cast: (
        {"desks": desks, "requesters": requesters, "state": state, "most": 3}
        for desks in ([cast.desk.pk, cast.other_desk.pk], []) for requesters in ([cast.anna.pk], [])
        for state in ("", "open", "closed")
    ),
    "workspace.queries._rows": lambda cast: (
        {"tickets": tickets, "most": 3} for tickets in ([cast.ticket.pk, came_of_it(cast).pk], [])
    ),
    "workspace.queries._near": lambda cast: (
        {"ticket": ticket, "desk": cast.desk.pk, "requester": requester, "desks": desks, "most": 3}
        for ticket in (cast.ticket.pk, came_of_it(cast).pk) for requester in (cast.anna.pk, 0)
        for desks in ([cast.desk.pk, cast.other_desk.pk], [])
    ),
}  # fmt: skip


def a_session(cast: Cast) -> str:
    """The key of a login that is in use."""
    client = Client()
    client.force_login(cast.anna)
    return str(client.session.session_key)


def with_answers(cast: Cast) -> Ticket:
    ticket = came_of_it(cast)
    Ticket.objects.filter(pk=ticket.pk).update(answers={"customfield_7": "да"})
    return ticket


def came_of_it(cast: Cast) -> Ticket:
    return Ticket.objects.exclude(pk=cast.ticket.pk).order_by("id")[0]


@pytest.fixture(scope="module")
def made(module_home: Path) -> bytes:
    """The cast around a ticket with all that its pages show, made once for the module."""
    return pickle.dumps(_busy(build_cast()))


@pytest.fixture
def cast(made: bytes, db: None) -> Cast:
    """The module's cast, in this test's transaction."""
    mine: Cast = pickle.loads(made)
    return mine


def _busy(cast: Cast) -> Cast:
    at, agent = timezone.now() + timedelta(minutes=1), Actor(cast.agent, "agent")
    ask(cast, cast.stranger)
    comment(actor=agent, at=at, ticket=cast.ticket, words=Words("Да, 100 %"))
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
    ListLook.objects.create(person=cast.anna, columns=["status"], sort="subject", descending=False)
    SavedView.objects.create(person=cast.anna, name="Мои", words={"status": "all"})
    other = open_ticket(
        actor=Actor(cast.anna, "portal"), at=at, desk=cast.desk, channel=Ticket.Channel.PORTAL, subject="Ещё одно",
        words=Words("Слова"), requester=cast.anna, request_type=cast.desk.request_types.order_by("position")[0],
    )  # fmt: skip
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
    """All that a row says, with what was read along."""
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
    """Each change of a queue makes the counts of all queues another statement, of a megabyte or more."""

    @fast_read("desk")
    def tried(*, desk: int, but: int) -> QuerySet[Desk]:
        return Desk.objects.filter(pk=desk).exclude(pk=but)

    first = weakref.ref(tried._statement((("but", 0),)))
    for but in range(100):
        assert tried(desk=0, but=but) == []
    gc.collect()
    assert first() is None


def test_what_is_planned_once_walks_no_large_table(cast: Cast) -> None:
    """Planned without the values, on as many tickets as make a difference to the planner."""
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
