"""Benchmark of the mail intake, from SMTP to the acknowledgement: throughput, delay, CPU per mail."""

import os
import queue
import smtplib
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
from rich.console import Console
from rich.progress import Progress

from otklik.cli.bench.corpus import BenchMail, mails, mails_of
from otklik.cli.bench.pages import free_port, wait_until_open
from otklik.cli.bench.smtp_sink import Sink
from otklik.cli.refusals import CliRefusal
from otklik.core.errors import UnableTo

ADDRESS = "bench@desk.example"
CONNECTIONS = 4
IDLE_MAILS = 30
# Longer than the first retry of a delivery.
_QUIET_SECONDS = 75.0
# Process names; worker processes and parser are counted separately.
_PARTS = ("intake", "worker-in", "worker-plan", "worker-out", "web", "fetch")


def measure_mail(count: int, folder: Path | None = None) -> dict[str, object]:
    """Start the product in a temporary home, send mails, and wait for all acknowledgements; return the figures.

    First 30 mails one after the other, then `count` generated ones (or all .eml files of `folder`) over four
    connections as fast as they are accepted. Raises UnableTo if an acknowledgement does not arrive.
    """
    with Sink() as sink, tempfile.TemporaryDirectory(prefix="otklik-bench-") as home:
        return _measure(Path(home), count, folder, sink)


