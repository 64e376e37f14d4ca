"""Backup archives detect truncated, changed, added, moved and foreign entries."""

import contextlib
import hashlib
import io
import json
import os
import random
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from otklik.cli import archive
from otklik.core import atomic_file

FILES = {hashlib.sha256(content).hexdigest(): content for content in (b"a" * 700, b"b" * 512, b"c", b"")}
MANIFEST = {
    "otklik": "1",
    "made_at": "2026-11-02",
    "migrations": [],
    "erased": [{"person": 7, "made_at": "2026-11-02"}],
}


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """Return a complete archive with four files."""
    stored = []
    for name, content in sorted(FILES.items()):
        (tmp_path / name).write_bytes(content)
        stored.append(tmp_path / name)
    file = tmp_path / "desk.tar"
    with atomic_file.appearing(file, ".aside-") as target:
        assert archive.write(target, MANIFEST, key=b"secret", dump=io.BytesIO(b"dump" * 900), files=stored) == 4
    return file


def look(file: Path) -> dict[str, bytes]:
    """Return what a restore would read from the archive, by entry."""
    with archive.opened(file, lambda manifest: None) as found:
        entries = {entry.name: found.open(entry).read() for entry in found.files}
        return {**entries, "key": found.read(archive.KEY), "dump": found.read(archive.DATABASE)}


def refused(file: Path) -> str:
    with pytest.raises(archive.InvalidArchive) as why:
        look(file)
    return str(why.value)


def test_what_was_written_is_read_again(sound: Path) -> None:
    files = {f"files/{name}": content for name, content in FILES.items()}
    assert look(sound) == {**files, "key": b"secret", "dump": b"dump" * 900}
    with tarfile.open(sound) as tar:
        manifest = json.loads(tar.extractfile("manifest.json").read())  # type: ignore[union-attr]
    assert (manifest["files"], manifest["bytes"]) == (4, sound.stat().st_size)
    assert archive.erased_in(sound) == MANIFEST["erased"]


def test_cut_at_every_block_it_is_refused(sound: Path, tmp_path: Path) -> None:
    whole, cut = sound.read_bytes(), tmp_path / "cut.tar"
    for size in [*range(0, len(whole), 512), len(whole) - 1]:
        cut.write_bytes(whole[:size])
        refused(cut)
    cut.write_bytes(whole[: len(whole) // 1024 * 512])
    assert "cut off" in refused(cut)


def test_one_flipped_bit_anywhere_is_refused(sound: Path, tmp_path: Path) -> None:
    whole, flipped = sound.read_bytes(), tmp_path / "flipped.tar"
    # A bit of each block, and many of the manifest, which is the one part that is written last.
    places = [block + random.randrange(512) for block in range(0, len(whole), 512)] + list(range(512, 1100, 3))
    for place in places:
        flipped.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << random.randrange(8)]) + whole[place + 1 :])
        refused(flipped)


def test_what_stands_behind_the_end_is_refused(sound: Path, tmp_path: Path) -> None:
    more = tmp_path / "more.tar"
    for behind in (b"\0", b"\0" * 512, b"garbage", sound.read_bytes()):
        more.write_bytes(sound.read_bytes() + behind)
        assert "behind its end" in refused(more)


Entry = tuple[tarfile.TarInfo, bytes]


def _entry(name: str, content: bytes = b"", kind: bytes = tarfile.REGTYPE, link: str = "") -> Entry:
    entry = tarfile.TarInfo(name)
    entry.type, entry.size, entry.linkname = kind, len(content), link
    return entry, content


_SPARE = "files/" + "0" * 64
CHANGES: dict[str, Callable[[list[Entry]], list[Entry]]] = {
    "a file missing": lambda entries: entries[:-1],
    "a file doubled": lambda entries: [*entries, entries[-1]],
    "the key doubled": lambda entries: [*entries, entries[1]],
    "no database": lambda entries: [entries[0], entries[1], *entries[3:]],
    "another order": lambda entries: [entries[0], entries[2], entries[1], *entries[3:]],
    "the manifest last": lambda entries: [*entries[1:], entries[0]],
    "a path upwards": lambda entries: [*entries, _entry("files/../../etc/passwd", b"x")],
    "an absolute path": lambda entries: [*entries, _entry("/etc/passwd", b"x")],
    "a strange name": lambda entries: [*entries, _entry("files/readme", b"x")],
    "a link": lambda entries: [*entries, _entry(_SPARE, kind=tarfile.SYMTYPE, link="/etc/passwd")],
    "a hard link": lambda entries: [*entries, _entry(_SPARE, kind=tarfile.LNKTYPE, link="secret_key")],
    "a device": lambda entries: [*entries, _entry(_SPARE, kind=tarfile.CHRTYPE)],
    "a pipe": lambda entries: [*entries, _entry(_SPARE, kind=tarfile.FIFOTYPE)],
    "a folder": lambda entries: [*entries, _entry(_SPARE, kind=tarfile.DIRTYPE)],
    "a key too large": lambda entries: [entries[0], _entry("secret_key", b"k" * 4097), *entries[2:]],
    "a name too short": lambda entries: [*entries, _entry("files/" + "0" * 63, b"x")],
    "a name too long": lambda entries: [*entries, _entry("files/" + "0" * 65, b"x")],
    "no hexadecimal name": lambda entries: [*entries, _entry("files/" + "g" * 64, b"x")],
    "the key a link": lambda entries: [
        entries[0], _entry("secret_key", kind=tarfile.SYMTYPE, link="/etc/shadow"), *entries[2:]
    ],
    "nothing": lambda entries: [],
}  # fmt: skip


