"""Django's SECRET_KEY: from the environment, or generated once and stored in the home."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

from otklik.core import env
from otklik.core.atomic_file import sync_folder


def secret_key(home: Path) -> str:
    """Return ``OTKLIK_SECRET_KEY``, or the key stored in ``home``, generated at first use with mode 0600.

    Concurrent processes get the same key. Raises BadSetting if the home cannot be used.
    """
    given = env.text("OTKLIK_SECRET_KEY")
    if given:
        return given
    path = home / "secret_key"
    try:
        if not path.exists():
            _make(path)
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise env.BadSetting(f"the home {home} cannot be used: {path}: {error.strerror}") from error


def _make(path: Path) -> None:
    """Write the key to a temporary file and link it: no reader sees half a key, and the first writer wins."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o711)
    handle, aside = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(64))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            Path(path).hardlink_to(aside)
        # Also if another process was first: we are about to sign things with its key.
        sync_folder(path.parent)
    finally:
        Path(aside).unlink()
