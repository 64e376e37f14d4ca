"""The content-addressed store of uploaded and mailed files: each is named by the SHA-256 of its bytes.

So no name that a sender chose ever reaches the disk, identical files are stored once, and a stored blob never changes.
"""

import contextlib
import errno
import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from otklik.core.disk_space import is_short

_HALF = "incoming-"
_LOCK = "lock"


class BlobMissing(Exception):
    """The store has no blob with this digest, although the database refers to it."""


def put(chunks: bytes | Iterable[bytes]) -> tuple[str, int]:
    """Store the bytes durably; returns (digest, size in bytes).

    File and directory are synced when this returns, so commit a row that refers to the digest after the call, never
    before. Streams: holds one chunk in memory at a time. Raises OSError, with ENOSPC already if the disk is nearly
    full.
    """
    root = _root()
    if is_short(root):
        raise OSError(errno.ENOSPC, "hardly any room is left on the disk", str(root))
    handle, name = tempfile.mkstemp(dir=root, prefix=_HALF)
    temporary = Path(name)
    try:
        digest, size = _write(handle, chunks)
        target = path_of(digest)
        with _locked(fcntl.LOCK_SH):
            if target.exists():
                # Mark it as wanted again: `remove` spares files with a recent time.
                os.utime(target)
            else:
                target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                temporary.rename(target)
            # Even if the file existed: another process may have renamed it just now, and not have synced yet.
            _sync_folder(target.parent)
    finally:
        temporary.unlink(missing_ok=True)
    return digest, size


def drop_halves(before: datetime) -> int:
    """Delete temporary files that killed processes left before that time; returns how many. No row refers to them."""
    removed = 0
    for file in _root().glob(f"{_HALF}*"):
        with contextlib.suppress(FileNotFoundError):
            if file.stat().st_mtime < before.timestamp():
                file.unlink()
                removed += 1
    return removed


def shelf(beginning: str) -> Iterator[tuple[str, datetime]]:
    """Yield (digest, time last stored) of the blobs whose digest starts with these two hex digits, unordered."""
    for file in (_root() / beginning).glob("[0-9a-f][0-9a-f]/*"):
        with contextlib.suppress(FileNotFoundError):
            yield file.name, datetime.fromtimestamp(file.stat().st_mtime, UTC)


def remove(digest: str, *, before: datetime) -> bool:
    """Delete a blob unless it was stored, or stored again, at or after `before`; returns whether it is gone.

    The caller must have checked after `before` that no row refers to it. That is enough: a row committed later was
    preceded by `put`, which renews the time. A concurrent `put` either comes first, and the blob stays, or writes it
    again.
    """
    target = path_of(digest)
    with _locked(fcntl.LOCK_EX), contextlib.suppress(FileNotFoundError):
        if target.stat().st_mtime >= before.timestamp():
            return False
        target.unlink()
    return True


def read(digest: str) -> bytes:
    """The blob's content, read into memory as a whole. Raises BlobMissing."""
    with open_blob(digest) as file:
        return file.read()


def open_blob(digest: str) -> BinaryIO:
    """The blob as an open binary file, which the caller closes. Raises BlobMissing."""
    try:
        return path_of(digest).open("rb")
    except FileNotFoundError as error:
        raise BlobMissing(digest) from error


def path_of(digest: str) -> Path:
    """The path of the blob, which need not exist. Raises ValueError unless `digest` is a SHA-256 in lower-case hex."""
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise ValueError("not a digest")
    return Path(settings.FILES) / digest[:2] / digest[2:4] / digest


@contextlib.contextmanager
def _locked(how: int) -> Iterator[None]:
    """Lock the store for the block: LOCK_SH keeps others from deleting, LOCK_EX also from storing."""
    with (_root() / _LOCK).open("ab") as file:
        fcntl.flock(file, how)
        yield


def _root() -> Path:
    root = Path(settings.FILES)
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    return root


def _write(handle: int, chunks: bytes | Iterable[bytes]) -> tuple[str, int]:
    hasher, size = hashlib.sha256(), 0
    with os.fdopen(handle, "wb") as file:
        for chunk in [chunks] if isinstance(chunks, bytes) else chunks:
            hasher.update(chunk)
            size += file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return hasher.hexdigest(), size


def _sync_folder(folder: Path) -> None:
    """Sync the folder, as a rename is durable only with its directory, and the two above, which may be new as well."""
    for level in (folder, folder.parent, folder.parent.parent):
        handle = os.open(level, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
