"""Named points in the code at which a test may kill the process, as a power cut would.

Inert unless the environment sets ``OTKLIK_FAULT=name:kill|raise|hang|wait[:nth]`` (see the reliability catalogue, T1).
"""

import os
import signal
import threading
import time

_counts: dict[str, int] = {}
_lock = threading.Lock()


class Fault(Exception):
    """Raised by a fault point whose action is "raise"."""


def faultpoint(name: str) -> None:
    """Perform the action in OTKLIK_FAULT if it names this point and this is the nth pass (default: the first)."""
    wanted = os.environ.get("OTKLIK_FAULT")
    if not wanted:
        return
    target, _, rest = wanted.partition(":")
    action, _, nth = rest.partition(":")
    if target != name:
        return
    with _lock:
        _counts[name] = count = _counts.get(name, 0) + 1
    if count == int(nth or 1):
        _act(action, name)


def _act(action: str, name: str) -> None:
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "hang":
        time.sleep(3600)
    elif action == "wait":
        time.sleep(1)
    else:
        raise Fault(name)
