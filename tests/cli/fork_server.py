"""Runs Otklik's commands in forks of a process that has already loaded their dependencies (tests/cli/forked.py).

Arguments: the file descriptor of a socket, then names of modules to load. No module of Otklik is loaded before the
fork, because its settings read the environment, which differs per command.
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
    """Serve until the parent closes the socket; in a fork, run the command and return."""
    number, *names = sys.argv[1:]
    channel = socket.socket(fileno=int(number))
    for name in names:
        with contextlib.suppress(Exception):  # some need Django's settings; the command loads them
            importlib.import_module(name)
    # A fork copies only the calling thread.
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
    """Become the command: take over its streams, environment and directory, then run it.

    It ends this process by its exit.
    """
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
