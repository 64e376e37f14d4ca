"""`otklik mailbox` for fetched mailboxes."""

import datetime as dt
import json
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from otklik.cli.fetch import app as fetch_app
from otklik.cli.mailbox import app
from otklik.desks.models import Channel
from otklik.journal.models import Event
from otklik.mail.imap.secret import grant_of
from otklik.mail.models import ImapAccount, InboundMail, Mailbox
from tests.cast import Cast
from tests.mail.imap.servers import PASSWORD, Dovecot
from tests.mail.imap.tokens import CLIENT_SECRET, REFRESH, TokenService
from tests.postoffice import letter

pytestmark = pytest.mark.services

ADDRESS = "accredo@desk.test"


@pytest.fixture(autouse=True)
def _own_database(monkeypatch: pytest.MonkeyPatch, people: Cast) -> None:
    """Keep the command from starting the embedded server; it uses the test's database."""
    monkeypatch.setenv("DATABASE_URL", "postgresql:///as-configured")


def mailbox(*words: str, stdin: str = "") -> Result:
    return CliRunner().invoke(app, list(words), input=stdin)


def add(dovecot: Dovecot, user: str, *words: str, address: str = ADDRESS, stdin: str = f"{PASSWORD}\n") -> Result:
    url = f"imap://{user}@127.0.0.1:{dovecot.port}/INBOX"
    given = () if "--oauth" in words else ("--password-stdin",)
    return mailbox("add", address, "--desk", "accredo", "--imap", url, "--tls", "none", *given, *words, stdin=stdin)


def fetch() -> None:
    assert CliRunner().invoke(fetch_app, ["--once"]).exit_code == 0


def test_a_mailbox_is_added_from_now_on(dovecot: Dovecot, user: str) -> None:
    dovecot.put(user, letter(subject="1"), letter(subject="2"))
    said = add(dovecot, user)
    assert said.exit_code == 0, said.output
    assert "added" in said.output and "in INBOX: 2 mails" in said.output and "new mail only" in said.output
    assert PASSWORD not in said.output
    fetch()
    assert not InboundMail.objects.exists()
    dovecot.put(user, letter(subject="3"))
    fetch()
    assert InboundMail.objects.count() == 1
    assert Event.objects.filter(kind="mailbox.added").count() == 1


def test_old_mail_is_counted_and_imported(dovecot: Dovecot, user: str) -> None:
    now = dt.datetime.now(dt.UTC)
    for days in (100, 50, 5):
        dovecot.put(user, letter(subject=f"{days}"), came=now - dt.timedelta(days=days))
    since = f"{now - dt.timedelta(days=60):%Y-%m-%d}"
    said = add(dovecot, user, "--since", since, "--dry-run")
    assert "to be taken: 2 of them, without answering" in said.output
    assert not ImapAccount.objects.exists()
    assert add(dovecot, user, "--since", since).exit_code == 0
    fetch()
    assert sorted(InboundMail.objects.values_list("imported", flat=True)) == [True, True]
    assert add(dovecot, user, "--since", "all").exit_code == 0
    fetch()
    assert InboundMail.objects.count() == 3


def test_a_known_mailbox_goes_on_where_it_stands(dovecot: Dovecot, user: str) -> None:
    add(dovecot, user)
    dovecot.put(user, letter(subject="1"))
    fetch()
    dovecot.put(user, letter(subject="2"))
    ImapAccount.objects.update(failures=3, paused=True)
    said = add(dovecot, user, "--after", "seen")
    assert "changed" in said.output
    account = ImapAccount.objects.get()
    assert (account.after, account.failures, account.paused) == ("seen", 0, False)
    fetch()
    assert InboundMail.objects.filter(imported=False, copies=1).count() == 2


def test_a_second_address_of_the_desk(dovecot: Dovecot, user: str) -> None:
    assert add(dovecot, user, address="Support@Desk.test").exit_code == 0
    channel = Channel.objects.get(mailbox__address="support@desk.test")
    assert channel.desk.key == "ACCREDO" and not channel.main


def test_it_is_listed_tested_paused_and_removed(dovecot: Dovecot, user: str) -> None:
    add(dovecot, user)
    dovecot.put(user, letter())
    rows: list[dict[str, Any]] = json.loads(mailbox("list", "--json").output)
    assert [(row["address"], row["desk"], row["paused"]) for row in rows] == [(ADDRESS, "ACCREDO", False)]
    assert "1 not taken yet" in mailbox("test", ADDRESS).output
    assert mailbox("pause", ADDRESS).exit_code == 0
    fetch()
    assert not InboundMail.objects.exists() and "paused" in mailbox("list").output
    assert mailbox("resume", ADDRESS).exit_code == 0
    fetch()
    assert InboundMail.objects.count() == 1
    assert "1 mails taken" in mailbox("list").output
    assert mailbox("remove", ADDRESS).exit_code == 0
    assert not ImapAccount.objects.exists()
    assert Mailbox.objects.filter(address=ADDRESS).exists() and InboundMail.objects.count() == 1


def test_oauth_takes_the_tokens_from_standard_input(dovecot: Dovecot, user: str, tokens: TokenService) -> None:
    tokens.begin(user)
    said = add(dovecot, user, "--oauth", tokens.url, "--client-id", "otklik", stdin=f"{REFRESH}\n{CLIENT_SECRET}\n")
    assert said.exit_code == 0, said.output
    assert "CANARY" not in said.output + mailbox("list", "--json").output
    assert grant_of(ImapAccount.objects.get()).client_id == "otklik"


@pytest.mark.parametrize(
    ("words", "stdin", "code", "says"),
    [
        ((), "falsch\n", 1, "refuses the login"),
        ((), "\n", 1, "password is empty"),
        (("--after", "delete"), f"{PASSWORD}\n", 1, "leave, seen, move:FOLDER"),
        (("--after", "move:"), f"{PASSWORD}\n", 1, "leave, seen, move:FOLDER"),
        (("--after", "move:a\x07"), f"{PASSWORD}\n", 1, "leave, seen, move:FOLDER"),
        (("--since", "gestern"), f"{PASSWORD}\n", 2, "2026-01-31"),
        (("--oauth", "yahoo"), "x\n", 1, "google, microsoft, yandex, mail.ru"),
        (("--oauth", "http://tokens.example.org/t", "--client-id", "x"), "x\ny\n", 1, "https only"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line_and_nothing_is_kept(
    words: tuple[str, ...], stdin: str, code: int, says: str, dovecot: Dovecot, user: str
) -> None:
    said = add(dovecot, user, *words, stdin=stdin)
    assert said.exit_code == code and says in said.output
    assert not ImapAccount.objects.exists()


def test_the_address_of_another_desk_is_refused(dovecot: Dovecot, user: str) -> None:
    said = add(dovecot, user, address="other@desk.test")
    assert said.exit_code == 1 and "belongs to the desk OTHER" in said.output


def test_a_server_that_is_not_there_is_refused(dovecot: Dovecot, user: str, free_port: int) -> None:
    url = f"imaps://{user}@127.0.0.1:{free_port}/INBOX"
    said = mailbox("add", ADDRESS, "--desk", "ACCREDO", "--imap", url, "--password-stdin", stdin="x\n")
    assert said.exit_code == 1 and "no connection" in said.output
