"""The kill sweep (RL-01 to RL-04): processes are killed at random while mail arrives; nothing may be lost or
doubled."""

import contextlib
import json
import random
import shutil
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from otklik.core.embedded_postgres import binaries
from otklik.core.embedded_postgres_account import account_for, setpriv_command
from tests.homes import ADDRESS
from tests.mail.imap.servers import PASSWORD, Dovecot, program
from tests.reliability.books import audit
from tests.reliability.house import House, house, kill, wait_until
from tests.reliability.outside import Mail, MoodySink, Senders, moody_sink

# Relative frequency with which each is killed.
TARGETS = {"worker": 6, "intake": 5, "parser": 4, "backend": 4, "web": 2, "fetch": 4, "postgres": 3, "up": 1}
_USER = "desk"
# Raised, because the many new senders would exhaust the budgets for automatic mail, which other tests check.
BUDGETS = {f"OTKLIK_BUDGET_{name}": "1000000" for name in ("ADDRESS_HOUR", "ADDRESS_DAY", "DOMAIN_HOUR", "SITE_HOUR")}


@dataclass
class Sweep:
    """Parameters: the number of mails, the seconds over which they are sent, and the random seed."""

    mails: int
    seconds: float
    seed: int
    mood: float = 0.06
    pause: tuple[float, float] = (0.05, 1.2)


@dataclass
class Outcome:
    """The result. `wrong` is empty when every promise was kept."""

    wrong: list[str]
    figures: dict[str, object]


@dataclass
class Killer:
    """Kills random processes of a house until told to stop."""

    home: House
    plan: Sweep
    kills: "Counter[str]" = field(default_factory=Counter)
    stop: threading.Event = field(default_factory=threading.Event)
    error: BaseException | None = None

    def run(self) -> None:
        """Body of the killing thread."""
        dice = random.Random(self.plan.seed + 1)
        try:
            while not self.stop.wait(dice.uniform(*self.plan.pause)):
                self._strike(dice)
        except BaseException as error:
            self.error = error

    def _strike(self, dice: random.Random) -> None:
        target = dice.choices(list(TARGETS), list(TARGETS.values()))[0]
        if target == "up":
            self.home.kill()
            self.kills[target] += 1
            self.home.start()
            return
        pids = self.home.pids(target)
        if pids and kill(dice.choice(pids)):
            self.kills[target] += 1


def sweep(plan: Sweep, folder: Path, ready_made: Path | None = None) -> Outcome:
    """Run the sweep in a home below `folder` (a copy of `ready_made`, or new) and audit it afterwards."""
    began = time.monotonic()
    with moody_sink(plan.mood, plan.seed) as sink, mail_server() as dovecot:
        outgoing = f"smtp://127.0.0.1:{sink.port}"
        with house(folder / "home", ready_made, OTKLIK_OUTGOING=outgoing, **BUDGETS) as home:
            drop = fetched_from(home, dovecot) if dovecot is not None else None
            taken, killer, again = _under_fire(plan, home, sink, drop)
            fired = time.monotonic()
            sink.mood = 0.0
            settle(home, len(taken))
            wrong, figures = audit(home, sink, taken)
            status = json.loads(home.otklik("mail", "status", "--json"))
            wrong += _ledger_does_not_agree(status, len(taken))
            code = home.stop()
            wrong += [f"otklik up ended with {code}"] if code else []
            wrong += _damaged_pages(home)
    return Outcome(wrong, _told(plan, killer, again, sink, figures, (fired - began, time.monotonic() - fired)))


@contextlib.contextmanager
def mail_server() -> Iterator[Dovecot | None]:
    """Run a Dovecot; yields None where it is not installed."""
    if not program():
        yield None
        return
    root = Path(tempfile.mkdtemp(prefix="otklik-dovecot-"))
    server = Dovecot(root)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(root, ignore_errors=True)


def fetched_from(home: House, dovecot: Dovecot) -> Callable[[bytes], None]:
    """Configure the product to fetch a mailbox for its desk; return a function that puts a mail into it."""
    dovecot.put(_USER)
    url = f"imap://{_USER}@127.0.0.1:{dovecot.port}/"
    arguments = ["mailbox", "add", ADDRESS, "--desk", "ACCREDO", "--imap", url, "--tls", "none", "--password-stdin"]
    home.otklik(*arguments, given=f"{PASSWORD}\n")
    return lambda raw: dovecot.put(_USER, raw)


