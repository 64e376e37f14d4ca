"""A backup restored elsewhere gives the same desk."""

import hashlib
import io
import json
import os
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from otklik.cli.backup import tombstones
from tests.cli.forked import otklik
from tests.cli.running import Up, free_ports
from tests.homes import ADDRESS, copy_home, desk_home
from tests.refusing import refused_as

# The tests share one backup, so one process takes them all.
pytestmark = [pytest.mark.services, pytest.mark.slow, pytest.mark.xdist_group("backup")]

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
    """Return the path of the content in this home's file store."""
    return home / "files" / DIGEST[:2] / DIGEST[2:4] / DIGEST


def changed(archive: Path, target: Path, change: Callable[[str, bytes], bytes]) -> Path:
    """Return a copy of the archive whose entries went through `change(name, content)`."""
    with tarfile.open(archive) as source, tarfile.open(target, "w") as copy:
        for entry in source:
            content = change(entry.name, source.extractfile(entry).read())  # type: ignore[union-attr]
            entry.size = len(content)
            copy.addfile(entry, io.BytesIO(content))
    return target


@pytest.fixture(scope="module")
def backed_up(started: Path) -> Path:
    """Return the backup of a desk that has received a mail; it lies beside the home."""
    installed, words = started, ["desk", "add", "HELP", "--name", "Помощь", "--address", "help@desk.example"]
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


def test_a_restored_copy_holds_what_waited_to_be_sent_until_somebody_says(started: Path, tmp_path: Path) -> None:
    home, copy, archive, mail = (tmp_path / name for name in ("home", "copy", "desk.tar", "mail.eml"))
    copy_home(desk_home(), home)
    mail.write_text(_MAIL.replace("help@desk.example", ADDRESS), encoding="utf-8")
    assert otklik(home, "mail", "deliver", str(mail)).returncode == 0
    unreachable = {"OTKLIK_OUTGOING": f"smtp://127.0.0.1:{free_ports(1)[0]}"}
    running = Up(home, more=unreachable).wait_until_ready()
    try:
        assert _comes_true(lambda: _numbers(home)["queued"] > 0 and not _numbers(home)["waiting"])
        assert otklik(home, "backup", str(archive)).returncode == 0
    finally:
        running.end()
    done = otklik(copy, "restore", str(archive))
    assert "waited to be sent" in done.stdout, done.stdout + done.stderr
    count = _numbers(copy)["restored"]
    assert (count > 0, _numbers(copy)["queued"]) == (True, 0)
    assert f"restored mails: {count} mails" in otklik(copy, "doctor").stdout
    shown = otklik(copy, "mail", "restored")
    assert shown.stdout.count("anna@clinic.example") == count
    assert otklik(copy, "mail", "restored", "--send", "--drop").returncode == 2
    assert otklik(copy, "mail", "restored", "--send").stdout == f"{count} mails go now\n"
    assert (_numbers(copy)["queued"], _numbers(copy)["restored"]) == (count, 0)


def test_a_restore_that_was_ended_halfway_is_seen_by_every_command(backed_up: Path, tmp_path: Path) -> None:
    home, mail = tmp_path / "home", tmp_path / "mail.eml"
    mail.write_text(_MAIL, encoding="utf-8")
    assert otklik(home, "restore", str(backed_up), OTKLIK_FAULT="mid_restore:kill").returncode == -9
    for words, code in ((["desk", "list"], 1), (["up"], 1), (["migrate"], 1), (["mail", "deliver", str(mail)], 75)):
        done = otklik(home, *words)
        assert (done.returncode, done.stdout) == (code, ""), done.stderr
        assert "otklik restore did not come to its end" in done.stderr
    assert "not empty" in otklik(home, "restore", str(backed_up)).stderr


def test_a_backup_that_is_killed_leaves_nothing(started: Path, tmp_path: Path) -> None:
    folder = tmp_path / "safe"
    folder.mkdir()
    done = otklik(started, "backup", str(folder / "desk.tar"), OTKLIK_FAULT="before_name:kill")
    assert done.returncode == -9
    assert list(folder.iterdir()) == []


