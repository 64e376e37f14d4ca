"""Every background job has a pump, and a pump that failed continues with a new connection."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import Error as DatabaseError
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone
from pytest_django.fixtures import Settings

from otklik.core.direct_connection import parameters
from otklik.core.models import Submission
from otklik.core.notify_channel import CHANNEL
from otklik.desks.models import Desk
from otklik.intake.commands.reprocess import run_again
from otklik.intake.parse_workers import SLOW_TOPIC
from otklik.intake.process import process_next
from otklik.journal.models import Event
from otklik.mail.claims import claim
from otklik.mail.commands.outbox import cancel, send_now, try_again
from otklik.mail.commands.restored import release_held
from otklik.mail.dkim_check import vouch_next
from otklik.mail.dns_lookup import configured
from otklik.mail.inbox import accept
from otklik.mail.models import AddressTrouble, InboundMail, Mailbox, OutboundMail
from otklik.mail.suppressed_addresses import clear
from otklik.notify.digest import digest_next
from otklik.notify.models import DigestEntry
from otklik.people.actor import Actor
from otklik.people.commands.own_data import ask_for_export
from otklik.people.models import DataExport
from otklik.privacy.exports import export_next
from otklik.tickets.commands.approve import ask_approval
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.list_export import ask_for_list_export
from otklik.tickets.commands.pending import hold_reply, move_reply
from otklik.tickets.content import Words
from otklik.tickets.models import Approval, Draft, ListExport, PendingReply
from otklik.tickets.pumps.approval_reminders import remind_next
from otklik.worker import pumps, unused_files
from otklik.worker.cleanup import tidy
from otklik.worker.dispatch import dispatch_next
from otklik.worker.pumps import Pump, PumpThread
from otklik.worker.queue_polling import look
from otklik.worker.run import SHARES
from otklik.workspace.list_exports import export_next as list_export_next
from tests.cast import Cast
from tests.meanwhile import meanwhile
from tests.postoffice import letter, put_mail

# What runs in which process, which wake-up means it, and what it does. A pump more or less is written here, too.
MUST_RUN = {
    ("in", "vouching", "inbox", "otklik.mail.dkim_check.vouch_next"),
    ("in", "intake", "inbox", "otklik.intake.process.process_next"),
    ("hard", "slow intake 1", SLOW_TOPIC, "otklik.intake.process.process_next(1)"),
    ("hard", "slow intake 2", SLOW_TOPIC, "otklik.intake.process.process_next(2)"),
    ("hard", "list exports", "list_exports", "otklik.workspace.list_exports.export_next"),
    ("plan", "replies", "replies", "otklik.tickets.pumps.pending_replies.release_next"),
    ("plan", "bulk", "bulk", "otklik.tickets.pumps.bulk_runs.work_next"),
    ("plan", "dispatch", "events", "otklik.worker.dispatch.dispatch_next"),
    ("plan", "reminders", "", "otklik.tickets.pumps.approval_reminders.remind_next"),
    ("plan", "digest", "", "otklik.notify.digest.digest_next"),
    ("plan", "exports", "exports", "otklik.privacy.exports.export_next"),
    ("plan", "retention", "", "otklik.mail.retention.Sweep.step"),
    ("plan", "rewording", "", "otklik.tickets.search.reindex_answers.Rewording.step"),
    ("plan", "tidying", "", "otklik.worker.cleanup.Tidying.step"),
    ("plan", "unused files", "", "otklik.worker.unused_files.UnusedFiles.step"),
    ("out", "delivery 1", "outbox", "otklik.mail.deliver.deliver_next"),
    ("out", "delivery 2", "outbox", "otklik.mail.deliver.deliver_next"),
}


def name_of(step: Callable[[], bool]) -> str:
    if isinstance(step, partial):
        return f"{name_of(step.func)}({', '.join(map(str, step.args))})"
    return f"{step.__module__}.{step.__qualname__}"


def test_each_pump_is_wired_to_its_work_and_its_wake_up() -> None:
    found = {(share, pump.name, pump.topic, name_of(pump.step)) for share, all_ in SHARES.items() for pump in all_}
    assert found == MUST_RUN
    assert sum(len(share) for share in SHARES.values()) == len(MUST_RUN)


@contextmanager
def wake_ups() -> Iterator[Callable[[str], bool]]:
    """Yield a function that tells whether a topic was woken since it was last asked."""
    heard: list[str] = []
    with psycopg.connect(**parameters(), autocommit=True) as link:
        link.add_notify_handler(lambda notice: heard.append(notice.payload))
        link.execute(f"LISTEN {CHANNEL}")

        def woken(topic: str) -> bool:
            end = time.monotonic() + 5
            while topic not in heard and time.monotonic() < end:
                link.execute("SELECT 1")
            found = topic in heard
            heard.clear()
            return found

        yield woken


LIST: dict[str, Any] = {
    "jql": "project = ACCREDO", "kind": ListExport.Kind.CSV, "columns": ["key"], "answers": False, "language": "ru",
    "time_zone": "Europe/Moscow",
}  # fmt: skip


def _mails(cast: Cast) -> Iterator[tuple[str, Callable[[], object]]]:
    at, mail = timezone.now(), InboundMail.objects.all()
    by: dict[str, Any] = {"actor": Actor(cast.agent, "agent"), "at": at}
    box, to = Mailbox.objects.get(address="accredo@desk.test"), "accredo@desk.test"
    yield (
        "inbox",
        lambda: accept(raw=letter(), mailbox=box, transport="smtp", envelope_from="a@b.test", envelope_to=to, at=at),
    )
    yield "inbox", vouch_next
    mail.update(state=InboundMail.State.FAILED, settled_at=at)
    yield "inbox", lambda: run_again(**by, mail=mail.get())
    yield "events", lambda: comment(**by, ticket=cast.ticket, words=Words("Ответ"))
    yield "outbox", dispatch_next
    sent = OutboundMail.objects.filter(recipient=cast.anna.email)
    for state, act in (("failed", try_again), ("queued", send_now), ("queued", cancel)):
        sent.update(state=state)
        yield "outbox", partial(act, **by, mail=sent[0])
    sent.update(state="restored")
    yield "outbox", lambda: release_held(**by)
    sent.update(state="stopped")
    AddressTrouble.objects.create(address=cast.anna.email, stopped_at=at, last_at=at)
    yield "outbox", lambda: clear(cast.anna.email or "", at)
    hold = partial(hold_reply, **by, ticket=cast.ticket, words=Words("Позже"), due_at=at + timedelta(hours=1))
    yield "replies", hold
    reply = PendingReply.objects.get()
    yield "replies", lambda: move_reply(**by, reply=reply, due_at=at + timedelta(hours=2))
    yield "exports", lambda: ask_for_export(**by, person=cast.anna)
    yield "list_exports", lambda: ask_for_list_export(**by, person=cast.agent, **LIST)


def test_who_waits_for_new_rows_is_woken_when_they_are_committed(people: Cast, home: Path, settings: Settings) -> None:
    settings.DKIM_CHECK, settings.DNS_SERVERS = True, ["127.0.0.1:1"]
    configured.cache_clear()
    with wake_ups() as woken:
        for topic, act in _mails(people):
            act()
            assert woken(topic), act
    configured.cache_clear()


def _rows_to_claim(cast: Cast) -> Iterator[tuple[QuerySet[Any], Callable[[], object]]]:
    now = timezone.now()
    Desk.objects.update(approval_reminder_days=1)
    by: dict[str, Any] = {"actor": Actor(cast.agent, "agent"), "at": now - timedelta(days=2)}
    ask_approval(**by, ticket=cast.ticket, people=[cast.boris], rule="one")
    yield Event.objects.filter(dispatched_at=None), dispatch_next
    yield Approval.objects.all(), remind_next
    while dispatch_next():
        pass
    yield OutboundMail.objects.filter(state="queued"), lambda: claim(timezone.now())
    event = Event.objects.latest("id")
    DigestEntry.objects.create(person=cast.anna, event_id=event.pk, template="comment", due_at=now)
    yield DigestEntry.objects.all(), digest_next
    ask_for_export(actor=Actor(cast.anna, "portal"), at=now, person=cast.anna)
    yield DataExport.objects.all(), export_next
    ask_for_list_export(actor=Actor(cast.agent, "agent"), at=now, person=cast.agent, **LIST)
    yield ListExport.objects.all(), list_export_next
    put_mail()
    yield InboundMail.objects.all(), process_next


def test_each_queue_that_holds_work_has_its_pump_called(people: Cast, home: Path, settings: Settings) -> None:
    """By the one polling thread; for resting rows as well, and not for an empty queue."""
    settings.DKIM_CHECK = True
    called_for = {
        Approval: {"reminders"}, DataExport: {"exports"}, DigestEntry: {"digest"}, Event: {"dispatch"},
        ListExport: {"list exports"}, InboundMail: {"intake", "vouching"}, OutboundMail: {"delivery 1", "delivery 2"},
    }  # fmt: skip
    for rows, _ in _rows_to_claim(people):
        assert called_for[rows.model] <= calls(), rows.model
    InboundMail.objects.update(slow=2)
    hold_reply(
        actor=Actor(people.agent, "agent"), at=timezone.now(), ticket=people.ticket, words=Words("Позже"),
        due_at=timezone.now() + timedelta(hours=1),
    )  # fmt: skip
    assert {"slow intake 2", "replies"} <= calls() and not {"intake", "slow intake 1"} & calls()
    looked_out_for = {pump.name for share in SHARES.values() for pump in share if pump.waits is not None}
    assert looked_out_for == {name for _, name, *_ in MUST_RUN} - {"retention", "rewording", "tidying", "unused files"}


def test_an_empty_queue_calls_nobody(transactional_db: None) -> None:
    assert calls() == set()


def calls() -> set[str]:
    """Return the pumps that one look wakes."""
    threads = [PumpThread(pump, threading.Event()) for share in SHARES.values() for pump in share]
    look(threads)
    return {thread.pump.name for thread in threads if thread._wake.is_set()}


def test_a_pump_that_is_never_called_looks_itself_and_keeps_no_connection(
    transactional_db: None, stop: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pumps, "UNCALLED_SECONDS", 0.01)
    seen: list[int] = []

    def step() -> bool:
        seen.append(backend())
        return False

    assert runs(Pump("x", "x", step, waits=lambda: None), stop, lambda: len(seen) > 2)
    assert len(set(seen)) == len(seen)


def test_what_another_worker_has_in_hand_is_passed_over_without_waiting(people: Cast, home: Path) -> None:
    for rows, step in _rows_to_claim(people):
        assert rows.exists(), step
        with meanwhile(lambda rows=rows: list(rows.select_for_update())) as other:  # type: ignore[misc]
            assert not step(), step
        assert not other.waited and other.failure is None, step
        assert step(), step


def pump_called(name: str) -> Pump:
    return next(pump for share in SHARES.values() for pump in share if pump.name == name)


@pytest.fixture
def stop() -> Any:
    stop = threading.Event()
    yield stop
    stop.set()


def runs(pump: Pump, stop: threading.Event, until: Callable[[], bool]) -> bool:
    """Return whether `until` becomes true while the pump runs in its thread."""
    thread = PumpThread(pump, stop)
    thread.start()
    end = time.monotonic() + 30
    try:
        while not (done := until()) and time.monotonic() < end:
            time.sleep(0.02)
    finally:
        stop.set()
        thread.wake()
        thread.join(30)
    return done and not thread.is_alive()


def due_now(name: str) -> Pump:
    """Return the worker's own pump, made due."""
    pump = pump_called(name)
    pump.step.__self__._not_before = 0.0  # type: ignore[attr-defined]
    return pump


