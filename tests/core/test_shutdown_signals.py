"""Any number of signals ends a program and never hangs it."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from otklik.core import processes
from otklik.core.process_lineage import end_left_behind, lineage
from otklik.core.shutdown_signals import StartingStop, Stop

# A timer's signals come every 50 microseconds, in the middle of whatever the waiting does.
_STORM = """
import signal
from otklik.core.shutdown_signals import Stop
current = Stop()
signal.signal(signal.SIGALRM, lambda *_: current.set())
signal.setitimer(signal.ITIMER_REAL, 0.0001, 0.00005)
for _ in range(400):
    current = Stop()
    while not current.is_set():
        current.wait(0.01)
signal.setitimer(signal.ITIMER_REAL, 0)
print("done")
"""


def test_a_storm_of_signals_hangs_nobody_who_waits() -> None:
    done = subprocess.run([sys.executable, "-c", _STORM], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr


def test_everybody_who_waits_is_woken_and_stays_awake() -> None:
    stop, woken = Stop(), list[bool]()
    assert not stop.wait(0.01)
    threads = [threading.Thread(target=lambda: woken.append(stop.wait(30))) for _ in range(3)]
    for thread in threads:
        thread.start()
    stop.set()
    for thread in threads:
        thread.join(30)
    assert woken == [True, True, True]
    assert stop.wait(30) and stop.is_set() and not stop.urgent
    stop.set()
    assert stop.urgent


def test_the_second_wish_breaks_off_what_looks_at_nothing_and_no_later_one_does() -> None:
    stop = StartingStop()
    stop.set()
    with pytest.raises(KeyboardInterrupt):
        stop.set()
    for _ in range(3):
        stop.set()
    calm = StartingStop()
    calm.orderly()
    for _ in range(3):
        calm.set()
    assert calm.urgent


_PARENT = """
import multiprocessing, os, sys, time
from pathlib import Path
from otklik.core.process_lineage import lineage
with lineage(Path(sys.argv[1])):
    child = multiprocessing.get_context("fork").Process(target=time.sleep, args=(300,))
    child.start()
    print(child.pid, flush=True)
    time.sleep(300)
"""


def _parent(home: Path) -> tuple["subprocess.Popen[str]", int]:
    parent = subprocess.Popen([sys.executable, "-c", _PARENT, str(home)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    return parent, int(parent.stdout.readline())


def test_a_frozen_child_of_a_killed_parent_is_ended_and_nobody_else(tmp_path: Path) -> None:
    for name in ("home", "other"):
        (tmp_path / name).mkdir()
    lost, child = _parent(tmp_path / "home")
    living, kept = _parent(tmp_path / "home")
    elsewhere, strange = _parent(tmp_path / "other")
    try:
        os.kill(child, signal.SIGSTOP)
        for parent in (lost, elsewhere):
            parent.kill()
            parent.wait()
        assert processes.alive(child)
        assert end_left_behind(tmp_path / "home") == [child]
        assert not processes.alive(child)
        assert processes.alive(kept) and processes.alive(living.pid), "its parent lives"
        assert processes.alive(strange), "it is another home's"
        assert end_left_behind(tmp_path / "home") == []
    finally:
        for pid in (kept, strange):
            os.kill(pid, signal.SIGKILL)
        living.kill()
        living.wait()


def test_who_only_has_the_id_that_one_of_ours_had_is_left_alone(tmp_path: Path) -> None:
    with lineage(tmp_path):
        (file,) = (tmp_path / "running").iterdir()
        assert end_left_behind(tmp_path) == [], "we live"
        assert file.exists()
    assert not file.exists()
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        (tmp_path / "running" / f"{stranger.pid}-earlier").touch()
        assert end_left_behind(tmp_path) == []
        assert stranger.poll() is None
        assert processes.started(stranger.pid) != processes.started(os.getpid()) != ""
    finally:
        stranger.kill()
        stranger.wait()
    assert processes.started(stranger.pid) == ""