def _under_fire(
    plan: Sweep, home: House, sink: MoodySink, drop: Callable[[bytes], None] | None
) -> tuple[list[Mail], Killer, int]:
    """Send all mails while processes are killed; return when every mail is in the mailbox or was answered with 250."""
    senders, killer = Senders(home.smtp, sink, plan.mails, plan.seconds, plan.seed, drop), Killer(home, plan)
    thread = threading.Thread(target=killer.run, daemon=True)
    senders.start()
    thread.start()
    began = time.monotonic()
    try:
        senders.wait(patience=plan.seconds * 3 + 120)
        # Mails are processed for some time after they arrive, so killing continues for the whole period.
        killer.stop.wait(max(0.0, began + plan.seconds - time.monotonic()))
    finally:
        killer.stop.set()
        thread.join(120)
    if killer.error is not None:
        raise killer.error
    return senders.taken, killer, senders.refusals.total()


def settle(home: House, mails: int = 0, seconds: float = 120.0) -> None:
    """Wait until `mails` mails arrived and nothing is left to do; retry delays are cut short."""

    def idle() -> bool:
        home.sql("UPDATE mail_imapaccount SET retry_at = NULL WHERE retry_at > now()")
        home.sql("UPDATE mail_outboundmail SET retry_at = now() WHERE state = 'queued' AND retry_at > now()")
        home.sql("UPDATE mail_inboundmail SET retry_at = NULL WHERE state = 'waiting' AND retry_at > now()")
        home.sql("UPDATE journal_event SET retry_at = NULL WHERE dispatched_at IS NULL AND retry_at > now()")
        came = home.sql("SELECT count(*) FROM mail_inboundmail")[0][0]
        return came >= mails and not any(left(home).values())

    try:
        wait_until("everything is done", idle, seconds, pause=0.5)
    except AssertionError as error:
        raise AssertionError(f"{error}; left: {left(home)}") from None


def left(home: House) -> dict[str, int]:
    """Return how many entries each queue still holds."""
    queues = {
        "mails to process": "mail_inboundmail WHERE state = 'waiting'",
        "events to react to": "journal_event WHERE dispatched_at IS NULL",
        "mails to send": "mail_outboundmail WHERE state = 'queued'",
    }
    try:
        return {name: home.sql(f"SELECT count(*) FROM {rows}")[0][0] for name, rows in queues.items()}
    except psycopg.Error:
        return {"database": 1}


def _ledger_does_not_agree(status: dict[str, int], taken: int) -> list[str]:
    """Check the sums of `otklik mail status`; return the violated ones."""
    sums = {
        "offered is what was handed over": status["offered"] == taken,
        "offered is filed, held and failed": status["offered"]
        == status["filed"] + status["held"] + status["failed"] + status["waiting"],
        "nothing waits": status["waiting"] == status["queued"] == 0,
        "nothing failed": status["failed"] == status["undeliverable"] == 0,
    }
    return [f"ledger: not so: {what}: {status}" for what, is_so in sums.items() if not is_so]


def _damaged_pages(home: House) -> list[str]:
    """Run pg_checksums on the stopped cluster; return its complaint."""
    server = home.database
    command = setpriv_command(account_for(server.directory), [binaries(), server.directory])
    done = subprocess.run(
        [*command, str(binaries() / "pg_checksums"), "--check", "-D", str(server.data)],
        capture_output=True, text=True, cwd="/", check=False,
    )  # fmt: skip
    return [f"pg_checksums: {done.stderr[-500:]}"] if done.returncode else []


def _told(
    plan: Sweep, killer: Killer, again: int, sink: MoodySink, figures: dict[str, object], times: tuple[float, float]
) -> dict[str, object]:
    kills = ", ".join(f"{count} {name}" for name, count in sorted(killer.kills.items()))
    return {
        "mails": plan.mails,
        "tries by SMTP that got no 250": again,
        "processes killed": f"{sum(killer.kills.values())} ({kills})",
        "starts of otklik up": killer.home.starts,
        "troubles made by the mail server outside": sink.troubles,
        **figures,
        "seconds under fire, then until all was done": f"{times[0]:.0f}, {times[1]:.0f}",
    }
