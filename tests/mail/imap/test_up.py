"""`otklik up` also fetches mailboxes."""

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from otklik.core.embedded_postgres import Embedded
from tests.cli.forked import otklik
from tests.cli.running import OTKLIK, Up, environment
from tests.homes import copy_home, started_home
from tests.mail.imap.servers import PASSWORD, Dovecot
from tests.postoffice import letter

pytestmark = pytest.mark.services


@pytest.fixture
def installation() -> Iterator[Path]:
    """Yield a home for this test in which the product was started once."""
    root = Path(tempfile.mkdtemp(prefix="otklik-test-"))
    root.chmod(0o711)
    copy_home(started_home(), root / "home")
    yield root / "home"
    Embedded(root / "home").kill()
    shutil.rmtree(root)


@pytest.mark.slow
def test_a_mailbox_added_to_a_running_otklik_becomes_requests(installation: Path, dovecot: Dovecot, user: str) -> None:
    up = Up(installation).wait_until_ready()
    try:
        assert (
            otklik(installation, "desk", "add", "HELP", "--name", "Hilfe", "--address", "help@desk.test").returncode
            == 0
        )
        url = f"imap://{user}@127.0.0.1:{dovecot.port}/"
        words = [
            "mailbox",
            "add",
            "help@desk.test",
            "--desk",
            "HELP",
            "--imap",
            url,
            "--tls",
            "none",
            "--password-stdin",
        ]
        said = subprocess.run(
            [*OTKLIK, *words], env=environment(installation), input=f"{PASSWORD}\n", capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip
        assert said.returncode == 0, said.stderr
        dovecot.put(user, letter(to="help@desk.test", subject="Aus dem Postfach"))
        end = time.monotonic() + 30
        while "Aus dem Postfach" not in (listed := otklik(installation, "ticket", "list", "--json").stdout):
            assert time.monotonic() < end, up.said()
        assert [ticket["key"] for ticket in json.loads(listed)] == ["HELP-1"]
        began = time.monotonic()
    finally:
        code = up.end()
    assert code == 0 and time.monotonic() - began < 10
