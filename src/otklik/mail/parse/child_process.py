"""Run the parser in a child process, so that a hostile mail can only exhaust that process (AB-93, RL-10).

    with ParserChild() as child:
        parsed = child.parse(raw)

The child is started by the first mail and serves many. It talks over its standard input and output: a length
in eight bytes, then
that many bytes. It dies by itself when its starter does.
"""

import contextlib
import io
import os
import pickle
import resource
import select
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Self

from otklik.core.fault_points import faultpoint
from otklik.mail.parse import limits, parse_mail
from otklik.mail.parse.model import ParsedMail

SECONDS: Final = 30.0
START_SECONDS: Final = 60.0
MEMORY_BYTES: Final = 1024 * limits.MIB
_LENGTH = struct.Struct(">Q")
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "PYTHONHOME", "LD_LIBRARY_PATH", "TZ", "OTKLIK_FAULT")
_READY = b"ready\n"
_CHUNK = 1 << 16
# For tests: if a fault is configured, a mail with these bytes triggers it.
_HARD = b"\nX-Otklik-Fault:"
_MODULE = "otklik.mail.parse.model"
_CLASSES = {
    (_MODULE, "ParsedMail"),
    (_MODULE, "Part"),
    (_MODULE, "Address"),
    (_MODULE, "Signature"),
    (_MODULE, "Bounce"),
    (_MODULE, "FailedRecipient"),
    ("datetime", "datetime"),
    ("datetime", "timezone"),
    ("datetime", "timedelta"),
}


