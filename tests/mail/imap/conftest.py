"""Fixtures with IMAP accounts on a real Dovecot."""

import os
import shutil
import ssl
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from otklik.mail.commands.imap import Start, keep_account
from otklik.mail.imap.secret import sealed_password
from otklik.mail.imap.survey import survey
from otklik.mail.models import ImapAccount, Mailbox
from otklik.people.actor import system
from tests.cast import Cast, build_cast
from tests.mail.imap.servers import PASSWORD, Dovecot, program
from tests.mail.imap.tokens import TokenService
from tests.support import require

pytestmark = pytest.mark.services

Added = Callable[..., ImapAccount]


@pytest.fixture(scope="session")
def tokens() -> Iterator[TokenService]:
    """Run the OAuth token service, which Dovecot queries too."""
    with TokenService().running() as service:
        yield service


@pytest.fixture(scope="session")
def dovecot(tokens: TokenService) -> Iterator[Dovecot]:
    """Run one server for all tests; each test uses its own user."""
    require(program(), "dovecot is not installed")
    root = Path(tempfile.mkdtemp(prefix="otklik-dovecot-"))
    server = Dovecot(root, tokeninfo=tokens.info_url)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(root, ignore_errors=True)


@pytest.fixture
def user() -> str:
    """Return a user name unique to this test."""
    return f"u{uuid.uuid4().hex[:10]}"


@pytest.fixture
def people(transactional_db: None, home: Path) -> Cast:
    """Return the cast, committed and so visible to other connections."""
    return build_cast()


@pytest.fixture
def trusted(dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make this process trust Dovecot's certificate authority, as update-ca-certificates would."""
    monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.authority))
    assert ssl.create_default_context().cert_store_stats()["x509_ca"] == 1
    assert os.environ["SSL_CERT_FILE"]


@pytest.fixture
def added(people: Cast, dovecot: Dovecot, user: str) -> Added:
    """Return a function that adds the user's mailbox for ACCREDO, without TLS by default; keywords are the account's
    fields."""

    def add(start: Start | None = None, **fields: Any) -> ImapAccount:
        account = unsaved(dovecot, user, **fields)
        return keep_account(
            actor=system("cli"), at=timezone.now(), account=account, survey=survey(account), start=start
        )[0]

    return add


def unsaved(dovecot: Dovecot, user: str, **fields: Any) -> ImapAccount:
    """Return an account as `otklik mailbox add` builds it before its survey."""
    values: dict[str, Any] = {
        "mailbox": Mailbox.objects.get(address="accredo@desk.test"),
        "host": "127.0.0.1",
        "port": dovecot.port,
        "security": "none",
        "username": user,
        "secret": sealed_password(PASSWORD),
        "created_at": timezone.now(),
        "changed_at": timezone.now(),
    }
    return ImapAccount(**{**values, **fields})
