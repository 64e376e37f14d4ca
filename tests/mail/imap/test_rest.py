"""After a failure the server is not contacted for a while, and people see the reason."""

import datetime as dt
from typing import Any, cast

import pytest
from django.test import Client
from django.utils import timezone

from otklik.cli.doctor_checks import CHECKS
from otklik.mail.imap.account_thread import AccountWorker, note_success, rest_after
from otklik.mail.imap.fetch import fetch_once
from otklik.mail.imap.folder_scan import Look, Taken
from otklik.mail.imap.secret import sealed_password
from otklik.mail.models import ImapAccount, InboundMail
from otklik.mail.queries import mail_numbers, unreachable_mailboxes
from tests.mail.imap.conftest import Added
from tests.mail.imap.servers import PASSWORD, Between, Dovecot
from tests.postoffice import letter

pytestmark = pytest.mark.services


@pytest.mark.parametrize(("auth", "most"), [(True, 12), (False, 30)])
def test_rl_20_an_hour_of_failures_is_a_handful_of_attempts(auth: bool, most: int) -> None:
    clock, attempts = dt.timedelta(), 0
    while clock < dt.timedelta(hours=1):
        attempts += 1
        clock += rest_after(attempts, auth=auth)
    assert 3 < attempts <= most
    assert rest_after(1000, auth=auth) <= dt.timedelta(minutes=15)


def test_rl_20_a_wrong_password_is_not_hammered_with_and_mended_by_the_right_one(
    added: Added, dovecot: Dovecot, user: str
) -> None:
    account = added()
    ImapAccount.objects.update(secret=sealed_password("falsch"))
    dovecot.put(user, letter())
    with Between(dovecot.port).running() as line:
        ImapAccount.objects.update(port=line.port)
        assert "refuses the login" in next(iter(fetch_once().values()))
        for _ in range(5):
            assert "resting" in next(iter(fetch_once().values()))
        assert line.connections == 1
    account.refresh_from_db()
    assert account.failures == 1 and account.retry_at is not None
    assert account.retry_at - timezone.now() > dt.timedelta(seconds=50)
    assert mail_numbers().mailboxes_failing == 1
    ImapAccount.objects.update(secret=sealed_password(PASSWORD), port=dovecot.port, retry_at=None)
    assert set(fetch_once().values()) == {""}
    account.refresh_from_db()
    assert (account.failures, account.retry_at, account.last_error) == (0, None, "")
    assert InboundMail.objects.count() == 1 and mail_numbers().mailboxes_failing == 0


def test_rl_20_a_mailbox_that_is_not_reached_for_a_quarter_of_an_hour_is_a_problem(
    added: Added, client: Client
) -> None:
    account = added()
    assert "a mailbox cannot be fetched" not in client.get("/healthz").json()["problems"]
    long_ago = timezone.now() - dt.timedelta(minutes=16)
    ImapAccount.objects.update(changed_at=long_ago, last_ok_at=long_ago)
    assert "a mailbox cannot be fetched" in client.get("/healthz").json()["problems"]
    assert unreachable_mailboxes(timezone.now() - dt.timedelta(minutes=15)) == [account]
    ImapAccount.objects.update(last_ok_at=timezone.now())
    assert "a mailbox cannot be fetched" not in client.get("/healthz").json()["problems"]
    ImapAccount.objects.update(last_ok_at=None, changed_at=long_ago, paused=True)
    assert "a mailbox cannot be fetched" not in client.get("/healthz").json()["problems"]


def test_a_mailbox_that_was_paused_or_removed_a_moment_ago_is_not_asked(
    added: Added, dovecot: Dovecot, user: str
) -> None:
    account = added()
    ImapAccount.objects.update(paused=True)
    with Between(dovecot.port).running() as line:
        ImapAccount.objects.update(port=line.port)
        attendant = AccountWorker(account.pk, account.changed_at)
        assert attendant.look_once() == ""
        ImapAccount.objects.all().delete()
        assert attendant.look_once() == "" and line.connections == 0


def test_a_look_that_was_broken_off_is_no_success(added: Added) -> None:
    account = added()
    ImapAccount.objects.update(last_ok_at=None)
    for ended in (True, False):
        attendant = AccountWorker(account.pk, account.changed_at)
        if ended:
            attendant.end()
        assert attendant.look_once() == ""
        account.refresh_from_db()
        assert (account.last_ok_at is None) is ended


def test_the_tries_of_a_mail_that_cannot_be_had_are_its_own(added: Added) -> None:
    look = Look(added(), cast(Any, None), lambda: False)
    for uid, tries in ((5, 1), (5, 2), (6, 1), (5, 1)):
        look._note_stuck(uid)
        look.account.refresh_from_db()
        assert (look.account.stuck_uid, look.account.stuck_tries) == (uid, tries)


def test_a_success_forgets_the_failures_and_the_rest(added: Added) -> None:
    account = added()
    now = timezone.now()
    ImapAccount.objects.update(failures=3, retry_at=now + dt.timedelta(minutes=5), last_error="x", last_ok_at=None)
    account.refresh_from_db()
    note_success(account, Taken(complaint="y" * 2000), now)
    account.refresh_from_db()
    assert (account.failures, account.retry_at, account.last_ok_at) == (0, None, now)
    assert account.last_error == "y" * 1000


def test_the_doctor_names_a_mailbox_that_fails(added: Added) -> None:
    examine = next(check for name, check, _ in CHECKS if name == "mailbox")
    assert not list(examine())
    added()
    assert [finding.remedy for finding in examine()] == [""]
    ImapAccount.objects.update(failures=1, last_error="the server does not answer")
    (finding,) = examine()
    assert "does not answer" in finding.seen and "mailbox test" in finding.remedy
