"""Atomic file writes: a file appears under its name only when it is complete and synced to disk."""

import contextlib
import errno
import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from otklik.core.fault_points import faultpoint

_NO_NAMELESS = {errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT, errno.EINVAL}
_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK}


@contextlib.contextmanager
def appearing(file: Path, aside: str) -> Iterator[IO[bytes]]:
    """Yield a new file (mode 0600) that gets the name ``file``, complete and synced, if the block succeeds.

    Until then it is unnamed (open(2), O_TMPFILE), so the kernel removes it if the writer dies. On file systems without
    O_TMPFILE it is named ``aside`` plus random letters, and leftovers of killed writers are removed by the next call.
    Never overwrites: raises FileExistsError if ``file`` exists, or is created meanwhile.
    """
    clear_leftovers(file.parent, aside)
    target, own = _begun(file.parent, aside)
    with target:
        try:
            yield target
            target.flush()
            os.fsync(target.fileno())
            faultpoint("before_name")
            _give_name(target, own, file)
            sync_folder(file.parent)
        finally:
            if own is not None:
                own.unlink(missing_ok=True)


def clear_leftovers(folder: Path, aside: str) -> None:
    """Remove temporary files of killed writers. A file of a live writer is locked by it and is left alone."""
    for path in folder.glob(f"{aside}*"):
        with contextlib.suppress(OSError), path.open("rb") as left:
            fcntl.flock(left, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Fsync a directory: a new or renamed file is durable only once its directory is."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _begun(folder: Path, aside: str) -> tuple[IO[bytes], Path | None]:
    """Return the open file and its temporary name, None if it has no name."""
    nameless = _nameless(folder)
    return (nameless, None) if nameless is not None else _named(folder, aside)


def _nameless(folder: Path) -> IO[bytes] | None:
    try:
        return os.fdopen(os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o600), "w+b")
    except OSError as error:
        if error.errno in _NO_NAMELESS and folder.is_dir():
            return None
        raise


def _named(folder: Path, aside: str) -> tuple[IO[bytes], Path]:
    handle, name = tempfile.mkstemp(dir=folder, prefix=aside)
    fcntl.flock(handle, fcntl.LOCK_EX)
    return os.fdopen(handle, "w+b"), Path(name)


def _give_name(target: IO[bytes], own: Path | None, file: Path) -> None:
    """Link the file to its name, which fails if the name is taken; rename where links are not supported."""
    if own is None:
        folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            # Only with a folder does Python follow the symbolic link (linkat(2), AT_SYMLINK_FOLLOW).
            os.link(f"/proc/self/fd/{target.fileno()}", file.name, src_dir_fd=folder, dst_dir_fd=folder)
        finally:
            os.close(folder)
        return
    try:
        file.hardlink_to(own)
    except OSError as error:
        if error.errno not in _NO_LINKS or file.exists():
            raise
        own.rename(file)
