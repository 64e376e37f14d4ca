"""The fetcher as a process: killed at any point, and next to another one."""

import signal
import time
from collections.abc import Iterator

import pytest
from django.db import connection

from otklik.mail.models import ImapAccount, InboundMail
from tests.mail.imap.conftest import Added
from tests.mail.imap.servers import Dovecot
from tests.postoffice import letter
from tests.processes import Started, starting

pytestmark = pytest.mark.services


@pytest.fixture
def started(people: object) -> Iterator[Started]:
    """Yield a function that starts `otklik fetch` on this test's database; running processes are ended afterwards."""
    with starting() as start:
        yield lambda *words, **more: start("fetch", *words, **more)


def rows_within(count: int, seconds: float) -> None:
    end = time.monotonic() + seconds
    while InboundMail.objects.count() < count:
        assert time.monotonic() < end, f"{InboundMail.objects.count()} of {count}"
        time.sleep(0.05)


@pytest.mark.parametrize("point", ["after_fetch", "before_store", "after_store", "after_mark", "after_ack"])
def test_rl_01_02_03_a_kill_at_any_point_loses_and_doubles_nothing(
    point: str, added: Added, dovecot: Dovecot, user: str, started: Started
) -> None:
    added(after="seen")
    dovecot.put(user, *[letter(subject=f"{n}") for n in range(6)])
    assert started("--once", OTKLIK_FAULT=f"{point}:kill:3").wait(60) == -signal.SIGKILL
    assert InboundMail.objects.count() == (2 if point in {"after_fetch", "before_store"} else 3)
    assert started("--once").wait(60) == 0
    assert InboundMail.objects.count() == 6
    assert ImapAccount.objects.get().last_uid == 6
    # Only the mail between its commit and the mark is offered a second time.
    assert sum(InboundMail.objects.values_list("copies", flat=True)) == (7 if point == "after_store" else 6)


def test_rl_09_two_fetchers_take_two_hundred_mails_once_and_one_takes_over_from_the_other(
    added: Added, dovecot: Dovecot, user: str, started: Started
) -> None:
    added()
    dovecot.put(user, *[letter(subject=f"{n}") for n in range(200)])
    first = started()
    rows_within(1, 60)
    second = started()
    rows_within(200, 60)
    with connection.cursor() as cursor:
        # The server is shared with other tests; locks are counted in this test's database.
        here = "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        cursor.execute(
            f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND {here}", [0x494D4150]
        )
        assert cursor.fetchone() == (1,)
    time.sleep(1)
    assert InboundMail.objects.count() == 200
    assert set(InboundMail.objects.values_list("copies", flat=True)) == {1}
    first.kill()
    dovecot.put(user, letter(subject="201"))
    rows_within(201, 20)
    second.send_signal(signal.SIGTERM)
    began = time.monotonic()
    assert second.wait(20) == 0
    assert time.monotonic() - began < 6
