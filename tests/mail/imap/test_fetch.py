"""Fetching from a real IMAP server: each mail once, whatever fails in between."""

import datetime as dt
import threading
import time
from email.utils import formatdate

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from otklik.core import disk_space
from otklik.mail.commands.imap import Start
from otklik.mail.imap import account_thread, connection
from otklik.mail.imap.fetch import fetch_once, serve
from otklik.mail.models import ImapAccount, InboundMail, OutboundMail
from otklik.tickets.models import Ticket
from tests.mail.imap.conftest import Added
from tests.mail.imap.servers import Between, Dovecot, silent_server
from tests.postoffice import letter, run_all
from tests.worker.test_poisoned_rows import refusing

pytestmark = pytest.mark.services
# What `letter` writes.
DATE = b"Mon, 02 Nov 2026 12:00:00 +0300"


def fetched() -> dict[str, str]:
    """Fetch once, ignoring retry delays; return the errors by account."""
    ImapAccount.objects.update(retry_at=None)
    return {account: why for account, why in fetch_once().items() if why}


def wait_for_rows(count: int, seconds: float) -> float:
    """Wait until `count` mails are stored; return the seconds it took."""
    began = time.monotonic()
    while InboundMail.objects.count() < count:
        assert time.monotonic() - began < seconds, f"{InboundMail.objects.count()} of {count} mails in {seconds} s"
        time.sleep(0.02)
    return time.monotonic() - began


def bare(raw: bytes) -> bytes:
    return raw.replace(b"\r\n", b"\n")


def test_new_mail_is_taken_as_it_is_and_nothing_changes_on_the_server(
    added: Added, dovecot: Dovecot, user: str
) -> None:
    dovecot.put(user, letter(subject="Старое"))
    account = added()
    mail = letter(subject="Новое", text="Тело письма")
    dovecot.put(user, mail)
    assert fetched() == {}
    row = InboundMail.objects.get()
    assert bare(bytes(row.raw)) == bare(mail)
    assert (row.transport, row.imported, row.full_size) == ("imap", False, None)
    account.refresh_from_db()
    assert account.offered == 1 and account.last_ok_at is not None and account.last_error == ""
    assert dovecot.numbers(user, "UNSEEN") == [1, 2]
    run_all(deliver_too=False)
    assert Ticket.objects.filter(subject="Новое").exists()
    assert fetched() == {}
    assert InboundMail.objects.get().copies == 1


