"""Credentials never go over an unencrypted line or to the wrong server, and are encrypted in the database (AB-99,
AB-100)."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from otklik.core.encryption import seal, unseal
from otklik.mail.imap.errors import LoginRefused
from otklik.mail.imap.fetch import fetch_once
from otklik.mail.imap.secret import password_of, sealed_password
from otklik.mail.imap.survey import survey
from otklik.mail.imap.url import UnableToUnderstand, parse_url
from otklik.mail.models import ImapAccount, InboundMail
from tests.cast import Cast
from tests.mail.imap.conftest import Added, unsaved
from tests.mail.imap.servers import PASSWORD, Between, Dovecot
from tests.postoffice import letter
from tests.refusing import refused_as

pytestmark = pytest.mark.services


@pytest.fixture(scope="module")
def plain_server(tmp_path_factory: pytest.TempPathFactory, dovecot: Dovecot) -> Iterator[Dovecot]:
    """Yield a Dovecot without TLS."""
    server = Dovecot(tmp_path_factory.mktemp("plain"), ssl="no")
    for above in server.root.parents[:-1]:
        if above.is_relative_to("/tmp") and above != Path("/tmp"):
            above.chmod(above.stat().st_mode | 0o011)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def no_credentials(said: bytes, user: str) -> bool:
    """Return whether the client sent neither name nor password nor a command that carries them."""
    encoded = base64.b64encode(f"\0{user}\0{PASSWORD}".encode())
    words = (user.encode(), PASSWORD.encode(), encoded, b"LOGIN", b"AUTHENTICATE")
    return not any(word in bytes(said).upper() or word in bytes(said) for word in words)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_mail_is_taken_over_tls_and_the_wire_shows_nothing(
    security: str, people: Cast, trusted: None, added: Added, dovecot: Dovecot, user: str
) -> None:
    with Between(dovecot.tls_port if security == "tls" else dovecot.port).running() as line:
        added(security=security, port=line.port)
        dovecot.put(user, letter())
        assert [why for why in fetch_once().values() if why] == []
        assert InboundMail.objects.count() == 1
        assert line.said and no_credentials(line.said, user)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_ab_99_a_certificate_of_an_unknown_authority_gets_no_credentials(
    security: str, people: Cast, dovecot: Dovecot, user: str
) -> None:
    with Between(dovecot.tls_port if security == "tls" else dovecot.port).running() as line:
        account = unsaved(dovecot, user, security=security, port=line.port)
        with refused_as("mail.imap_certificate"):
            survey(account)
        assert line.said and no_credentials(line.said, user)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_ab_99_a_certificate_for_another_name_gets_no_credentials(
    security: str, people: Cast, trusted: None, dovecot: Dovecot, user: str
) -> None:
    with Between(dovecot.tls_port if security == "tls" else dovecot.port).running() as line:
        account = unsaved(dovecot, user, security=security, port=line.port, host="localhost")
        with refused_as("mail.imap_certificate"):
            survey(account)
        assert line.said and no_credentials(line.said, user)


def test_ab_99_a_server_without_starttls_gets_no_credentials(people: Cast, plain_server: Dovecot, user: str) -> None:
    with Between(plain_server.port).running() as line:
        account = unsaved(plain_server, user, security="starttls", port=line.port)
        with refused_as("mail.imap_tls_not_offered"):
            survey(account)
        assert no_credentials(line.said, user)


def test_ab_99_an_open_server_on_the_tls_port_gets_no_credentials(
    people: Cast, plain_server: Dovecot, user: str
) -> None:
    with Between(plain_server.port).running() as line:
        with refused_as("mail.imap_tls_failed"):
            survey(unsaved(plain_server, user, security="tls", port=line.port))
        assert no_credentials(line.said, user)


def test_ab_99_a_row_that_asks_for_no_tls_to_elsewhere_is_not_obeyed(people: Cast, dovecot: Dovecot, user: str) -> None:
    with refused_as("mail.imap_plain_host"):
        survey(unsaved(dovecot, user, security="none", host="imap.example.org"))


@pytest.mark.parametrize(
    ("url", "tls"),
    [
        ("imap://anna@imap.example.org/INBOX", "none"),
        ("imap://anna@127.0.0.1.example.org/", "none"),
        ("imaps://anna@127.0.0.1/", "none"),
        ("imap://anna@imap.example.org/?tls=none", ""),
        ("imap://anna@imap.example.org/", "maybe"),
        ("http://anna@imap.example.org/", ""),
        ("imaps://anna:geheim-CANARY@/INBOX", ""),
        ("imaps://anna:geheim-CANARY@host:99999/INBOX", ""),
        ("imaps://anna%0d%0aA1%20NOOP@imap.example.org/INBOX", ""),
    ],
)
def test_ab_99_urls_that_are_not_safe_are_refused(url: str, tls: str) -> None:
    with pytest.raises(UnableToUnderstand) as refusal:
        parse_url(url, tls)
    assert "CANARY" not in str(refusal.value)


def test_urls_are_understood() -> None:
    place = parse_url("imaps://support%40clinic.ru:p%40ss@imap.yandex.ru/%D0%9F%D0%BE%D1%87%D1%82%D0%B0")
    assert (place.host, place.port, place.security) == ("imap.yandex.ru", 993, "tls")
    assert (place.username, place.password, place.folder) == ("support@clinic.ru", "p@ss", "Почта")
    assert parse_url("imap://mail.example.org").security == "starttls"
    assert parse_url("imap://localhost", "none").port == 143


def test_ab_100_the_database_holds_no_password_in_clear(added: Added, dovecot: Dovecot, user: str) -> None:
    account = added()
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(a)::text FROM mail_imapaccount a")
        dump = "".join(row[0] for row in cursor.fetchall())
        cursor.execute("SELECT row_to_json(e)::text FROM journal_event e")
        dump += "".join(row[0] for row in cursor.fetchall())
    assert PASSWORD not in dump and "CANARY" not in dump and json.dumps(PASSWORD).strip('"') not in dump
    assert password_of(account) == PASSWORD
    assert sealed_password(PASSWORD) != sealed_password(PASSWORD)


def test_ab_100_another_key_does_not_open_it_and_an_earlier_one_does(settings: Settings) -> None:
    sealed = seal("тайна")
    old, settings.SECRET_KEY = settings.SECRET_KEY, "ein anderer Schlüssel, lang genug für alle Fälle"
    with refused_as("core.secret_key_changed"):
        unseal(sealed)
    settings.SECRET_KEY_FALLBACKS = [old]
    assert unseal(sealed) == "тайна"
    with refused_as("core.secret_key_changed"):
        unseal("не запечатано")


def test_ab_100_an_account_whose_password_cannot_be_read_says_so(added: Added, settings: Settings) -> None:
    added()
    settings.SECRET_KEY = "ein anderer Schlüssel, lang genug für alle Fälle"
    assert "OTKLIK_SECRET_KEY" in next(iter(fetch_once().values()))
    assert "OTKLIK_SECRET_KEY" in ImapAccount.objects.get().last_error


def test_a_wrong_password_is_told_from_trouble(people: Cast, dovecot: Dovecot, user: str) -> None:
    with refused_as("mail.imap_login_refused") as refusal:
        survey(unsaved(dovecot, user, secret=sealed_password("falsch-CANARY")))
    assert "CANARY" not in str(refusal.value)
    with refused_as("mail.imap_refused") as trouble:
        survey(unsaved(dovecot, user, folder="Gibt es nicht"))
    assert not isinstance(trouble.value, LoginRefused)
