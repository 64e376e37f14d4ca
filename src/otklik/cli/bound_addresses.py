"""The addresses on which the mail intake of this home listens, and its process, recorded for `otklik doctor`."""

import json
import os
from dataclasses import dataclass
from typing import Any

from otklik.cli.bootstrap import home
from otklik.core import processes

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Noted:
    """Where the intake of this home was last started, and whether that process still runs."""

    places: list[Address]
    lives: bool


def note_places(places: list[Address]) -> None:
    """Record where this process listens. A failure to write is ignored."""
    file, pid = home() / "intake.places", os.getpid()
    note = {"places": places, "process": [pid, processes.started(pid)]}
    try:
        aside = file.with_suffix(".new")
        aside.write_text(json.dumps(note), encoding="utf-8")
        aside.replace(file)
    except OSError:
        file.unlink(missing_ok=True)


def noted_places() -> Noted:
    """Return what was recorded; no places if the intake was never started in this home."""
    try:
        note: Any = json.loads((home() / "intake.places").read_text(encoding="utf-8"))
        pid, started = note["process"]
        places = [(str(host), int(port)) for host, port in note["places"]]
        return Noted(places, processes.alive(int(pid)) and processes.started(int(pid)) == started)
    except (OSError, ValueError, TypeError, KeyError):
        return Noted([], lives=False)
