"""A backup of a working desk, restored elsewhere, is the same desk."""

import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.running import otklik

pytestmark = [pytest.mark.services, pytest.mark.slow]

_MAIL = """From: =?utf-8?b?0JDQvdC90LA=?= <anna@clinic.example>
To: help@desk.example
Subject: Printer
Message-ID: <one@clinic.example>
Content-Type: multipart/mixed; boundary=cut

--cut
Content-Type: text/plain; charset=utf-8

Печать не идёт
--cut
Content-Type: application/octet-stream; name=log.bin
Content-Disposition: attachment; filename=log.bin
Content-Transfer-Encoding: base64

AAECAwQ=
--cut--
"""


CONTENT = bytes(range(5))
DIGEST = hashlib.sha256(CONTENT).hexdigest()


def place(home: Path) -> Path:
    """Where the store of this home keeps the content."""
    return home / "files" / DIGEST[:2] / DIGEST[2:4] / DIGEST


def changed(archive: Path, target: Path, change: Callable[[str, bytes], bytes]) -> Path:
    """A copy of the archive in which every entry went through ``change(name, content)``."""
    with tarfile.open(archive) as source, tarfile.open(target, "w") as copy:
        for entry in source:
            content = change(entry.name, source.extractfile(entry).read())  # type: ignore[union-attr]
            entry.size = len(content)
            copy.addfile(entry, io.BytesIO(content))
    return target


@pytest.fixture(scope="module")
def backed_up(installed: Path) -> Path:
    """A desk that has taken a mail, and its backup beside the home."""
    for words in (["migrate"], ["desk", "add", "HELP", "--name", "Помощь", "--address", "help@desk.example"]):
        assert otklik(installed, *words).returncode == 0
    mail = installed.parent / "mail.eml"
    mail.write_text(_MAIL, encoding="utf-8")
    assert otklik(installed, "mail", "deliver", str(mail)).returncode == 0
    place(installed).parent.mkdir(parents=True)
    place(installed).write_bytes(CONTENT)
    archive = installed.parent / "desk.tar"
    done = otklik(installed, "backup", str(archive))
    assert done.returncode == 0, done.stderr
    return archive


def test_a_restored_backup_is_the_same_desk(backed_up: Path, installed: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    done = otklik(home, "restore", str(backed_up))
    assert done.returncode == 0, done.stderr
    for words in (["desk", "show", "HELP", "--json"], ["mail", "status"]):
        assert otklik(home, *words).stdout == otklik(installed, *words).stdout != ""
    assert place(home).read_bytes() == CONTENT
    assert (home / "secret_key").read_text() == (installed / "secret_key").read_text()


def test_only_the_owner_can_read_a_backup_and_none_is_overwritten(backed_up: Path, installed: Path) -> None:
    assert backed_up.stat().st_mode & 0o777 == 0o600
    done = otklik(installed, "backup", str(backed_up))
    assert done.returncode == 1
    assert "exists" in done.stderr
    assert not list(backed_up.parent.glob(".otklik-*"))


def test_a_home_with_data_is_not_overwritten(backed_up: Path, installed: Path) -> None:
    done = otklik(installed, "restore", str(backed_up))
    assert done.returncode == 1
    assert "not empty" in done.stderr


def test_a_damaged_file_a_newer_backup_and_a_strange_file_are_refused(backed_up: Path, tmp_path: Path) -> None:
    def damage(name: str, content: bytes) -> bytes:
        return b"other" if name.startswith("files/") else content

    def newer(name: str, content: bytes) -> bytes:
        if name != "manifest.json":
            return content
        manifest = json.loads(content)
        return json.dumps({**manifest, "migrations": [*manifest["migrations"], "tickets.9999_future"]}).encode()

    strange = tmp_path / "strange.tar"
    strange.write_bytes(b"no archive at all" * 100)
    home = tmp_path / "home"
    for archive, words in (
        (changed(backed_up, tmp_path / "damaged.tar", damage), "damaged"),
        (changed(backed_up, tmp_path / "newer.tar", newer), "newer"),
        (strange, "no whole backup"),
        (tmp_path / "missing.tar", "missing.tar"),
    ):
        done = otklik(home, "restore", str(archive))
        assert (done.returncode, done.stdout) == (1, "")
        assert words in done.stderr
    assert otklik(home, "restore", str(backed_up)).returncode == 0, "the failures left the database empty"


@pytest.mark.timeout(300)
def test_whom_a_backup_brings_back_is_erased_again(backed_up: Path, tmp_path: Path) -> None:
    anna = "anna@clinic.example"  # who wrote the mail that is in the backup
    source, erase = tmp_path / "source", ["person", "erase", anna, "--confirm", anna]
    for words in (
        ["restore", str(backed_up)],
        ["person", "add", anna, "--name", "Анна"],
        ["backup", f"{tmp_path}/old"],
    ):
        assert otklik(source, *words).returncode == 0
    assert otklik(source, *erase).returncode == 0
    assert otklik(source, "backup", f"{tmp_path}/newer").returncode == 0
    assert "is back (--erased FILE)" in otklik(tmp_path / "careless", "restore", f"{tmp_path}/old").stdout
    for n, erased in enumerate((source / "erased.jsonl", tmp_path / "newer")):
        home = tmp_path / f"home{n}"
        done = otklik(home, "restore", f"{tmp_path}/old", "--erased", str(erased))
        assert "erased again" in done.stdout, done.stdout + done.stderr
    assert "Nobody here has the address" in otklik(home, *erase).stderr
    assert (home / "erased.jsonl").read_text() == (source / "erased.jsonl").read_text()
    assert otklik(tmp_path / "y", "restore", f"{tmp_path}/old", "--erased", f"{tmp_path}/missing").returncode == 1
