"""Runs Otklik's commands in forks of a process that has loaded what they stand on (tests/cli/forked.py).

A program: its words are the number of a socket and the names of modules to load. Of Otklik itself nothing is loaded
before the fork: settings read the environment, which is each command's own.
"""

import contextlib
import gc
import importlib
import json
import os
import runpy
import socket
import sys
import threading
from collections.abc import Sequence
from typing import Any

MOST_BYTES = 1 << 20
_STREAMS = 3


def main() -> None:
    """Serve until whoever started this is gone; in a fork: be the command."""
    number, *names = sys.argv[1:]
    channel = socket.socket(fileno=int(number))
    for name in names:
        with contextlib.suppress(Exception):  # some cannot be loaded before the settings: the command will
            importlib.import_module(name)
    # A fork takes only this thread along.
    assert threading.active_count() == 1, threading.enumerate()
    gc.collect()
    gc.freeze()
    while True:
        message, streams, _flags, _address = socket.recv_fds(channel, MOST_BYTES, _STREAMS)
        if not message:
            return
        pid = os.fork()
        if pid == 0:
            channel.close()
            _be(json.loads(message), streams)
            return
        for stream in streams:
            os.close(stream)
        channel.send(str(pid).encode())
        channel.send(str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])).encode())


def _be(command: dict[str, Any], streams: Sequence[int]) -> None:
    """Its exit is the exit of this process, with all that Python does then."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(command["environment"])
    os.chdir(command["folder"])
    gc.unfreeze()
    sys.argv[1:] = command["words"]
    runpy.run_module("otklik.cli.main", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
