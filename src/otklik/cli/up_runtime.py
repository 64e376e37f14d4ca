"""The run of ``otklik up``: prepare, start the services, wait until they answer, supervise, stop."""

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connections
from django.utils import timezone

from otklik.cli.bootstrap import home
from otklik.cli.fetch import run_fetch
from otklik.cli.probes import bind_error, smtp_greets, web_health, worker_lives
from otklik.cli.refusals import CliRefusal
from otklik.cli.services import run_intake, run_web, worker_parts
from otklik.cli.startup import prepare
from otklik.cli.supervise import Part, Supervisor, UnableToKeepRunning, say
from otklik.core import env
from otklik.core.embedded_postgres import Embedded
from otklik.core.errors import UnableTo
from otklik.core.process_lineage import end_left_behind, lineage
from otklik.core.shutdown_signals import StartingStop, Stop
from otklik.demo.create_demo import DemoInfo, create_demo
from otklik.mail.commands.restored import held

Address = tuple[str, int]
PATIENCE = 60.0


class UnableToListen(UnableTo):
    """An address cannot be bound."""


def run(*, web: Address, smtp: Address, demo: bool, stop: StartingStop, loaded: Callable[[], None]) -> None:
    """Run everything until ``stop`` is set; the caller keeps the database running.

    ``loaded`` returns when the background imports are done. Raises UnableToListen, UnableToUpgrade,
    UnableToKeepRunning.
    """
    end_left_behind(home())
    _check_free("--http", web)
    _check_free("--smtp", smtp)
    prepare()
    loaded()
    info = create_demo() if demo else None
    stop.orderly()
    supervisor = Supervisor(
        [
            Part("web", partial(run_web, *web)),
            *worker_parts(),
            Part("intake", partial(run_intake, smtp, None)),
            Part("fetch", run_fetch),
        ]
    )
    with lineage(home()):
        try:
            if _wait_until_ready(supervisor, web, smtp, stop):
                _tell(web, smtp, info)
                _look_after(supervisor, stop)
        finally:
            supervisor.stop(stop)


def _check_free(option: str, where: Address) -> None:
    why = bind_error(*where)
    if why:
        raise UnableToListen(CliRefusal.CANNOT_LISTEN, host=where[0], port=where[1], why=why, option=option)


def _wait_until_ready(household: Supervisor, web: Address, smtp: Address, stop: Stop) -> bool:
    """Wait until pages, mail intake and worker answer; return False if `stop` was set before."""
    began, end = timezone.now(), time.monotonic() + PATIENCE
    waiting: dict[str, Callable[[], bool]] = {
        "web": lambda: web_health(*web).serves,
        "worker": lambda: worker_lives(began),
        "intake": lambda: smtp_greets(*smtp),
    }
    while waiting and not stop.is_set():
        household.look_after()
        waiting = {name: answers for name, answers in waiting.items() if not answers()}
        if time.monotonic() > end:
            raise UnableToKeepRunning(CliRefusal.PARTS_SILENT, parts=", ".join(waiting), seconds=PATIENCE)
        stop.wait(0.03 if waiting else 0)
    household.served = not waiting
    return household.served


def _look_after(household: Supervisor, stop: Stop) -> None:
    server, last_reason = None if env.text("DATABASE_URL") else Embedded(home()), ""
    while not stop.wait(0.5):
        trouble = _trouble(server)
        if trouble and trouble != last_reason:
            say(trouble)
        last_reason = trouble
        household.look_after()


def _trouble(server: Embedded | None) -> str:
    try:
        if server is not None:
            server.ensure_running()
    except UnableTo as error:
        return str(error)
    return ""


def _tell(web: Address, smtp: Address, info: DemoInfo | None) -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for problem in web_health(*web).problems:
        say(f"not well: {problem}")
    _tell_of_held_mails()
    sys.stderr.write(_welcome(smtp, info))
    sys.stderr.flush()


def _tell_of_held_mails() -> None:
    """A database that has just gone away is reported elsewhere."""
    with suppress(DatabaseError):
        count = held().count()
        if count:
            say(f"{count} mails of the restored backup are held: otklik mail restored")
    connections.close_all()


def _welcome(smtp: Address, info: DemoInfo | None) -> str:
    url = settings.PUBLIC_URL
    lines = [
        "",
        f"  Otklik runs at  {url}/",
        f"  mail intake     smtp://{smtp[0]}:{smtp[1]}",
        f"  home            {home()}",
    ]
    lines += _demo_lines(url, info) if info else _first_steps()
    return "\n".join([*lines, "", "  Ctrl-C ends it.", "", ""])


def _first_steps() -> list[str]:
    return [
        "",
        '  First steps:    otklik desk add HELP --name "Help desk" --address help@example.org',
        "                  otklik person add you@example.org --name You --role admin --password-stdin",
        "                  otklik doctor",
    ]


def _demo_lines(url: str, info: DemoInfo) -> list[str]:
    return [
        "",
        f"  Customer        {info.customer}",
        f"  Agent           {info.agent}",
        f"  Desk lead       {info.lead}",
        f"  Administrator   {info.admin}",
        f"  Password        {info.password}   (the same for all four)",
        "",
        "  What to try first:",
        f"  1. Write a mail as a customer and read the answers:  {url}/demo/mail",
        f"  2. Ask for something on the portal as the customer:  {url}/servicedesk/customer/portals",
        f"  3. Answer it from the queue as the agent:            {url}/projects/ACCREDO/queues/custom/{info.queue_id}",
    ]