# An archive of format 1 does not say how many files it holds.
@pytest.mark.parametrize(
    ("change", "form"),
    [(change, form) for change in CHANGES for form in (1, 2) if (change, form) != ("a file missing", 1)],
)
def test_other_entries_are_refused(change: str, form: int, sound: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.tar"
    with tarfile.open(sound) as source, tarfile.open(other, "w") as target:
        entries = [(one, source.extractfile(one).read()) for one in source]  # type: ignore[union-attr]
        if form == 1:
            said = json.dumps({**MANIFEST, "format": 1}).encode()
            entries[0] = _entry("manifest.json", said)
        for entry, content in CHANGES[change](entries):
            target.addfile(entry, io.BytesIO(content))
    refused(other)


def test_an_archive_of_format_1_is_read_and_refused_where_it_was_cut_between_two_entries(
    sound: Path, tmp_path: Path
) -> None:
    old = tmp_path / "old.tar"
    with tarfile.open(sound) as source, tarfile.open(old, "w") as target:
        ends = []
        for one in source:
            content = source.extractfile(one).read()  # type: ignore[union-attr]
            if one.name == "manifest.json":
                content = json.dumps({**MANIFEST, "format": 1}).encode()
                one.size = len(content)
            target.addfile(one, io.BytesIO(content))
            ends.append(target.offset)
    assert len(look(old)) == 6
    whole = old.read_bytes()
    for end in ends:
        old.write_bytes(whole[:end])
        refused(old)
    old.write_bytes(whole + b"behind")
    refused(old)


def test_a_manifest_larger_than_any_is_not_read_into_memory(tmp_path: Path) -> None:
    large, (entry, _) = tmp_path / "large.tar", _entry("manifest.json")
    entry.size = (256 << 20) + 1
    large.write_bytes(entry.tobuf() + b"{}".ljust(512))
    assert "its first entry is not" in refused(large)


def test_strange_files_are_refused(tmp_path: Path) -> None:
    strange = tmp_path / "strange"
    for content in (b"", b"no archive", b"\0" * 10240):
        strange.write_bytes(content)
        refused(strange)


def test_the_bytes_are_on_the_disk_before_the_archive_gets_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, synced = tmp_path / "file", []
    real = os.fsync

    def fsync(handle: int) -> None:
        real(handle)
        synced.append((file.exists(), Path(f"/proc/self/fd/{handle}").resolve() == tmp_path))

    monkeypatch.setattr(os, "fsync", fsync)
    with atomic_file.appearing(file, ".aside-") as target:
        target.write(b"content")
        assert list(tmp_path.iterdir()) == [], "it has no name that a kill could leave"
    # First its bytes, while it has no name; then the folder, with the name.
    assert synced == [(False, False), (True, True)]
    assert file.read_bytes() == b"content"
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("nameless", [True, False])
def test_a_taken_name_and_a_failed_block_change_nothing(
    nameless: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not nameless:
        monkeypatch.setattr(atomic_file, "_nameless", lambda folder: None)
    file = tmp_path / "file"
    with contextlib.suppress(ZeroDivisionError), atomic_file.appearing(file, ".aside-") as target:
        target.write(b"half")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FileExistsError), atomic_file.appearing(file, ".aside-"):
        file.write_bytes(b"somebody else's")
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("file", b"somebody else's")]


def test_where_files_need_names_the_next_writer_removes_what_a_killed_one_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atomic_file, "_nameless", lambda folder: None)
    (tmp_path / ".aside-left").write_bytes(b"half")
    with atomic_file.appearing(tmp_path / "one", ".aside-") as first:
        first.write(b"1")
        with atomic_file.appearing(tmp_path / "two", ".aside-") as second:
            second.write(b"2")
        assert not (tmp_path / ".aside-left").exists()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["one", "two"]