def test_an_archive_cut_at_the_end_of_an_entry_restores_nothing(backed_up: Path, tmp_path: Path) -> None:
    home, cut = tmp_path / "home", tmp_path / "cut.tar"
    with tarfile.open(backed_up) as tar:
        last = tar.getmembers()[-1]
    assert last.name.startswith("files/")
    cut.write_bytes(backed_up.read_bytes()[: last.offset])
    done = otklik(home, "restore", str(cut))
    assert (done.returncode, done.stdout) == (1, "")
    assert "no whole backup of Otklik: it is cut off" in done.stderr
    assert not place(home).exists()
    assert otklik(home, "restore", str(backed_up)).returncode == 0


def test_the_restored_key_is_its_owners_alone_whatever_the_mask_and_what_lay_there(
    backed_up: Path, installed: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o711)
    (home / "secret_key.restored").write_text("left by a killed restore")
    (home / "secret_key.restored").chmod(0o666)
    mask = os.umask(0)
    try:
        assert otklik(home, "restore", str(backed_up)).returncode == 0
    finally:
        os.umask(mask)
    assert (home / "secret_key").read_text() == (installed / "secret_key").read_text()
    assert (home / "secret_key").stat().st_mode & 0o777 == 0o600
    assert not (home / "secret_key.restored").exists()


def _numbers(home: Path) -> dict[str, int]:
    found: dict[str, int] = json.loads(otklik(home, "mail", "status", "--json").stdout)
    return found


def _comes_true(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + 60
    while not (held := condition()) and time.monotonic() < end:
        time.sleep(0.2)
    return held


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
        (changed(backed_up, tmp_path / "one.tar", damage), "damaged"),
        (changed(backed_up, tmp_path / "two.tar", newer), "by a newer Otklik"),
        (strange, "no whole backup"),
        (tmp_path / "missing.tar", "missing.tar"),
    ):
        done = otklik(home, "restore", str(archive))
        assert (done.returncode, done.stdout) == (1, "")
        assert words in done.stderr
    assert otklik(home, "restore", str(backed_up)).returncode == 0, "the failures left the database empty"


def test_whom_a_backup_brings_back_is_erased_again(backed_up: Path, installed: Path, tmp_path: Path) -> None:
    old, home, vera = tmp_path / "old.tar", tmp_path / "home", "vera@clinic.example"
    for words in (
        ["person", "add", vera, "--name", "Вера Кукушкина"],
        ["backup", str(old)],
        ["person", "erase", vera, "--confirm", vera],
    ):
        assert otklik(installed, *words).returncode == 0
    erased = installed / "erased.jsonl"
    done = otklik(home, "restore", str(old), "--erased", str(erased))
    assert "erased again" in done.stdout, done.stdout + done.stderr
    assert (home / "erased.jsonl").read_text() == erased.read_text() != ""


def test_the_list_that_lies_in_the_home_is_used_without_being_named(
    backed_up: Path, installed: Path, tmp_path: Path
) -> None:
    old, home, own, rita = tmp_path / "old.tar", tmp_path / "home", tmp_path / "own.jsonl", "rita@clinic.example"
    for words in (
        ["person", "add", rita, "--name", "Рита Сойкина"],
        ["backup", str(old)],
        ["person", "erase", rita, "--confirm", rita],
    ):
        assert otklik(installed, *words).returncode == 0
    own.write_text((installed / "erased.jsonl").read_text())
    done = otklik(home, "restore", str(old), OTKLIK_ERASED_LIST=str(own))
    assert "erased again" in done.stdout, done.stdout + done.stderr
    assert "no list of erased persons" not in done.stdout


def test_the_list_of_erased_persons_is_read_from_newer_backups_too(tmp_path: Path) -> None:
    line = {"person": 7, "made_at": "2026-11-02T09:00:00+00:00"}
    newer = tmp_path / "newer.tar"
    content = json.dumps({"erased": [line]}).encode()
    with tarfile.open(newer, "w") as archive:
        entry = tarfile.TarInfo("manifest.json")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    (tmp_path / "erased.jsonl").write_text(json.dumps({**line, "person": 8}) + "\n")
    assert [one.person for one in tombstones([newer, tmp_path / "erased.jsonl"])] == [7, 8]
    (tmp_path / "strange").write_text("{}\n")
    for name in ("strange", "missing"):
        with refused_as("cli.erased_list_unreadable"):
            tombstones([tmp_path / name])
