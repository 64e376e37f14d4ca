"""The services that ``otklik up`` runs, as commands of their own: web, worker, intake, migrate."""

import gc
import importlib
import multiprocessing
import os
import resource
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any
from wsgiref.util import setup_testing_defaults

import typer
from django.conf import settings
from django.db import connections
from django.urls import get_resolver
from django.utils import timezone
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from otklik.cli.bootstrap import address, django_ready
from otklik.cli.bound_addresses import note_places
from otklik.cli.probes import worker_lives
from otklik.cli.startup import collect_static, migrate_database, require_current
from otklik.cli.supervise import Part, Supervisor
from otklik.cli.web_processes import web_processes
from otklik.core.processes import end_with_parent
from otklik.core.shutdown_signals import Stop, on_signals
from otklik.intake import smtpd
from otklik.webserver.header_limits import MOST_HEAD_BYTES
from otklik.webserver.thread_pool import Threads
from otklik.worker import run

web = typer.Typer(add_completion=False)
worker = typer.Typer(add_completion=False)
intake = typer.Typer(add_completion=False)
migrate = typer.Typer(add_completion=False)

_STOP_SECONDS = 5
_MOST_FILES = 8192
# A page creates about ten thousand temporary objects; with Python's default the collector would run 15 times.
_COLLECT = (20_000, 20, 50)
_LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "otklik.config.logs.Discreet", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        "_granian": {"handlers": ["stderr"], "level": "ERROR", "propagate": False},
        "granian.access": {"handlers": ["stderr"], "level": "ERROR", "propagate": False},
    },
}


@web.command("web")
def web_command(http: Annotated[str, typer.Option(help="HOST:PORT to listen on.")] = "127.0.0.1:8000") -> None:
    """Serve the pages until SIGTERM or Ctrl-C."""
    host, port = address(http)
    with django_ready(english=False):
        require_current()
        collect_static()
        connections.close_all()
        run_web(host, port)


@worker.command("worker")
def worker_command() -> None:
    """Do the background work, in four processes, until SIGTERM or Ctrl-C; what is in hand is finished."""
    with django_ready(english=False):
        require_current()
        stop, household, began = stop_on_signals(), Supervisor(worker_parts()), timezone.now()
        try:
            while not stop.is_set():
                household.look_after()
                household.served = household.served or worker_lives(began)
                stop.wait(0.5)
        finally:
            household.stop(stop)


@intake.command("intake")
def intake_command(
    smtp: Annotated[str, typer.Option(help="HOST:PORT for SMTP.")] = "127.0.0.1:2525",
    lmtp: Annotated[str, typer.Option(help="HOST:PORT for LMTP; none when left out.")] = "",
) -> None:
    """Take mail in by SMTP (and LMTP) until SIGTERM or Ctrl-C."""
    smtp_address, lmtp_address = address(smtp) if smtp else None, address(lmtp) if lmtp else None
    with django_ready(english=False):
        require_current()
        run_intake(smtp_address, lmtp_address)


@migrate.command("migrate")
def migrate_command() -> None:
    """Bring the database to this version, and nothing else. Safe to run on several machines at once."""
    with django_ready(english=False):
        applied = migrate_database()
    typer.echo(f"migrations applied: {applied}" if applied else "nothing to do", err=True)


def run_web(host: str, port: int) -> None:
    """Serve pages until SIGTERM or SIGINT, then finish the requests in progress."""
    multiprocessing.set_start_method("fork", force=True)
    load = _application(os.getpid())
    server = Server(
        "otklik.webserver.rsgi_app:Front",
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        workers=web_processes().number,
        backpressure=_connections(),
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(max_buffer_size=MOST_HEAD_BYTES),
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=_STOP_SECONDS,
        log_level=LogLevels.error,
        log_dictconfig=_LOGGING,
    )
    server.serve(target_loader=load, wrap_loader=False)


def _connections() -> int:
    """Return the number of connections per web process, from the limit of open files."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = min(hard if hard != resource.RLIM_INFINITY else _MOST_FILES, _MOST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    # A connection may need a second descriptor, for a long body or a file being sent.
    return max(64, (files - 256) // 2)


def _application(parent: int) -> Callable[[], Any]:
    """Load the application before the fork, so that the web processes share its memory."""
    application = importlib.import_module("otklik.config.wsgi").application
    front = importlib.import_module("otklik.webserver.rsgi_app").Front
    most_bytes = importlib.import_module("otklik.config.body_limits").most_bytes_for
    get_resolver().url_patterns  # noqa: B018  asking loads them
    _answer_once(application)
    # Everything loaded now is permanent: keep the collector from walking it and from unsharing its memory.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT)

    def load() -> Any:
        end_with_parent(parent)
        own = web_processes()
        return front(application, most_bytes, Threads(own.threads, own.most_threads), settings.TRUSTED_PROXIES)

    return load


def _answer_once(application: Callable[..., Any]) -> None:
    """Answer a request before the fork, so that what it caches is shared."""
    environ: dict[str, Any] = {"HTTP_HOST": settings.ALLOWED_HOSTS[0], "PATH_INFO": "/healthz"}
    setup_testing_defaults(environ)
    application(environ, lambda *_: None)
    connections.close_all()


def worker_parts() -> list[Part]:
    """Return the worker's processes."""
    return [Part(f"worker-{share}", partial(run_worker, share)) for share in run.SHARES]


def run_worker(share: str) -> None:
    """Do one share of the background work until SIGTERM or SIGINT."""
    run.main(share, stop_on_signals())


def run_intake(smtp: tuple[str, int] | None, lmtp: tuple[str, int] | None) -> None:
    """Take mail in until SIGTERM or SIGINT."""
    smtpd.serve(smtp, lmtp, stop_on_signals(), note_places)


def stop_on_signals() -> Stop:
    """Return an event that SIGTERM, SIGINT and SIGHUP set. Call from the main thread."""
    return on_signals(Stop())
