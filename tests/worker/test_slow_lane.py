"""Expensive mails next to ordinary ones, with real workers and SMTP (RL-10)."""

import contextlib
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from otklik.intake import parse_workers, process
from otklik.mail.models import InboundMail
from otklik.mail.queries import mail_numbers
from otklik.tickets.models import Ticket
from tests.cast import Cast
from tests.postoffice import Sink, letter, post, run_all
from tests.processes import Started, starting

HANGS = {"OTKLIK_FAULT": "hard_mail:hang"}
# Two to four on an idle machine. With one lane for all, thirty for each of the hard ones.
MOST_SECONDS = 10.0


def hard(number: int) -> bytes:
    """Return a mail on which a reader started with HANGS hangs or waits for a second."""
    return letter(sender=f"evil{number}@x{number}.test", text="трудное", X_Otklik_Fault="1")


def long(number: int) -> bytes:
    """Return a mail that takes about a second to read, but must not be waited for."""
    return f"From: long{number}@x.test\nTo: accredo@desk.test\nSubject: long\n\n".encode() + b"<\n" * 16_000_000


def good(number: int) -> bytes:
    return letter(sender=f"good{number}@clinic{number}.test", text=f"хорошее {number}")


def wait_for(is_so: Callable[[], bool], seconds: float) -> float:
    """Wait until the condition holds; return the seconds it took."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < seconds
        time.sleep(0.05)
    return time.monotonic() - began


def is_filed(number: int) -> bool:
    return Ticket.objects.filter(requester__email=f"good{number}@clinic{number}.test").exists()


@contextlib.contextmanager
def workers(tmp_path: Path, sink: Sink, intake: int, count: int = 1) -> Iterator[tuple[Started, list[object]]]:
    """Yield worker processes that have already read a mail, so that their start does not count."""
    with (tmp_path / "log").open("wb") as log, starting(log) as start:
        outgoing = f"smtp://127.0.0.1:{sink.port}"
        started: list[object] = [start("worker", OTKLIK_OUTGOING=outgoing, **HANGS) for _ in range(count)]
        post(intake, good(0))
        wait_for(lambda: is_filed(0), 60)
        yield start, started
    said = (tmp_path / "log").read_text()
    assert "stumbled" not in said and "Traceback" not in said, said[-3000:]


@pytest.mark.services
@pytest.mark.parametrize("count", [1, 2])
def test_rl_10_hard_mails_before_and_between_ordinary_ones_delay_them_by_seconds(
    people: Cast, sink: Sink, intake: int, tmp_path: Path, count: int
) -> None:
    with workers(tmp_path, sink, intake, count):
        for number in range(1, 5):
            post(intake, hard(number))
            post(intake, good(number))
        took = wait_for(lambda: all(is_filed(number) for number in range(1, 5)), 60)
        assert took < MOST_SECONDS
        # Again and again, and beside a really long one: whoever writes next waits no more.
        for number in range(5, 8):
            post(intake, long(number) if number == 6 else hard(number))
            post(intake, good(number))
            assert wait_for(partial(is_filed, number), 60) < MOST_SECONDS
        assert InboundMail.objects.filter(slow__gt=0, state="waiting").exists()
        assert set(InboundMail.objects.filter(state="filed").values_list("attempts", flat=True)) == {0}


@pytest.mark.services
@pytest.mark.slow
def test_rl_10_a_hard_mail_becomes_visible_work_whoever_is_killed_meanwhile(
    people: Cast, sink: Sink, intake: int, tmp_path: Path
) -> None:
    with workers(tmp_path, sink, intake) as (start, (first,)):
        post(intake, hard(1))
        # On a busy machine the first ordinary mail may have been slow, too.
        slow = InboundMail.objects.filter(slow__gt=0)
        wait_for(lambda: slow.filter(state="waiting").exists(), 30)
        first.kill()  # type: ignore[attr-defined]
        first.wait()  # type: ignore[attr-defined]
        assert slow.filter(state="waiting").count() == 1
        start("worker", OTKLIK_OUTGOING=f"smtp://127.0.0.1:{sink.port}", **HANGS)
        post(intake, good(1))
        wait_for(lambda: is_filed(1), 60)
        wait_for(lambda: not InboundMail.objects.filter(state="waiting").exists(), 100)
        row = slow.exclude(state="filed").get()
        assert (row.state, row.fate, row.reason) == ("failed", "unreadable", "the mail took too long to read")
        assert row.ticket_id is not None and Ticket.objects.filter(pk=row.ticket_id).exists()
        assert Ticket.objects.filter(subject="Не удалось прочитать письмо").count() == 1


def test_a_mail_that_only_takes_long_is_read_in_a_slow_lane(
    people: Cast, sink: Sink, intake: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_all()
    monkeypatch.setenv("OTKLIK_FAULT", "hard_mail:wait")
    for reader in parse_workers._READERS:
        reader.close()
    monkeypatch.setattr(parse_workers._Alert, "until", time.monotonic() + 600)
    post(intake, hard(1))
    assert process.process_next() and not process.process_next()
    row = InboundMail.objects.get(envelope_from="anna@clinic.test", state="waiting")
    assert (row.slow, row.attempts, row.fate) == (1, 0, "")
    run_all()
    row.refresh_from_db()
    assert (row.state, row.fate, row.attempts) == ("filed", "request", 0)
    for reader in parse_workers._READERS:
        reader.close()


def test_a_slow_mail_is_counted_apart_and_alarms_only_when_nobody_reads_it(
    people: Cast, sink: Sink, intake: int, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_all()
    monkeypatch.setenv("OTKLIK_FAULT", HANGS["OTKLIK_FAULT"])
    for reader in parse_workers._READERS:
        reader.close()
    post(intake, hard(1))
    post(intake, good(1))
    while process.process_next():
        pass
    assert is_filed(1)
    numbers = mail_numbers()
    assert (numbers.waiting, numbers.slow, numbers.oldest_waiting) == (1, 1, None)
    assert numbers.oldest_slow is not None
    warning = "mail that is hard to read waits"
    assert warning not in client.get("/healthz").json()["warnings"]
    InboundMail.objects.filter(slow=1).update(received_at=timezone.now() - timedelta(minutes=16))
    answer = client.get("/healthz").json()
    assert warning in answer["warnings"] and "mail waits to be processed" not in answer["problems"]
    for reader in parse_workers._READERS:
        reader.close()
