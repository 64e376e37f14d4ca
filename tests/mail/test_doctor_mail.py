"""`otklik doctor` and `otklik mail clear` about outgoing mail."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings
from typer.testing import CliRunner

from otklik.cli.doctor_checks import _database
from otklik.cli.doctor_mail import outgoing, refused, wrongly_stopped
from otklik.cli.mail import app
from otklik.mail.models import AddressTrouble, Mailbox, OutboundMail
from tests.mail.stubborn import running_stubborn
from tests.mail.test_compose import row

US, GONE = "550 5.7.1 your domain is not wanted", "550 5.1.1 no such user"


@pytest.fixture
def box(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    """Return a mailbox of ours; commands do not start the embedded server."""
    monkeypatch.setenv("DATABASE_URL", "postgresql:///as-configured")
    return Mailbox.objects.create(address="accredo@desk.test", created_at=timezone.now())


def stop(address: str, words: str) -> None:
    now = timezone.now()
    AddressTrouble.objects.create(address=address, last_at=now, stopped_at=now, words=words, hard=1)


def test_commits_that_do_not_wait_for_the_disk_are_found(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
    durability = next(one for one in _database() if one.what == "durability")
    assert "synchronous_commit off" in durability.seen and "may be lost" in durability.remedy


def test_each_sender_is_offered_to_somebody_beyond_and_nothing_is_sent(box: Mailbox, settings: Settings) -> None:
    row(state="sent", recipient="anna@clinic.test")
    with running_stubborn(settings) as server:
        assert [one.remedy for one in outgoing()] == ["", ""]
        assert "RCPT TO:<anna@clinic.test>" in server.heard and not any(
            said.startswith("DATA") for said in server.heard
        )
        server.answers["MAIL"] = "553 5.7.1 not your address"
        _link, sender = outgoing()
        assert sender.remedy and "accredo@desk.test is refused: 553" in sender.seen
        server.answers["MAIL"] = "250 OK"
        server.answers["RCPT"] = "554 5.7.1 Relay access denied"
        assert [bool(one.remedy) for one in outgoing()] == [False, True]
        server.answers["RCPT"] = GONE
        assert [one.remedy for one in outgoing()] == ["", ""], "that is the recipient's"


def test_a_return_address_that_is_not_taken_is_named(box: Mailbox, settings: Settings) -> None:
    with running_stubborn(settings) as server:
        server.answers["MAIL"] = lambda sender: "550 not yours" if "+" in sender else "250 OK"
        _link, sender = outgoing()
        assert "OTKLIK_VERP=0" in sender.remedy and "accredo+b0-" in sender.seen


def test_what_waits_because_we_are_refused_is_told_with_the_words(db: None) -> None:
    assert not list(refused())
    since = timezone.now()
    row(delayed_by="recipient", delayed_since=since, answer=GONE)
    assert not list(refused())
    row(delayed_by="relay", delayed_since=since, last_attempt_at=since, answer="554 go away")
    row(delayed_by="some", delayed_since=since)
    (finding,) = refused()
    assert finding.seen.startswith("2 mails wait") and "554 go away" in finding.seen and finding.remedy


def test_addresses_that_were_stopped_for_our_sake_are_named(db: None) -> None:
    stop("gone@x.test", GONE)
    assert not list(wrongly_stopped())
    stop("anna@clinic.test", US)
    (finding,) = wrongly_stopped()
    assert "anna@clinic.test" in finding.seen and "gone@" not in finding.seen
    assert finding.remedy == "otklik mail clear --wrongly-stopped"


def test_clear_sends_what_is_recent_and_leaves_what_is_old(box: Mailbox) -> None:
    now = timezone.now()
    stop("anna@clinic.test", US)
    stop("gone@x.test", GONE)
    new = row(state="stopped", recipient="anna@clinic.test")
    old = row(state="stopped", recipient="anna@clinic.test", created_at=now - timedelta(days=6))
    said = CliRunner().invoke(app, ["clear", "--wrongly-stopped"])
    assert said.exit_code == 0 and "anna@clinic.test: mail is sent there again" in said.output
    assert list(AddressTrouble.objects.values_list("address", flat=True)) == ["gone@x.test"]
    states = dict(OutboundMail.objects.values_list("pk", "state"))
    assert (states[new.pk], states[old.pk]) == ("queued", "stopped")
    assert CliRunner().invoke(app, ["clear", "GONE@x.test"]).exit_code == 0
    assert not AddressTrouble.objects.exists()


@pytest.mark.parametrize("words", [["clear", "nobody@x.test"], ["clear", "no address"], ["clear"]])
def test_clear_says_when_there_is_nothing_to_clear(box: Mailbox, words: list[str]) -> None:
    assert CliRunner().invoke(app, words).exit_code == 1
