"""CPU time of a process tree, as the benchmark counts it."""

import os
import subprocess
import sys

from otklik.cli.bench.cpu import used_ms

# Uses at least 0.2 s of CPU and waits for a line before it ends.
_WORK = "import time, sys\nwhile time.process_time() < 0.2: pass\nprint('done', flush=True)\nsys.stdin.readline()"


def test_what_a_process_used_is_still_counted_when_it_has_ended() -> None:
    before = used_ms(os.getpid())
    with subprocess.Popen([sys.executable, "-c", _WORK], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None and child.stdout.readline() == b"done\n"
        running = used_ms(os.getpid())
        child.communicate(b"\n")
    ended = used_ms(os.getpid())
    assert running - before > 190
    # Of what has ended the kernel counts hundredths of a second, once for its own time and once for the system's.
    assert ended > running - 20
