"""The archive of a backup: a tar file whose manifest vouches for all of it.

The first entry, the manifest, says how many files and bytes the archive has, and holds a SHA-256 of the whole of it,
taken with zeros in the hash's own place. So nothing can be cut off, changed, doubled, moved or added unseen.
"""

import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

FORMAT = 2
# Archives of format 1 have no checksum; they are verified as far as possible.
READABLE = (1, FORMAT)
MANIFEST, KEY, DATABASE, FILES = "manifest.json", "secret_key", "database.dump", "files/"
CHUNK = 1 << 20
_MOST_MANIFEST = 256 << 20
_MOST_KEY = 4096
_NO_HASH = "0" * 64
# Room for the two numbers written last, twenty digits each.
_ROOM = 40


class InvalidArchive(Exception):
    """The archive is not a complete one made by `write`; the message completes "FILE is no whole backup: …"."""


@dataclass(frozen=True, slots=True)
class Archive:
    """A verified archive, open for reading."""

    tar: tarfile.TarFile
    manifest: dict[str, Any]
    files: tuple[tarfile.TarInfo, ...]

    def read(self, name: str) -> bytes:
        """Return the content of an entry."""
        return self.open(self.tar.getmember(name)).read()

    def open(self, entry: tarfile.TarInfo) -> IO[bytes]:
        """Return an entry as a file object. Raises InvalidArchive if it is not a regular file."""
        source = self.tar.extractfile(entry)
        if source is None:
            raise InvalidArchive(f"{entry.name} is no file")
        return source


def write(target: IO[bytes], manifest: dict[str, Any], *, key: bytes, dump: IO[bytes], files: Iterable[Path]) -> int:
    """Write the archive into the empty file; return the number of stored files in it. Does not sync."""
    blank = {"format": FORMAT, **manifest, "files": 0, "bytes": 0, "sha256": _NO_HASH}
    room = len(_encoded(blank)) + _ROOM
    with tarfile.open(fileobj=target, mode="w") as tar:
        _add(tar, MANIFEST, io.BytesIO(bytes(room)), room)
        place = target.tell() - _padded(room)
        _add(tar, KEY, io.BytesIO(key), len(key))
        _add(tar, DATABASE, dump, dump.seek(0, io.SEEK_END))
        count = sum(_add_file(tar, path) for path in files)
    manifest_line = _encoded({**blank, "files": count, "bytes": target.seek(0, io.SEEK_END)}).ljust(room)
    _put(target, place, manifest_line)
    digest = _hash(target, place, manifest_line)
    _put(target, place, manifest_line.replace(_NO_HASH.encode(), digest.encode()))
    return count


@contextmanager
def opened(file: Path, accept: Callable[[dict[str, Any]], None]) -> Iterator[Archive]:
    """Verify the whole archive and yield it. `accept` is called with the manifest first, and may raise.

    Raises InvalidArchive, and OSError if the file cannot be read.
    """
    try:
        with file.open("rb") as source, tarfile.open(fileobj=source, mode="r:") as tar:
            manifest, place, manifest_line = _read_manifest(tar)
            accept(manifest)
            _check_seal(source, manifest, place, manifest_line)
            yield Archive(tar, manifest, _check_entries(source, tar, manifest))
    except (tarfile.TarError, EOFError) as error:
        raise InvalidArchive(str(error)) from error


def erased_in(file: Path) -> list[Any]:
    """Return the manifest's entries about erased persons, also of an archive made by a newer version.

    Raises InvalidArchive and OSError.
    """
    try:
        with file.open("rb") as source, tarfile.open(fileobj=source, mode="r:") as tar:
            manifest, place, manifest_line = _read_manifest(tar)
            if "sha256" in manifest:
                _check_seal(source, manifest, place, manifest_line)
            return list(manifest.get("erased", []))
    except (tarfile.TarError, EOFError, TypeError) as error:
        raise InvalidArchive(str(error)) from error


# Writing ------------------------------------------------------------------------------------------
def _encoded(manifest: dict[str, Any]) -> bytes:
    return json.dumps(manifest, indent=2).encode()


