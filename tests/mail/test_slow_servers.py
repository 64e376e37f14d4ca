"""Slow servers (RFC 5321, 4.5.3.2) get one copy, block nobody, and are abandoned when the worker stops."""

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from otklik.mail import claims, deliver, delivery_lanes, smtp_connection
from otklik.mail.commands import outbox as commands
from otklik.mail.models import OutboundMail
from otklik.people.actor import system
from otklik.worker.pumps import Pump, PumpThread
from tests.mail.stubborn import Stubborn, running_stubborn, silent_port
from tests.mail.test_compose import row
from tests.refusing import refused_as

SECOND = dt.timedelta(seconds=1)


def run(at: dt.datetime | None = None) -> None:
    while deliver.deliver_next(at):
        pass


def until(what: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the time after which a mail is left to its slow lane."""
    monkeypatch.setattr(deliver, "_SLOW_SECONDS", 0.3)


@pytest.fixture
def server(transactional_db: None, settings: Settings, quick: None) -> Iterator[Stubborn]:
    with running_stubborn(settings) as running:
        yield running
    until(lambda: not deliver._SLOW.mails())


def test_the_waits_are_those_of_the_standard() -> None:
    assert (smtp_connection.GREETING_SECONDS, smtp_connection.MAIL_SECONDS, smtp_connection.RCPT_SECONDS) == (
        300,
        300,
        300,
    )
    assert (smtp_connection.DATA_SECONDS, smtp_connection.BLOCK_SECONDS, smtp_connection.DOT_SECONDS) == (120, 180, 600)
    assert deliver._SLOW_SECONDS == 4.0, "a worker has eight seconds to stop"


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "DOT"])
def test_a_slow_server_gets_one_copy_and_others_go_on(server: Stubborn, stage: str) -> None:
    go = threading.Event()
    heard: list[str] = []

    def wait(about: str) -> threading.Event | None:
        heard.append(about)
        return go if len(heard) == 1 else None

    server.waits[stage] = wait
    row(recipient="slow@x.test")
    for number in range(12):
        row(recipient=f"p{number}@y.test")
    run()
    assert sum(server.to(f"p{number}@y.test") for number in range(12)) == 12
    slow = OutboundMail.objects.get(recipient="slow@x.test")
    assert slow.state == "queued" and slow.claimed_until is not None
    run(timezone.now() + 55 * SECOND)
    go.set()
    until(lambda: OutboundMail.objects.filter(recipient="slow@x.test", state="sent").exists())
    run(timezone.now() + dt.timedelta(hours=2))
    assert server.to("slow@x.test") == 1 and len(server.given) == 13
    slow.refresh_from_db()
    assert (slow.attempts, slow.claimed_until) == (1, None)


def test_a_claim_is_renewed_while_the_server_thinks(server: Stubborn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery_lanes, "_RENEW_SECONDS", 0.2)
    go = threading.Event()
    server.waits["DOT"] = lambda _to: go
    row()
    run()
    first = OutboundMail.objects.get().claimed_until
    assert first is not None and 50 * SECOND < first - timezone.now() <= 60 * SECOND
    until(lambda: OutboundMail.objects.get().claimed_until > first)
    go.set()
    until(lambda: OutboundMail.objects.get().state == "sent")


def test_no_lock_and_no_transaction_while_sending(server: Stubborn) -> None:
    """Other users of the row must not wait for a slow server."""
    go = threading.Event()
    server.waits["DOT"] = lambda _to: go
    mail = row()
    pump = threading.Thread(target=_in_thread, args=(run,))
    pump.start()
    until(lambda: len(server.given) == 1)
    with transaction.atomic():
        OutboundMail.objects.select_for_update(nowait=True).get(pk=mail.pk)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction' AND datname = current_database()"
        )
        assert cursor.fetchone() == (0,)
    go.set()
    pump.join()
    until(lambda: OutboundMail.objects.get().state == "sent")


def test_a_mail_under_way_can_neither_be_cancelled_nor_hurried(server: Stubborn) -> None:
    go = threading.Event()
    server.waits["DOT"] = lambda _to: go
    mail = row()
    run()
    for act in (commands.cancel, commands.send_now):
        with refused_as("mail.being_sent"):
            act(actor=system(), at=timezone.now(), mail=mail)
    go.set()
    until(lambda: OutboundMail.objects.get().state == "sent")


def test_a_claim_that_has_ended_binds_nobody(transactional_db: None) -> None:
    mail = row(claimed_until=timezone.now() - SECOND)
    commands.cancel(actor=system(), at=timezone.now(), mail=mail)
    assert OutboundMail.objects.get().state == "cancelled"


def test_what_was_sent_is_written_also_when_the_claim_was_lost(server: Stubborn) -> None:
    go = threading.Event()
    server.waits["DOT"] = lambda _to: go
    row()
    run()
    OutboundMail.objects.update(claimed_until=timezone.now() + 59 * SECOND, attempts=2)
    go.set()
    until(lambda: OutboundMail.objects.get().state == "sent")


def test_a_refusal_that_comes_too_late_changes_nothing(server: Stubborn) -> None:
    go = threading.Event()
    server.waits["DOT"] = lambda _to: go
    server.answers["DOT"] = "550 5.1.1 gone"
    row()
    run()
    OutboundMail.objects.update(claimed_until=timezone.now() + 59 * SECOND)
    go.set()
    until(lambda: not deliver._SLOW.mails())
    assert OutboundMail.objects.get().state == "queued"


def test_two_at_once_for_a_slow_domain_and_sixteen_in_all(server: Stubborn) -> None:
    go = threading.Event()
    server.waits["DOT"] = lambda to: go if "slow" in to else None
    for number in range(5):
        row(recipient=f"p{number}@slow.test")
    row(recipient="fast@y.test")
    run()
    assert len(server.given) == 3 and server.to("fast@y.test") == 1
    assert OutboundMail.objects.filter(delayed_by="recipient").count() == 3
    for number in range(20):
        row(recipient=f"p{number}@slow{number}.test", cause=f"s{number}", message_id=f"<s{number}@x>")
    row(recipient="late@y.test")
    run()
    assert len(deliver._SLOW.mails()) == 16 and server.to("late@y.test") == 0
    go.set()
    until(lambda: not deliver._SLOW.mails())
    run(timezone.now() + 40 * SECOND)
    assert set(OutboundMail.objects.values_list("state", flat=True)) == {"sent"} and len(server.given) == 27


def test_rl_23_silence_after_the_end_is_not_asked_again_at_once(
    server: Stubborn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp_connection, "DOT_SECONDS", 0.1)
    never = threading.Event()
    server.waits["DOT"] = lambda to: never if "slow" in to else None
    at = timezone.now()
    row(recipient="p@slow.test", created_at=at)
    run(at)
    mail = OutboundMail.objects.get()
    assert (mail.state, mail.attempts, mail.delayed_by) == ("queued", 1, "silent")
    assert 59 * SECOND < mail.retry_at - at < 62 * SECOND
    deliver._local.rest_until = 0.0
    run(at + 70 * SECOND)
    mail.refresh_from_db()
    assert mail.attempts == 2 and 299 * SECOND < mail.retry_at - at - 70 * SECOND < 302 * SECOND
    row(recipient="p@fast.test", created_at=at)
    deliver._local.rest_until = 0.0
    run(at + 80 * SECOND)
    mail.refresh_from_db()
    assert mail.delayed_by == "recipient" and mail.retry_at > at + 300 * SECOND, (
        "its own server is slow, others are not"
    )
    assert len(server.given) == 3
    never.set()


def test_while_no_connection_stands_no_second_one_is_tried(
    transactional_db: None, settings: Settings, quick: None
) -> None:
    place, port = silent_port()
    with place:
        settings.OUTGOING = f"smtp://127.0.0.1:{port}"
        deliver.forget()
        for number in range(5):
            row(recipient=f"p{number}@x.test")
        began = time.monotonic()
        run()
        run()
        assert time.monotonic() - began < 3 and len(deliver._SLOW.mails()) == 1
        assert OutboundMail.objects.filter(claimed_until=None).count() == 4, "the others were given back"
        place.close()
    deliver.forget()


def test_a_pump_stops_while_a_server_thinks(server: Stubborn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliver, "_SLOW_SECONDS", 4.0)
    go = threading.Event()
    server.waits["DOT"] = lambda _to: go
    for number in range(5):
        row(recipient=f"p{number}@x.test")
    stop = threading.Event()
    pump = PumpThread(Pump("delivery", "", deliver.deliver_next), stop)
    pump.start()
    until(lambda: len(server.given) == 1)
    stop.set()
    pump.join(8.0)
    assert not pump.is_alive() and len(server.given) == 1
    go.set()
    until(lambda: not deliver._SLOW.mails())
    assert OutboundMail.objects.filter(state="sent").count() == 1


def test_a_database_that_is_away_for_a_moment_costs_no_copy(server: Stubborn, monkeypatch: pytest.MonkeyPatch) -> None:
    row()
    settle, calls = deliver.settle, []

    def away(*given: object) -> None:
        calls.append(given)
        if len(calls) == 1:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        settle(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(deliver, "settle", away)
    run()
    assert OutboundMail.objects.get().state == "sent" and len(server.given) == 1 and len(calls) == 2


def test_a_big_mail_goes_in_blocks_and_whole(server: Stubborn) -> None:
    lines = "\n".join(f".{number} точка в начале строки" for number in range(20_000))
    row(text=lines, html="")
    run()
    until(lambda: OutboundMail.objects.get().state == "sent")
    assert len(server.taken[0][2]) > 1_000_000


def test_the_next_claim_waits_for_the_first(transactional_db: None) -> None:
    """Nothing is sent twice: a claim is exclusive until it expires, a minute later."""
    at = timezone.now()
    row(created_at=at)
    (first,) = claims.claim(at)
    assert first.until - at == 60 * SECOND
    assert claims.claim(at + 59 * SECOND) == []
    (second,) = claims.claim(at + 61 * SECOND)
    assert second.attempt == 2
    claims.give_back([first])
    assert OutboundMail.objects.get().claimed_until == second.until, "not one's own any more"
    claims.give_back([second])
    mail = OutboundMail.objects.get()
    assert (mail.attempts, mail.claimed_until, mail.last_attempt_at) == (1, None, at)


def _in_thread(act: Callable[[], None]) -> None:
    try:
        act()
    finally:
        deliver.forget()
        connections.close_all()