def test_the_workers_own_sweep_tidies_by_itself(transactional_db: None, home: Path, stop: threading.Event) -> None:
    Submission.objects.create(mark="old", at=timezone.now() - timedelta(days=400))
    assert runs(due_now("tidying"), stop, lambda: not Submission.objects.exists())


def test_the_workers_own_sweep_looks_for_unused_files_by_itself(
    transactional_db: None, home: Path, stop: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[str] = []

    def look(shelf: str, at: Any) -> unused_files.Swept:
        looked_at.append(shelf)
        return unused_files.Swept()

    monkeypatch.setattr(unused_files, "sweep", look)
    assert runs(due_now("unused files"), stop, lambda: bool(looked_at))


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("broken", ["ended by the server", "left in an unknown state"])
def test_a_pump_keeps_no_connection_after_an_error(
    transactional_db: None, stop: threading.Event, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    monkeypatch.setattr(pumps, "_REST_AFTER_ERROR", 0.01)
    monkeypatch.setattr(pumps, "POLL_SECONDS", 0.01)
    seen: list[int] = []

    def step() -> bool:
        seen.append(backend())
        if len(seen) > 1:
            return False
        with connection.cursor() as cursor:
            if broken == "ended by the server":
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
            cursor.execute("SET statement_timeout TO 5000")
        raise DatabaseError("the step stumbles")

    assert runs(Pump("x", "", step), stop, lambda: len(seen) > 1)
    assert seen[0] not in seen[1:]


def test_a_draft_that_is_written_on_while_old_ones_are_removed_stays(people: Cast, home: Path) -> None:
    now, kind = timezone.now(), people.desk.request_types.order_by("position")[0]
    for who in (people.anna, people.boris):
        Draft.objects.create(person=who, kind="request", subject_id=kind.pk, updated_at=now - timedelta(days=31))
    mine = Draft.objects.filter(person=people.anna)
    with meanwhile(lambda: mine.update(updated_at=now, words={"summary": ["ещё"]})) as other:
        tidy(now)
    assert other.waited
    assert [row.person for row in Draft.objects.all()] == [people.anna]


class Rests(threading.Event):
    """Records requested waiting times and cuts them short."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout)
        return super().wait(0.001)


def test_a_pump_that_stumbles_rests_longer_each_time_until_it_went_well(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pumps, "POLL_SECONDS", 0.001)
    stumbles = iter([True] * 7 + [False] + [True] * 2)
    stop = Rests()

    def step() -> bool:
        if next(stumbles, False):
            raise ValueError("it stumbles")
        return False

    assert runs(Pump("x", "", step), stop, lambda: len(stop.seconds) == 9)
    assert stop.seconds == [1, 2, 4, 8, 16, 30, 30, 1, 2]


def test_a_pump_that_never_runs_dry_ends_when_told(transactional_db: None, stop: threading.Event) -> None:
    seen: list[int] = []
    assert runs(Pump("x", "", lambda: not seen.append(1)), stop, lambda: len(seen) > 3)


def test_a_wake_up_during_the_work_is_not_lost(
    transactional_db: None, stop: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pumps, "POLL_SECONDS", 600.0)
    seen: list[int] = []

    def step() -> bool:
        seen.append(1)
        if len(seen) == 1:
            thread.wake()
        return False

    thread = PumpThread(Pump("x", "", step), stop)
    thread.start()
    end = time.monotonic() + 10
    while len(seen) < 2 and time.monotonic() < end:
        time.sleep(0.01)
    stop.set()
    thread.wake()
    thread.join(10)
    assert len(seen) == 2 and not thread.is_alive()
