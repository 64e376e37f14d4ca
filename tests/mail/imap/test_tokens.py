"""OAuth 2 login by refresh token, as Google, Microsoft, Yandex and mail.ru require it."""

import json

import pytest
from django.db import connection

from otklik.mail.imap.connection import linked
from otklik.mail.imap.errors import LoginRefused, NotSecure
from otklik.mail.imap.oauth import PROVIDERS, Tokens, check_token_url
from otklik.mail.imap.secret import Grant, grant_of, sealed_grant
from otklik.mail.imap.survey import survey
from otklik.mail.models import ImapAccount
from tests.cast import Cast
from tests.mail.imap.conftest import Added, unsaved
from tests.mail.imap.servers import Between, Dovecot, silent_server
from tests.mail.imap.tokens import CLIENT_SECRET, REFRESH, TokenService
from tests.postoffice import letter
from tests.refusing import refused_as

pytestmark = pytest.mark.services


def grant(url: str) -> str:
    return sealed_grant(
        Grant(token_url=url, client_id="otklik", client_secret=CLIENT_SECRET, refresh_token=REFRESH, scope="mail")
    )


def test_a_mailbox_is_opened_by_a_token_and_the_token_is_kept(
    added: Added, dovecot: Dovecot, user: str, tokens: TokenService
) -> None:
    tokens.begin(user)
    account = added(auth="xoauth2", secret=grant(tokens.url))
    assert tokens.asked == [
        {
            "grant_type": "refresh_token",
            "refresh_token": REFRESH,
            "client_id": "otklik",
            "client_secret": CLIENT_SECRET,
            "scope": "mail",
        }
    ]
    dovecot.put(user, letter())
    mine = Tokens()
    for _ in range(3):
        with linked(account, mine) as link:
            assert link.select("INBOX", readonly=True).exists == 1
    assert len(tokens.asked) == 2


def test_a_token_that_the_server_no_longer_takes_is_renewed_once(added: Added, user: str, tokens: TokenService) -> None:
    tokens.begin(user)
    account = added(auth="xoauth2", secret=grant(tokens.url))
    mine = Tokens()
    with linked(account, mine):
        pass
    tokens.good.clear()
    with linked(account, mine) as link:
        assert link.select("INBOX", readonly=True).exists == 0
    assert len(tokens.asked) == 3


def test_a_replaced_refresh_token_is_kept_encrypted(added: Added, user: str, tokens: TokenService) -> None:
    tokens.begin(user)
    account = added(auth="xoauth2", secret=grant(tokens.url))
    tokens.rotate_to = "refresh-CANARY-rotated"
    with linked(account, Tokens()):
        pass
    account = ImapAccount.objects.get(pk=account.pk)
    assert grant_of(account).refresh_token == "refresh-CANARY-rotated"
    with linked(account, Tokens()):
        pass
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(a)::text FROM mail_imapaccount a")
        assert "CANARY" not in "".join(row[0] for row in cursor.fetchall())


def test_rl_20_a_revoked_grant_is_a_refusal_and_says_nothing_secret(
    people: Cast, dovecot: Dovecot, user: str, tokens: TokenService
) -> None:
    tokens.begin(user)
    tokens.refresh = "another"
    with Between(dovecot.port).running() as line:
        with pytest.raises(LoginRefused, match="invalid_grant") as refusal:
            survey(unsaved(dovecot, user, auth="xoauth2", secret=grant(tokens.url), port=line.port))
        assert "CANARY" not in str(refusal.value) and b"AUTHENTICATE" not in line.said


def test_rl_20_a_token_for_somebody_else_is_a_refusal(
    people: Cast, dovecot: Dovecot, user: str, tokens: TokenService
) -> None:
    tokens.begin("somebody-else")
    with refused_as("mail.imap_login_refused"):
        survey(unsaved(dovecot, user, auth="xoauth2", secret=grant(tokens.url)))


@pytest.mark.parametrize("answer", [(503, {}), (302, {"access_token": "x"}), (200, {"no": "token"})])
def test_a_token_service_in_trouble_is_no_refusal(
    answer: tuple[int, dict[str, str]], people: Cast, dovecot: Dovecot, user: str, tokens: TokenService
) -> None:
    tokens.begin(user)
    tokens.answer = answer
    with refused_as("mail.token_service_trouble") as trouble:
        survey(unsaved(dovecot, user, auth="xoauth2", secret=grant(tokens.url)))
    assert not isinstance(trouble.value, LoginRefused)


def test_a_silent_token_service_is_left(
    people: Cast, dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("otklik.mail.imap.oauth._TIMEOUT_SECONDS", 0.5)
    with silent_server() as port, refused_as("mail.token_service_unreachable"):
        survey(unsaved(dovecot, user, auth="xoauth2", secret=grant(f"http://127.0.0.1:{port}/token")))


@pytest.mark.parametrize(
    "url",
    [
        "http://oauth.example.org/token",
        "http://127.0.0.1.example.org/token",
        "ftp://127.0.0.1/token",
        "https://",
        "token",
        "http://[::1/token",
    ],
)
def test_ab_99_tokens_are_asked_for_over_https_only(url: str) -> None:
    with pytest.raises(NotSecure):
        check_token_url(url)


def test_every_known_service_is_asked_over_https() -> None:
    assert {check_token_url(known.token_url)[:8] for known in PROVIDERS.values()} == {"https://"}
    assert json.dumps(sorted(PROVIDERS)) == '["google", "mail.ru", "microsoft", "yandex"]'