def _add(tar: tarfile.TarFile, name: str, source: IO[bytes], size: int) -> None:
    """Add an entry without times and owners, which would tell about this machine."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    source.seek(0)
    tar.addfile(entry, source)


def _add_file(tar: tarfile.TarFile, path: Path) -> bool:
    # A file removed meanwhile was unused for long (worker.unused_files), so the snapshot does not refer to it.
    with suppress(FileNotFoundError), path.open("rb") as source:
        _add(tar, f"{FILES}{path.name}", source, source.seek(0, io.SEEK_END))
        return True
    return False


def _padded(size: int) -> int:
    return -(-size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE


def _put(target: IO[bytes], place: int, content: bytes) -> None:
    target.seek(place)
    target.write(content)


def _hash(source: IO[bytes], place: int, manifest_bytes: bytes) -> str:
    """Return the SHA-256 of the file with `manifest_bytes` in place of its manifest."""
    hasher = hashlib.sha256()
    source.seek(0)
    hasher.update(source.read(place))
    hasher.update(manifest_bytes)
    source.seek(place + len(manifest_bytes))
    while chunk := source.read(CHUNK):
        hasher.update(chunk)
    return hasher.hexdigest()


# Reading ------------------------------------------------------------------------------------------
def _read_manifest(tar: tarfile.TarFile) -> tuple[dict[str, Any], int, bytes]:
    """Return the manifest, its offset, and its bytes."""
    entry = tar.next()
    if entry is None or entry.name != MANIFEST or not _is_plain(entry) or entry.size > _MOST_MANIFEST:
        raise InvalidArchive(f"its first entry is not {MANIFEST}")
    manifest_line = tar.extractfile(entry).read()  # type: ignore[union-attr]
    try:
        manifest = json.loads(manifest_line)
    except ValueError as error:
        raise InvalidArchive(f"{MANIFEST} is damaged: {error}") from error
    if not isinstance(manifest, dict):
        raise InvalidArchive(f"{MANIFEST} is damaged")
    return manifest, entry.offset_data, manifest_line


def _check_seal(source: IO[bytes], manifest: dict[str, Any], place: int, manifest_line: bytes) -> None:
    if manifest.get("format") == 1:
        return
    size, wanted, seal = source.seek(0, io.SEEK_END), manifest.get("bytes"), manifest.get("sha256")
    if not isinstance(wanted, int) or not isinstance(seal, str) or len(seal) != len(_NO_HASH):
        raise InvalidArchive(f"{MANIFEST} is damaged")
    if size < wanted:
        raise InvalidArchive(f"it is cut off: {size:,} of {wanted:,} bytes")
    if size > wanted:
        raise InvalidArchive(f"{size - wanted:,} bytes stand behind its end")
    if _hash(source, place, manifest_line.replace(seal.encode(), _NO_HASH.encode())) != seal:
        raise InvalidArchive("it is damaged: its bytes are not those that were written")


def _check_entries(source: IO[bytes], tar: tarfile.TarFile, manifest: dict[str, Any]) -> tuple[tarfile.TarInfo, ...]:
    """Return the stored files. Raises InvalidArchive unless the entries are ours, each once, in order."""
    entries = tar.getmembers()
    strange = next((entry.name for entry in entries if not _is_plain(entry) or not _is_ours(entry.name)), None)
    if strange is not None:
        raise InvalidArchive(f"it holds {strange!r}, which no backup has")
    names = [entry.name for entry in entries]
    if names[:3] != [MANIFEST, KEY, DATABASE] or len(set(names)) != len(names) or entries[1].size > _MOST_KEY:
        raise InvalidArchive("entries are missing, doubled or in another order")
    files = tuple(entries[3:])
    if len(files) != manifest.get("files", len(files)):
        raise InvalidArchive(f"it holds {len(files)} files, and {manifest['files']} were written")
    _check_end(source, entries[-1])
    return files


def _check_end(source: IO[bytes], last: tarfile.TarInfo) -> None:
    """Require the end of a tar file, at least two blocks of zeros; a file cut between entries has none."""
    source.seek(last.offset_data + _padded(last.size))
    size, chunk = 0, b""
    while chunk := source.read(CHUNK):
        size += len(chunk)
        if chunk.strip(b"\0"):
            raise InvalidArchive("something stands behind its end")
    if size < 2 * tarfile.BLOCKSIZE:
        raise InvalidArchive("it is cut off: its end is missing")


def _is_plain(entry: tarfile.TarInfo) -> bool:
    return entry.isreg() and not entry.issparse()


def _is_ours(name: str) -> bool:
    if name in {MANIFEST, KEY, DATABASE}:
        return True
    digest = name.removeprefix(FILES)
    return name.startswith(FILES) and len(digest) == 64 and set(digest) <= set("0123456789abcdef")
