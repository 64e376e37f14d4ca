"""Files by the hash of their content.

A blob's name is the SHA-256 of its bytes, so no sender-chosen name ever reaches the disk, the same bytes are kept
once, and a stored blob is never written again.
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
    """The database names a blob that the store does not hold."""


def put(chunks: bytes | Iterable[bytes]) -> tuple[str, int]:
    """Store the bytes durably and return (digest, size).

    The bytes are on the disk (file and directory synced) when this returns, so a row that names the digest may be
    committed after it, never before. Streams: holds one chunk in memory. Raises OSError, also (ENOSPC) when the disk
    is nearly full.
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
                # Wanted again: whoever removes what is not used sees it by the time.
                os.utime(target)
            else:
                target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                temporary.rename(target)
            # Also when it is there already: whoever stores the same at this moment may not have come so far.
            _sync_folder(target.parent)
    finally:
        temporary.unlink(missing_ok=True)
    return digest, size


def drop_halves(before: datetime) -> int:
    """Remove files that a killed process left half-written before that moment; returns how many. No row names them."""
    gone = 0
    for file in _root().glob(f"{_HALF}*"):
        with contextlib.suppress(FileNotFoundError):
            if file.stat().st_mtime < before.timestamp():
                file.unlink()
                gone += 1
    return gone


def shelf(beginning: str) -> Iterator[tuple[str, datetime]]:
    """The stored files whose digest begins with these two letters, and when each was last stored."""
    for file in (_root() / beginning).glob("[0-9a-f][0-9a-f]/*"):
        with contextlib.suppress(FileNotFoundError):
            yield file.name, datetime.fromtimestamp(file.stat().st_mtime, UTC)


def remove(digest: str, *, before: datetime) -> bool:
    """Remove a file that no row names, unless it was stored (again) since; returns whether it is gone.

    Who stores it at the same moment either comes first, and it stays, or writes it anew. The caller has looked for
    rows that name it: one that is committed later was preceded by `put`.
    """
    target = path_of(digest)
    with _locked(fcntl.LOCK_EX), contextlib.suppress(FileNotFoundError):
        if target.stat().st_mtime >= before.timestamp():
            return False
        target.unlink()
    return True


def read(digest: str) -> bytes:
    """The whole content. Raises BlobMissing."""
    with open_blob(digest) as file:
        return file.read()


def open_blob(digest: str) -> BinaryIO:
    """The content as a file open for reading. Raises BlobMissing."""
    try:
        return path_of(digest).open("rb")
    except FileNotFoundError as error:
        raise BlobMissing(digest) from error


def path_of(digest: str) -> Path:
    """Where the blob lies, whether it exists or not. Raises ValueError for anything but a SHA-256 in hex."""
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise ValueError("not a digest")
    return Path(settings.FILES) / digest[:2] / digest[2:4] / digest


@contextlib.contextmanager
def _locked(how: int) -> Iterator[None]:
    """While the block lasts nobody removes (LOCK_SH), or nobody else removes or stores either (LOCK_EX)."""
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
    """A rename is durable only when its directory is; the two levels above may be new as well."""
    for level in (folder, folder.parent, folder.parent.parent):
        handle = os.open(level, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
