"""A real Postfix for one test: configuration and queue in a temporary directory, a high port, ended by its pid."""

import contextlib
import os
import re
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.running import OTKLIK
from tests.reliability.house import House, steady_port, wait_until

ROOT = Path(__file__).resolve().parents[2]
SERVICES = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
lmtp unix - - n - - lmtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
SETTINGS = """
compatibility_level = 3.6
myhostname = mx.desk.test
mydestination =
mynetworks = 127.0.0.0/8
inet_protocols = ipv4
queue_directory = {place}/queue
data_directory = {place}/data
maillog_file = {place}/log
maillog_file_prefixes = {place}
local_transport = error:nobody lives here
alias_maps =
relayhost = [127.0.0.1]:{outside}
# Waiting times of a test.
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
transport_retry_time = 1s
smtp_connection_cache_on_demand = no
address_verify_map =
address_verify_poll_count = 10
address_verify_poll_delay = 1s
"""


@dataclass
class Postfix:
    """The running server."""

    port: int
    place: Path

    @property
    def log(self) -> str:
        file = self.place / "log"
        return file.read_text(errors="replace") if file.exists() else ""

    def waiting(self) -> int:
        """Return the number of mails in its queues."""
        queues = [self.place / "queue" / name for name in ("incoming", "active", "deferred")]
        return sum(1 for queue in queues for file in queue.rglob("*") if file.is_file())

    def hand_in(self, raw: bytes, to: str, sender: str = "anna@clinic.test") -> None:
        """Send a mail by SMTP. Raises smtplib's exceptions when it is refused."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=60) as link:
            link.sendmail(sender, [to], raw)


def snippet(name: str, **changes: str) -> str:
    """Return the example of this name in docs/mail-postfix.md, with its placeholders replaced."""
    text = (ROOT / "docs" / "mail-postfix.md").read_text(encoding="utf-8")
    match = re.search(rf"```{re.escape(name)}\n(.*?)```", text, re.DOTALL)
    assert match is not None, name
    lines = match.group(1)
    for old, new in changes.items():
        marked = {"domain": "desk.example.org", "place": "smtp:[127.0.0.1]:2525", "user": "user=otklik ",
                  "otklik": "/usr/local/bin/otklik"}[old]  # fmt: skip
        assert marked in lines, marked
        lines = lines.replace(marked, new)
    return lines


@contextlib.contextmanager
def postfix(settings: str, outside: int, services: str = "", port: int = 0) -> Iterator[Postfix]:
    """Run a Postfix with these lines in its main.cf and master.cf; mail for other domains goes to the port
    `outside`."""
    if shutil.which("postfix") is None or os.geteuid() != 0:
        pytest.skip("needs Postfix, and root to start it")
    place = Path(tempfile.mkdtemp(prefix="otklik-postfix-"))
    place.chmod(0o755)
    port = port or steady_port()
    config = place / "config"
    for folder in (config, place / "queue", place / "data"):
        folder.mkdir(mode=0o755)
    shutil.chown(place / "data", "postfix")
    (config / "main.cf").write_text(SETTINGS.format(place=place, outside=outside) + settings)
    (config / "master.cf").write_text(SERVICES.format(port=port) + services)
    subprocess.run(["postfix", "-c", str(config), "check"], capture_output=True, timeout=60, check=True)
    daemons = subprocess.run(["postconf", "-h", "daemon_directory"], capture_output=True, text=True, check=True)
    master = subprocess.Popen(
        [f"{daemons.stdout.strip()}/master", "-c", str(config), "-d"],
        env={**os.environ, "MAIL_CONFIG": str(config)},
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    running = Postfix(port, place)
    try:
        wait_until("Postfix", lambda: greets(port), 30)
        yield running
    finally:
        master.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            master.wait(20)
        master.kill()
        master.wait()
        shutil.rmtree(place, ignore_errors=True)


@contextlib.contextmanager
def piped_otklik(home: House, place: Path) -> Iterator[Path]:
    """Yield a program for Postfix's pipe that runs `otklik` in this home and returns its exit code.

    Postfix runs no pipe as root, and no other account can read a test's installation: so the program leaves the mail
    and its arguments in a directory, and a thread here runs `otklik` with them.
    """
    jobs, script, over = place / "jobs", place / "otklik", threading.Event()
    jobs.mkdir()
    jobs.chmod(0o777)
    # 75 is EX_TEMPFAIL (sysexits.h): Postfix keeps a mail that could not be stored completely and retries; another code
    # would return it to its sender.
    script.write_text(
        "#!/bin/sh\n"
        f'if job=$(mktemp -d -p "{jobs}") && cat > "$job/mail" && printf "%s\\n" "$@" > "$job/words"; then\n'
        '  mv "$job/words" "$job/ready"; until [ -s "$job/code" ]; do sleep 0.1; done; exit "$(cat "$job/code")"\n'
        "fi\n"
        f"exit {os.EX_TEMPFAIL}\n"
    )
    script.chmod(0o755)
    thread = threading.Thread(target=_work_off, args=(home, jobs, over), daemon=True)
    thread.start()
    try:
        yield script
    finally:
        over.set()
        thread.join(60)


def _work_off(home: House, jobs: Path, over: threading.Event) -> None:
    while not over.wait(0.1):
        for ready in jobs.glob("*/ready"):
            arguments = ready.read_text().split()
            ready.rename(ready.with_name("taken"))
            with ready.with_name("mail").open("rb") as mail:
                done = subprocess.run(
                    [*OTKLIK, *arguments], env=home._environment(), stdin=mail, capture_output=True, check=False
                )
            aside = ready.with_name("code.new")
            aside.write_text(str(done.returncode))
            aside.chmod(0o644)
            aside.rename(ready.with_name("code"))


def greets(port: int) -> bool:
    """Return whether a mail server answers at the port."""
    time.sleep(0.1)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as link:
            return link.recv(3) == b"220"
    except OSError:
        return False