def _measure(home: Path, count: int, folder: Path | None, sink: Sink) -> dict[str, object]:
    smtp, http = free_port(), free_port()
    budgets = {
        f"OTKLIK_BUDGET_{name}": "1000000" for name in ("ADDRESS_HOUR", "ADDRESS_DAY", "DOMAIN_HOUR", "SITE_HOUR")
    }
    outgoing = f"smtp://127.0.0.1:{sink.port}"
    environment = {**os.environ, "OTKLIK_HOME": str(home), "OTKLIK_OUTGOING": outgoing, **budgets}
    environment.pop("DATABASE_URL", None)
    program = [sys.executable, "-m", "otklik.cli.main"]
    add = [*program, "desk", "add", "BENCH", "--name", "Замер", "--address", ADDRESS]
    subprocess.run([*program, "migrate"], env=environment, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    subprocess.run(add, env=environment, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program
    up = [*program, "up", "--http", f"127.0.0.1:{http}", "--smtp", f"127.0.0.1:{smtp}"]
    process = subprocess.Popen(up, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        wait_until_open(http, process, 60)
        wait_until_open(smtp, process, 60)
        time.sleep(2)
        prepared = list(mails(count + IDLE_MAILS, ADDRESS))
        idle = _one_by_one(prepared[:IDLE_MAILS], smtp, sink)
        load = list(mails_of(folder)) if folder else prepared[IDLE_MAILS:]
        return {**_load(load, smtp, sink, process.pid), **idle, "memory_mb": _memory(process.pid)}
    finally:
        process.terminate()
        process.wait(20)


def _one_by_one(bench_mails: list[BenchMail], port: int, sink: Sink) -> dict[str, object]:
    """Measure the time to the acknowledgement while the product is idle."""
    accepted: dict[str, float] = {}
    for mail in bench_mails:
        work: queue.SimpleQueue[BenchMail] = queue.SimpleQueue()
        work.put(mail)
        _send(work, port, accepted)
        if not mail.answers:
            _wait_for(sink, [mail.message_id])
    waits = _waits([mail for mail in bench_mails if not mail.answers], accepted, sink)
    return {"idle_wait_p50_ms": _percentile(waits, 50), "idle_wait_p95_ms": _percentile(waits, 95)}


def _load(wanted: list[BenchMail], port: int, sink: Sink, root: int) -> dict[str, object]:
    work: queue.SimpleQueue[BenchMail] = queue.SimpleQueue()
    for mail in wanted:
        work.put(mail)
    accepted: dict[str, float] = {}
    sent, before, start = sink.total, _cpu(root), time.monotonic()
    senders = [threading.Thread(target=_send, args=(work, port, accepted)) for _ in range(CONNECTIONS)]
    for sender in senders:
        sender.start()
    new = [mail for mail in wanted if not mail.answers]
    _wait_for(sink, [mail.message_id for mail in new])
    for sender in senders:
        sender.join()
    time.sleep(1)  # for the last invitations and notices
    after = _cpu(root)
    spent = {part: seconds - before.get(part, 0.0) for part, seconds in after.items()}
    waits, count = _waits(new, accepted, sink), len(wanted)
    wall = max(sink.arrived[mail.message_id] for mail in new) - start
    costs = {f"cpu_ms_{name.replace('-', '_')}": round(spent[name] / count * 1000, 2) for name in sorted(spent)}
    return {
        "mails": count,
        "seconds": round(wall, 1),
        "mails_per_s": round(count / wall, 1),
        "accepted_per_s": round(count / (max(accepted.values()) - start), 1),
        "sent": sink.total - sent,
        "wait_p50_ms": _percentile(waits, 50),
        "wait_p95_ms": _percentile(waits, 95),
        "cpu_ms_per_mail": round(sum(spent.values()) / count * 1000, 1),
        **costs,
    }


def _waits(new: list[BenchMail], accepted: dict[str, float], sink: Sink) -> list[float]:
    """Return the times in ms from acceptance (250) to the acknowledgement, sorted.

    Raises UnableTo if one is missing.
    """
    missing = [mail for mail in new if mail.message_id not in sink.arrived or mail.message_id not in accepted]
    if missing:
        raise UnableTo(CliRefusal.BENCH_MAILS_MISSING, missing=len(missing), new=len(new), taken=len(accepted))
    return sorted(max(0.0, sink.arrived[mail.message_id] - accepted[mail.message_id]) * 1000 for mail in new)


def _percentile(values: list[float], percent: int) -> float:
    return round(values[min(len(values) - 1, len(values) * percent // 100)], 1)


def _send(work: "queue.SimpleQueue[BenchMail]", port: int, accepted: dict[str, float]) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as link:
        while True:
            try:
                mail = work.get_nowait()
            except queue.Empty:
                return
            link.sendmail(mail.sender, [ADDRESS], mail.raw, mail_options=["BODY=8BITMIME"])
            accepted[mail.message_id] = time.monotonic()


def _wait_for(sink: Sink, new: list[str]) -> None:
    """Wait until every acknowledgement has arrived, or nothing has for _QUIET_SECONDS."""
    left = set(new)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("acknowledged", total=len(new))
        seen, changed = -1, time.monotonic()
        while left and time.monotonic() - changed < _QUIET_SECONDS:
            if sink.total != seen:
                seen, changed = sink.total, time.monotonic()
            left = {key for key in left if key not in sink.arrived}
            progress.update(task, completed=len(new) - len(left))
            time.sleep(0.01 if len(new) == 1 else 0.1)


def _cpu(root: int) -> dict[str, float]:
    """CPU seconds of the product's processes by part."""
    spent: dict[str, float] = {}
    for process in _household(root):
        try:
            times, part = process.cpu_times(), _part(process)
        except psutil.Error:
            continue
        # Servers include their dead children's time.
        own = times.user + times.system + times.children_user + times.children_system
        spent[part] = spent.get(part, 0.0) + own
    return spent


def _memory(root: int) -> int:
    """Proportional set size of all processes, MB."""
    total = 0
    for process in _household(root):
        try:
            total += process.memory_full_info().pss
        except (psutil.Error, AttributeError):
            continue
    return total // 1024**2


def _household(root: int) -> list[psutil.Process]:
    parent = psutil.Process(root)
    return [parent, *parent.children(recursive=True)]


def _part(process: psutil.Process) -> str:
    name = process.name()
    if "otklik.mail.parse.child_process" in process.cmdline():
        return "parser"
    # The kernel truncates names to fifteen characters.
    known = next((part for part in _PARTS if f"otklik-{part}"[:15] == name[:15]), "")
    return known or ("postgres" if "postgres" in name else "up")
