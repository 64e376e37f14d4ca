"""The single checks of `otklik doctor`, on the test database."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from otklik.cli import doctor_checks
from otklik.core.models import Heartbeat
from otklik.desks.commands.create import add_desk
from otklik.mail.inbox import accept, mailbox_for
from otklik.mail.models import ImapAccount, OutboundMail
from otklik.people.actor import system
from otklik.worker.heartbeat import beat
from otklik.worker.run import SHARES
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_a_desk_that_no_demo_made_must_have_a_way_out(settings: Settings) -> None:
    settings.OUTGOING = ""
    (empty,) = doctor_checks.outgoing()
    assert empty.remedy == "", "nobody waits for an answer yet"
    at = timezone.now()
    add_desk(actor=system("demo"), at=at, key="SHOW", name="Show", address="show@desk.test")
    (shown,) = doctor_checks.outgoing()
    assert shown.remedy == ""
    add_desk(actor=system("cli"), at=at, key="REAL", name="Real", address="real@desk.test")
    (real,) = doctor_checks.outgoing()
    assert "set OTKLIK_OUTGOING: nobody who writes to REAL" in real.remedy


@pytest.mark.parametrize(
    ("url", "outgoing", "via", "bad"),
    [
        ("http://127.0.0.1:8000", "smtp://127.0.0.1:25", "cli", True),
        ("https://localhost", "smtp://127.0.0.1:25", "cli", True),
        ("http://[::1]:8000", "smtp://127.0.0.1:25", "cli", True),
        ("http://10.0.0.5:8000", "smtp://127.0.0.1:25", "cli", False),
        ("https://desk.example.org", "smtp://127.0.0.1:25", "cli", False),
        ("http://127.0.0.1:8000", "", "cli", False),
        ("http://127.0.0.1:8000", "smtp://127.0.0.1:25", "demo", False),
    ],
)
def test_mail_of_a_real_desk_needs_links_that_others_can_open(
    url: str, outgoing: str, via: str, bad: bool, settings: Settings
) -> None:
    settings.PUBLIC_URL, settings.OUTGOING = url, outgoing
    (empty,) = doctor_checks._public_address()
    assert empty.remedy == "", "nobody gets a mail yet"
    add_desk(actor=system(via), at=timezone.now(), key="HELP", name="Help", address="help@desk.test")
    (found,) = doctor_checks._public_address()
    assert found.seen.startswith(url)
    assert ("set OTKLIK_PUBLIC_URL: nobody else can open a link in a mail of HELP" in found.remedy) == bad


def test_without_proof_of_senders_it_says_what_is_lost_and_what_to_set(cast: Cast, settings: Settings) -> None:
    settings.TRUSTED_AUTHSERV, settings.DKIM_CHECK = "", False
    mailbox = mailbox_for("accredo@desk.test")
    assert mailbox is not None
    head = b"Received: by x\r\nAuthentication-Results: mx.clinic.test; dmarc=pass\r\nFrom: a@b.test\r\n\r\nText"
    accept(raw=head, mailbox=mailbox, transport="smtp", envelope_from="a@b.test", envelope_to="x", at=timezone.now())
    (none,) = doctor_checks._proof()
    assert none.remedy == "", "it is a choice, not a fault"
    for words in ("no new mail is proved", "OTKLIK_TRUSTED_AUTHSERV", "OTKLIK_DKIM_CHECK=1", "mx.clinic.test"):
        assert words in none.seen
    settings.TRUSTED_AUTHSERV = "mx.clinic.test"
    (some,) = doctor_checks._proof()
    assert some.seen == "by OTKLIK_TRUSTED_AUTHSERV"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:8000", "not for 127.0.0.1"),
        ("https://[2001:db8::1]", "not for 2001:db8::1"),
        ("http://desk.example.org", "behind https only"),
        ("http://localhost:8000", "for localhost"),
        ("https://desk.example.org", "for desk.example.org"),
    ],
)
def test_it_says_where_passkeys_cannot_work(url: str, words: str, settings: Settings) -> None:
    settings.PUBLIC_URL = url
    (found,) = doctor_checks._passkeys()
    assert words in found.seen
    assert found.seen.startswith("none: ") == ("only" in words or "not for" in words)


def test_it_advises_a_proxy_that_buffers_where_none_is_believed(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 0
    (found,) = doctor_checks._proxy()
    assert "buffers" in found.seen and "deploy/nginx.conf" in found.seen and found.remedy == ""
    settings.TRUSTED_PROXIES = 2
    (found,) = doctor_checks._proxy()
    assert found.seen.startswith("2 believed") and found.remedy == ""
    assert doctor_checks._proxy in [check for _name, check, _remedy in doctor_checks.CHECKS]


def test_the_worker_is_silent_after_a_minute_and_when_one_of_its_parts_is() -> None:
    now = timezone.now()
    for share in SHARES:
        beat(share, now - timedelta(seconds=50))
    (lives,) = doctor_checks.worker(alone=False)
    assert lives.remedy == ""
    (alone,) = doctor_checks.worker(alone=True)
    assert alone.remedy == doctor_checks.WORKER_REMEDY
    Heartbeat.objects.filter(name="worker out").update(at=now - timedelta(seconds=70))
    (silent,) = doctor_checks.worker(alone=False)
    assert silent.remedy == doctor_checks.WORKER_REMEDY
    Heartbeat.objects.filter(name="worker out").delete()
    (never,) = doctor_checks.worker(alone=False)
    assert never.remedy == doctor_checks.WORKER_REMEDY


@pytest.mark.parametrize(("apart", "well"), [(0, True), (4, True), (-4, True), (7, False), (-7, False)])
def test_clocks_that_are_five_seconds_apart_either_way_are_told(
    apart: int, well: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: datetime.now(UTC) + timedelta(seconds=apart))
    (found,) = doctor_checks._clock()
    assert (found.remedy == "") is well


def test_a_mailbox_is_faulty_when_it_failed_or_was_not_looked_at_for_a_quarter_of_an_hour_unless_it_rests() -> None:
    def said(**more: Any) -> list[bool]:
        ImapAccount.objects.update(**{"failures": 0, "last_error": "", "paused": False, "last_ok_at": now, **more})
        return [bool(found.remedy) for found in doctor_checks._mailboxes()]

    now = timezone.now()
    add_desk(actor=system("cli"), at=now - timedelta(days=1), key="REAL", name="Real", address="real@desk.test")
    box = mailbox_for("real@desk.test")
    assert box is not None
    long_ago = now - timedelta(minutes=16)
    ImapAccount.objects.create(
        mailbox=box, host="h", port=993, username="u", secret="", created_at=long_ago, changed_at=long_ago
    )
    assert said() == [False] and said(failures=1) == [True]
    assert said(last_ok_at=long_ago) == [True] and said(last_ok_at=now - timedelta(minutes=14)) == [False]
    assert said(failures=1, last_ok_at=long_ago, paused=True) == []
    assert said(last_ok_at=None) == [True]


def test_held_mails_of_a_restored_copy_are_told_as_long_as_there_are_any() -> None:
    assert list(doctor_checks._restored()) == []
    now = timezone.now()
    for state in ("queued", "sent", "restored"):
        OutboundMail.objects.create(
            recipient="a@b.test", sender="c@d.test", kind="comment", cause=state, subject="s", text="t", state=state,
            message_id=f"<{state}@d.test>", created_at=now, retry_at=now,
        )  # fmt: skip
    (found,) = doctor_checks._restored()
    assert found.seen.startswith("1 mails") and found.remedy == "otklik mail restored"
