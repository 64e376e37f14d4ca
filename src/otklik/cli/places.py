"""Where the mail intake of this machine listens, so that `otklik doctor` asks there."""

import json
from pathlib import Path

from otklik.cli.base import home

Address = tuple[str, int]
_DEFAULT: list[Address] = [("127.0.0.1", 2525)]


def note_places(places: list[Address]) -> None:
    """Write down where the intake listens now. What cannot be written is no reason not to listen."""
    file = _file()
    try:
        aside = file.with_suffix(".new")
        aside.write_text(json.dumps(places), encoding="utf-8")
        aside.replace(file)
    except OSError:
        file.unlink(missing_ok=True)


def noted_places() -> list[Address]:
    """Where the intake listened when it was last started here; the default where it never was."""
    try:
        return [(str(host), int(port)) for host, port in json.loads(_file().read_text(encoding="utf-8"))] or _DEFAULT
    except (OSError, ValueError, TypeError):
        return _DEFAULT


def _file() -> Path:
    return home() / "intake.places"
