"""From SMTP to the acknowledgement: how many mails a second, and how long each waits."""

import os
import queue
import resource
import smtplib
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from typing import Any

import psutil
from aiosmtpd.controller import Controller
from rich.console import Console
from rich.progress import Progress

from otklik.cli.bench.corpus import BenchMail, mails
from otklik.cli.bench.pages import free_port, wait_until_open
from otklik.core.errors import UnableTo

ADDRESS = "bench@desk.example"
CONNECTIONS = 4
# Longer than the first retry of a mail whose delivery stumbled.
_QUIET_SECONDS = 75.0


@dataclass
class Sink:
    """A mail server that takes everything and remembers when the answer to which mail came."""

    arrived: dict[str, float] = field(default_factory=dict)
    total: int = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        head = message_from_bytes(envelope.content.split(b"\r\n\r\n", 1)[0] + b"\r\n\r\n")
        self.total += 1
        answered = str(head.get("In-Reply-To", "")).strip("<> ")
        if answered:
            # Invitations to an account answer nothing.
            self.arrived.setdefault(answered, time.monotonic())
        return "250 taken"


def measure_mail(count: int) -> dict[str, object]:
    """Send `count` mails to a product started for this in a throw-away home; wait for every acknowledgement."""
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=free_port(), data_size_limit=2**26)
    controller.start()
    try:
        with tempfile.TemporaryDirectory(prefix="otklik-bench-") as home:
            return _measure(Path(home), count, sink, f"smtp://127.0.0.1:{controller.port}")
    finally:
        controller.stop()


def _measure(home: Path, count: int, sink: Sink, outgoing: str) -> dict[str, object]:
    smtp, http = free_port(), free_port()
    budgets = {
        f"OTKLIK_BUDGET_{name}": "1000000" for name in ("ADDRESS_HOUR", "ADDRESS_DAY", "DOMAIN_HOUR", "SITE_HOUR")
    }
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
        return _load(count, smtp, sink, process.pid)
    finally:
        process.terminate()
        process.wait(20)


def _load(count: int, port: int, sink: Sink, root: int) -> dict[str, object]:
    work: queue.SimpleQueue[BenchMail] = queue.SimpleQueue()
    wanted = list(mails(count, ADDRESS))
    for mail in wanted:
        work.put(mail)
    accepted: dict[str, float] = {}
    before, start = _cpu(root), time.monotonic()
    senders = [threading.Thread(target=_send, args=(work, port, accepted)) for _ in range(CONNECTIONS)]
    for sender in senders:
        sender.start()
    new = [mail.message_id for mail in wanted if not mail.answers]
    _wait_for(sink, new)
    spent = _cpu(root) - before
    missing = [key for key in new if key not in sink.arrived or key not in accepted]
    if missing:
        raise UnableTo(f"{len(missing)} of {len(new)} acknowledgements did not come; {len(accepted)} mails were taken.")
    waits = sorted(max(0.0, sink.arrived[key] - accepted[key]) * 1000 for key in new)
    wall = max(sink.arrived[key] for key in new) - start
    return {
        "mails": count,
        "mails_per_s": round(count / wall, 1),
        "accepted_per_s": round(count / (max(accepted.values()) - start), 1),
        "cpu_ms_per_mail": round(spent / count * 1000, 1),
        "sent": sink.total,
        "wait_p50_ms": round(waits[len(waits) // 2], 1),
        "wait_p95_ms": round(waits[int(len(waits) * 0.95)], 1),
        "sender_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


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
    """Until every acknowledgement is there, or nothing came for a while."""
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("acknowledged", total=len(new))
        seen, changed = -1, time.monotonic()
        while not all(key in sink.arrived for key in new) and time.monotonic() - changed < _QUIET_SECONDS:
            if sink.total != seen:
                seen, changed = sink.total, time.monotonic()
            progress.update(task, completed=sum(key in sink.arrived for key in new))
            time.sleep(0.05)


def _cpu(root: int) -> float:
    """CPU seconds of the product's processes, the database's too."""
    total = 0.0
    parent = psutil.Process(root)
    home_servers = [parent, *parent.children(recursive=True)]
    for process in home_servers:
        try:
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
        except psutil.Error:
            continue
    return total