def test_where_the_disk_is_nearly_full_mail_stays_in_the_mailbox_and_is_no_stuck_mail(
    added: Added, dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = added()
    dovecot.put(user, letter(subject="a"), letter(subject="b"))
    with monkeypatch.context() as full:
        full.setattr(disk_space, "LOW_WATER", 1 << 60)
        full.setattr(disk_space, "LOW_SHARE", 2.0)
        for _ in range(5):
            assert "not enough room" in " ".join(fetched().values())
    account.refresh_from_db()
    assert (InboundMail.objects.count(), account.last_uid, account.stuck_tries) == (0, 0, 0)
    assert fetched() == {} and InboundMail.objects.filter(full_size=None).count() == 2


def test_rl_19_mail_that_somebody_read_before_is_taken_all_the_same(added: Added, dovecot: Dovecot, user: str) -> None:
    added()
    dovecot.put(user, letter(), flags=r"(\Seen \Flagged)")
    assert fetched() == {}
    assert InboundMail.objects.count() == 1


def test_rl_19_mail_of_ten_days_in_which_nobody_fetched_is_taken(added: Added, dovecot: Dovecot, user: str) -> None:
    added()
    for day in range(10):
        came = dt.datetime.now(dt.UTC) - dt.timedelta(days=10 - day)
        dovecot.put(user, *[letter(subject=f"{day}-{n}") for n in range(5)], came=came)
    assert fetched() == {}
    assert InboundMail.objects.filter(imported=False).count() == 50


def test_idle_tells_of_new_mail_within_two_seconds(added: Added, dovecot: Dovecot, user: str) -> None:
    added()
    stop = threading.Event()
    fetcher = threading.Thread(target=serve, args=(stop,))
    fetcher.start()
    try:
        while not ImapAccount.objects.exclude(last_ok_at=None).exists():
            time.sleep(0.05)
        for number in range(1, 4):
            dovecot.put(user, letter(subject=f"{number}"))
            wait_for_rows(number, 2.0)
    finally:
        stop.set()
        began = time.monotonic()
        fetcher.join(20)
    assert time.monotonic() - began < 4


def test_without_idle_the_folder_is_looked_at_again(
    added: Added, dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("otklik.mail.imap.account_thread.POLL_SECONDS", 0.3)
    monkeypatch.setattr(connection.Link, "_can_idle", lambda self: False)
    added()
    stop = threading.Event()
    fetcher = threading.Thread(target=serve, args=(stop,))
    fetcher.start()
    try:
        time.sleep(1)
        dovecot.put(user, letter())
        wait_for_rows(1, 5.0)
    finally:
        stop.set()
        fetcher.join(20)


def test_a_mailbox_added_while_the_fetcher_runs_is_noticed(added: Added, dovecot: Dovecot, user: str) -> None:
    stop = threading.Event()
    fetcher = threading.Thread(target=serve, args=(stop,))
    fetcher.start()
    try:
        account = added()
        dovecot.put(user, letter())
        wait_for_rows(1, 8.0)
        ImapAccount.objects.filter(pk=account.pk).update(paused=True)
        time.sleep(3)
        dovecot.put(user, letter(subject="2"))
        time.sleep(1)
        assert InboundMail.objects.count() == 1
    finally:
        stop.set()
        fetcher.join(20)


def test_rl_05_a_line_cut_in_the_middle_of_a_mail_stores_nothing_of_it(
    added: Added, dovecot: Dovecot, user: str
) -> None:
    account = added()
    mail = letter(text="длинное " * 100_000)
    dovecot.put(user, letter(subject="vorher"), mail, letter(subject="nachher"))
    with Between(dovecot.port, cut_after=len(mail) // 2).running() as line:
        ImapAccount.objects.update(port=line.port)
        assert "broke" in next(iter(fetched().values()))
        assert InboundMail.objects.count() == 1
        account.refresh_from_db()
        assert account.failures == 1 and account.last_uid == 1
        assert fetched() == {}
    assert InboundMail.objects.count() == 3
    assert bare(bytes(InboundMail.objects.order_by("-size")[0].raw)) == bare(mail)
    assert set(InboundMail.objects.values_list("copies", flat=True)) == {1}


def test_rl_05_a_mail_that_never_comes_whole_does_not_hold_up_the_others(
    added: Added, dovecot: Dovecot, user: str
) -> None:
    added()
    mail = letter(subject="Большое", text="длинное " * 100_000)
    dovecot.put(user, mail, letter(subject="Следующее"))
    with Between(dovecot.port, cut_after=len(mail) // 2, always=True).running() as line:
        ImapAccount.objects.update(port=line.port)
        for _ in range(5):
            assert fetched()
        assert fetched() == {}
    first, second = InboundMail.objects.order_by("id")
    assert first.full_size is not None and first.size == 256 * 1024
    assert second.full_size is None


def test_rl_06_a_silent_server_holds_up_nobody_and_is_shown(
    added: Added, dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "READ_SECONDS", 1.0)
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 1.0)
    account = added()
    with silent_server() as port:
        silent = ImapAccount.objects.get(pk=account.pk)
        silent.pk, silent.port, silent.folder = None, port, "Other"
        silent.save()
        dovecot.put(user, letter())
        wrong = fetched()
    assert list(wrong.values()) == ["the server does not answer"]
    assert InboundMail.objects.count() == 1
    silent.refresh_from_db()
    assert silent.failures == 1 and silent.last_error and silent.retry_at is not None


def test_poisoned_accounts_keep_no_other_from_being_fetched(
    added: Added, dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = added()
    dovecot.put(user, letter())
    broken, locked = ImapAccount.objects.get(pk=account.pk), ImapAccount.objects.get(pk=account.pk)
    broken.pk, broken.folder = None, "Broken"
    locked.pk, locked.folder = None, "Locked"
    broken.save()
    locked.save()
    ImapAccount.objects.update(retry_at=None)
    look = account_thread.AccountWorker.look_once

    def unforeseen(attendant: account_thread.AccountWorker) -> str:
        if attendant.account_id == broken.pk:
            raise ZeroDivisionError("nobody foresaw this")
        return look(attendant)

    monkeypatch.setattr(account_thread.AccountWorker, "look_once", unforeseen)
    with refusing("mail_imapaccount", f"NEW.id = {locked.pk}"):
        wrong = {name: why for name, why in fetch_once().items() if why}
    assert len(wrong) == 2 and InboundMail.objects.count() == 1


def test_rl_06_the_fetcher_ends_at_once_while_a_server_is_silent(added: Added) -> None:
    account = added()
    with silent_server() as port:
        ImapAccount.objects.filter(pk=account.pk).update(port=port)
        stop = threading.Event()
        fetcher = threading.Thread(target=serve, args=(stop,))
        fetcher.start()
        time.sleep(1)
        stop.set()
        began = time.monotonic()
        fetcher.join(20)
        assert time.monotonic() - began < 6


def test_rl_07_a_new_uidvalidity_doubles_nothing(added: Added, dovecot: Dovecot, user: str) -> None:
    old = dt.datetime.now(dt.UTC) - dt.timedelta(days=30)
    dovecot.put(user, *[letter(subject=f"Vor uns {n}") for n in range(3)], came=old)
    account = added()
    dovecot.put(user, *[letter(subject=f"{n}") for n in range(40)])
    assert fetched() == {}
    assert InboundMail.objects.count() == 40
    before = account.uidvalidity
    dovecot.renumber(user)
    late_mail = letter(subject="Nach dem Umzug").replace(DATE, formatdate().encode())
    # INTERNALDATE knows whole seconds only.
    dovecot.put(user, late_mail, came=dt.datetime.now(dt.UTC) + dt.timedelta(seconds=2))
    assert fetched() == {}
    account.refresh_from_db()
    assert account.uidvalidity not in {0, before}
    assert InboundMail.objects.count() == 41
    late = InboundMail.objects.order_by("-id")[0]
    assert b"Nach dem Umzug" in bytes(late.raw) and not late.imported


def test_rl_09_only_one_process_attends_at_a_time(added: Added, dovecot: Dovecot, user: str) -> None:
    added()
    dovecot.put(user, *[letter(subject=f"{n}") for n in range(30)])
    said: list[dict[str, str]] = []
    both = [threading.Thread(target=lambda: said.append(fetch_once())) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join(60)
    assert InboundMail.objects.count() == 30
    assert set(InboundMail.objects.values_list("copies", flat=True)) == {1}


def test_rl_14_a_mail_over_the_limit_is_shown_by_its_beginning_and_left(
    added: Added, dovecot: Dovecot, user: str, settings: Settings
) -> None:
    settings.MAIL_SIZE_LIMIT = 500_000
    added(after="move:Fertig")
    dovecot.put(
        user, letter(subject="Слишком большое", text="Начало письма.\n" + "ещё " * 200_000), letter(subject="Klein")
    )
    assert fetched() == {}
    large, small = InboundMail.objects.order_by("id")
    assert large.size == 256 * 1024 and large.full_size is not None and large.full_size > 1_000_000
    assert dovecot.numbers(user) == [1]
    assert len(dovecot.numbers(user, folder="Fertig")) == 1
    run_all(deliver_too=False)
    ticket = Ticket.objects.get(subject="Слишком большое")
    text = ticket.messages.get().text
    assert "слишком большое" in text and "Начало письма." in text
    assert small.full_size is None


@pytest.mark.parametrize(("after", "left", "unseen"), [("leave", 3, 3), ("seen", 3, 0), ("move:Архив", 0, 0)])
def test_what_is_done_after(after: str, left: int, unseen: int, added: Added, dovecot: Dovecot, user: str) -> None:
    added(after=after)
    dovecot.put(user, *[letter(subject=f"{n}") for n in range(3)])
    assert fetched() == {}
    assert InboundMail.objects.count() == 3
    assert (len(dovecot.numbers(user)), len(dovecot.numbers(user, "UNSEEN"))) == (left, unseen)


def test_rl_19_a_folder_that_cannot_be_moved_to_keeps_no_mail_from_being_taken(
    added: Added, dovecot: Dovecot, user: str
) -> None:
    account = added()
    ImapAccount.objects.update(after="move:Nirgends")
    dovecot.put(user, letter(), letter(subject="2"))
    assert fetched() == {}
    account.refresh_from_db()
    assert InboundMail.objects.count() == 2 and "move:Nirgends" in account.last_error


def test_old_mail_is_imported_in_silence_and_new_mail_answered(added: Added, dovecot: Dovecot, user: str) -> None:
    day = dt.timedelta(days=1)
    now = timezone.now()
    dovecot.put(user, letter(subject="Uralt"), came=now - 90 * day)
    dovecot.put(user, letter(subject="Alt"), came=now - 5 * day)
    added(start=Start(old=True, since=now - 30 * day))
    dovecot.put(user, letter(subject="Neu"))
    assert fetched() == {}
    old, new = InboundMail.objects.order_by("id")
    assert (old.imported, new.imported) == (True, False)
    run_all(deliver_too=False)
    assert Ticket.objects.filter(subject__in=["Alt", "Neu"]).count() == 2
    tickets = dict(Ticket.objects.filter(subject__in=["Alt", "Neu"]).values_list("pk", "subject"))
    told = OutboundMail.objects.filter(ticket_id__in=tickets).values_list("ticket_id", flat=True)
    assert [tickets[pk] for pk in told if pk is not None] == ["Neu"]


def test_rl_18_an_import_goes_on_where_it_was_broken_off(
    added: Added, dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "WINDOW", 7)
    monkeypatch.setattr(connection, "_SEARCH_SPAN", 10)
    dovecot.put(user, *[letter(subject=f"{n}", text="x" * 2000) for n in range(40)])
    added(start=Start(old=True))
    with Between(dovecot.port, cut_after=50_000, always=True).running() as line:
        ImapAccount.objects.update(port=line.port)
        rounds = 0
        while fetched():
            rounds += 1
            assert rounds < 20
    assert rounds > 0
    assert InboundMail.objects.filter(imported=True, copies=1).count() == 40


def test_a_folder_that_was_renamed_is_shown_and_goes_on_when_it_is_back(
    added: Added, dovecot: Dovecot, user: str
) -> None:
    with dovecot.as_user(user) as program:
        program.create("Desk")
    account = added(folder="Desk")
    dovecot.put(user, letter(subject="eins"), folder="Desk")
    assert fetched() == {}
    with dovecot.as_user(user) as program:
        program.rename("Desk", "Elsewhere")
    assert fetched() != {}
    account.refresh_from_db()
    assert account.failures > 0 and account.last_error
    with dovecot.as_user(user) as program:
        program.rename("Elsewhere", "Desk")
    dovecot.put(user, letter(subject="zwei"), folder="Desk")
    ImapAccount.objects.update(retry_at=None)
    assert fetched() == {}
    account.refresh_from_db()
    assert account.failures == 0
    run_all(deliver_too=False)
    assert sorted(InboundMail.objects.values_list("subject", "copies")) == [("eins", 1), ("zwei", 1)]


def test_a_mail_that_a_person_moves_away_is_taken_once(added: Added, dovecot: Dovecot, user: str) -> None:
    added()
    dovecot.put(user, letter(subject="eins"))
    assert fetched() == {}
    with dovecot.as_user(user) as program:
        program.create("Archiv")
        program.select("INBOX")
        program.copy("1", "Archiv")
        program.store("1", "+FLAGS", "\\Deleted")
        program.expunge()
        program.select("Archiv")
        program.copy("1", "INBOX")
    assert fetched() == {}
    assert [(row.copies, row.digest) for row in InboundMail.objects.all()] == [(2, InboundMail.objects.get().digest)]
