"""Homes of stopped products, made once per run by the product's own commands and copied to tests.

Tests of the first start itself begin with an empty directory: tests/cli/test_up.py, the story, RL-12 (external
database).
"""

import fcntl
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.cli.forked import otklik
from tests.cli.running import Up
from tests.clock import ONCE

ADDRESS = "accredo@desk.test"


def started_home() -> Path:
    """Return a home in which the product was started once: an empty database."""
    return _made_once("started", _start)


def desk_home() -> Path:
    """Return a started home with the desk ACCREDO at ADDRESS."""
    return _made_once("with-desk", _add_desk)


def copy_home(ready_made: Path, home: Path) -> None:
    """Copy `ready_made` to `home`, which may exist but must be empty."""
    home.mkdir(mode=0o711, exist_ok=True)
    subprocess.run(["cp", "-a", f"{ready_made}/.", str(home)], check=True)


def _made_once(name: str, make: Callable[[Path], None]) -> Path:
    """Return the home of this name, made by the first process that asks; it is removed with OTKLIK_TEST_HOME."""
    homes = Path(os.environ["OTKLIK_TEST_HOME"]) / "homes"
    homes.mkdir(mode=0o711, exist_ok=True)
    home = homes / name
    with (homes / f"{name}.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.exists():
            half = homes / f"{name}.half"
            make(half)
            half.rename(home)
    return home


def _start(home: Path) -> None:
    assert Up(home).wait_until_ready(ONCE).end() == 0


def _add_desk(home: Path) -> None:
    copy_home(started_home(), home)
    done = otklik(home, "desk", "add", "ACCREDO", "--name", "Accreditation", "--address", ADDRESS)
    assert done.returncode == 0, done.stderr