class UnableToParse(Exception):
    """The child returned no result; `reason` says why. The next mail gets a new child.

    `died`: the child was killed, perhaps not because of the mail (out of memory), so another attempt is worthwhile.
    `too_long`: it exceeded its time.
    """

    def __init__(self, reason: str, *, died: bool = False, too_long: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.died = died
        self.too_long = too_long


class ParserChild:
    """A child process that parses mails one after another. Calls from several threads wait for each other."""

    def __init__(self, *, seconds: float = SECONDS, memory_bytes: int = MEMORY_BYTES, spare: bool = False) -> None:
        """`seconds`: wall-clock and CPU time per mail; `memory_bytes`: the child's address space; `spare`: keep another
        child ready to replace one that was killed."""
        self._seconds = seconds
        self._memory = memory_bytes
        self._has_spare = spare
        self._spare: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def parse(self, raw: bytes, seconds: float | None = None) -> ParsedMail:
        """Parse the mail as `otklik.mail.parse.parse` does, in the child.

        `seconds`: a shorter time limit for this mail. Raises UnableToParse on timeout, crash or lack of memory.
        """
        with self._lock:
            try:
                process = self._running()
                answer = self._exchange(process, raw, min(seconds or self._seconds, self._seconds))
            except BaseException:
                self._stop()
                raise
        return _unpacked(answer)

    def close(self) -> None:
        """End the child; another `parse` would start a new one."""
        with self._lock:
            self._stop()
            self._process, self._spare = self._spare, None
            self._stop()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._owner != os.getpid():
            self._process = self._spare = None
        if self._process is None or self._process.poll() is not None:
            self._stop()
            self._process, self._spare = self._spare, None
            if self._process is None or self._process.poll() is not None:
                self._stop()
                self._process = self._new()
            self._owner = os.getpid()
            _await_ready(self._process)
            # The spare loads the parser while this one works.
            self._spare = self._new() if self._has_spare else None
        return self._process

    def _new(self) -> subprocess.Popen[bytes]:
        return _start(self._seconds, self._memory)

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        process.wait()

    def _exchange(self, process: subprocess.Popen[bytes], raw: bytes, seconds: float) -> bytes:
        deadline = time.monotonic() + seconds
        assert process.stdin is not None and process.stdout is not None
        _send(process.stdin.fileno(), _LENGTH.pack(len(raw)) + raw, deadline)
        (length,) = _LENGTH.unpack(_receive(process.stdout.fileno(), _LENGTH.size, deadline))
        return _receive(process.stdout.fileno(), length, deadline)


def _start(seconds: float, memory: int) -> subprocess.Popen[bytes]:
    source = str(Path(__file__).resolve().parents[3])
    paths = os.pathsep.join(p for p in (source, os.environ.get("PYTHONPATH", "")) if p)
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and module, no shell, no sender's word
        [sys.executable, "-m", "otklik.mail.parse.child_process", str(seconds), str(memory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        env={**_plain_environment(), "PYTHONPATH": paths},
    )
    assert process.stdin is not None
    os.set_blocking(process.stdin.fileno(), False)
    return process


def _plain_environment() -> dict[str, str]:
    """Return the part of our environment that the child may see: without secrets."""
    return {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}


def _await_ready(process: subprocess.Popen[bytes]) -> None:
    """Wait until the child has loaded the parser, so that its start does not count as a mail's time."""
    assert process.stdout is not None
    _receive(process.stdout.fileno(), len(_READY), time.monotonic() + START_SECONDS)


def _wait(descriptor: int, events: int, deadline: float) -> None:
    poller = select.poll()
    poller.register(descriptor, events)
    left = deadline - time.monotonic()
    if left <= 0 or not poller.poll(max(1, int(left * 1000))):
        raise UnableToParse("the mail took too long to read", too_long=True)


def _send(descriptor: int, data: bytes, deadline: float) -> None:
    view = memoryview(data)
    while view:
        _wait(descriptor, select.POLLOUT, deadline)
        try:
            view = view[os.write(descriptor, view[:_CHUNK]) :]
        except BlockingIOError:
            continue
        except OSError as broken:
            raise UnableToParse("the reading process ended before it got the mail", died=True) from broken


def _receive(descriptor: int, length: int, deadline: float) -> bytes:
    pieces = io.BytesIO()
    while pieces.tell() < length:
        _wait(descriptor, select.POLLIN, deadline)
        piece = os.read(descriptor, min(_CHUNK * 16, length - pieces.tell()))
        if not piece:
            raise UnableToParse("the reading process died on this mail", died=True)
        pieces.write(piece)
    return pieces.getvalue()


class _Unpickler(pickle.Unpickler):
    """Unpickles the parser's own classes only, whatever the child sends."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _CLASSES:
            raise pickle.UnpicklingError(f"{module}.{name}")
        return super().find_class(module, name)


def _unpacked(answer: bytes) -> ParsedMail:
    try:
        value = _Unpickler(io.BytesIO(answer)).load()
    except Exception as broken:
        raise UnableToParse("the reading process sent nonsense") from broken
    if isinstance(value, ParsedMail):
        return value
    raise UnableToParse(str(value))


def serve(source: BinaryIO, target: BinaryIO, seconds: float) -> None:
    """The child's main loop: read a mail, write the result, until the input ends."""
    target.write(_READY)
    target.flush()
    while len(head := source.read(_LENGTH.size)) == _LENGTH.size:
        (length,) = _LENGTH.unpack(head)
        raw = source.read(length)
        if len(raw) < length:
            return
        _allow_seconds(seconds)
        answer = _answer(raw)
        target.write(_LENGTH.pack(len(answer)))
        target.write(answer)
        target.flush()


def _answer(raw: bytes) -> bytes:
    if "OTKLIK_FAULT" in os.environ and _HARD in raw:
        faultpoint("hard_mail")
    try:
        return pickle.dumps(parse_mail.attempt(raw), protocol=5)
    except MemoryError:
        return pickle.dumps("the mail needs too much memory to be read")


def _allow_seconds(seconds: float) -> None:
    """Allow this much more CPU time, after which the kernel kills the process."""
    used = time.process_time()
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(used + seconds) + 1, hard))


def main() -> None:
    """Run as `python -m otklik.mail.parse.child_process SECONDS BYTES`."""
    seconds, memory = float(sys.argv[1]), int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    serve(sys.stdin.buffer, sys.stdout.buffer, seconds)


if __name__ == "__main__":
    main()
