"""Readiness probes: ask the web and mail ports whether they answer."""

import contextlib
import http.client
import json
import socket
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connections

from otklik.worker.heartbeat import last_beat
from otklik.worker.run import SHARES

_SECONDS = 3.0
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104  names of addresses, nothing listens


@dataclass(frozen=True, slots=True)
class Health:
    """The answer of ``/healthz``: whether pages are served, and which problems there are."""

    serves: bool
    problems: tuple[str, ...] = ()


def web_health(host: str, port: int) -> Health:
    """Ask ``/healthz``. With problems pages are still served, unless the database is one of them."""
    link = http.client.HTTPConnection(reachable(host), port, timeout=_SECONDS)
    try:
        link.request("GET", "/healthz", headers={"Host": str(settings.ALLOWED_HOSTS[0])})
        answer = link.getresponse()
        body = json.loads(answer.read()) if answer.status in {200, 503} else {}
    except (OSError, http.client.HTTPException, ValueError):
        return Health(serves=False)
    finally:
        link.close()
    problems = tuple(str(problem) for problem in body.get("problems", ()))
    return Health(answer.status == 200 or (bool(problems) and "database" not in problems), problems)


def smtp_greets(host: str, port: int) -> bool:
    """Return whether a server there greets with code 220 (RFC 5321, 4.2)."""
    try:
        with socket.create_connection((reachable(host), port), timeout=_SECONDS) as link:
            greeting = link.recv(512)
            # Closing right after the greeting counts as a greeting.
            with contextlib.suppress(OSError):
                link.sendall(b"QUIT\r\n")
                link.recv(512)
    except OSError:
        return False
    return greeting.startswith(b"220")


def worker_lives(since: datetime) -> bool:
    """Return whether the worker's heartbeat is newer than ``since``. Closes all connections."""
    try:
        beat = last_beat(SHARES)
    except DatabaseError:
        return False
    finally:
        connections.close_all()
    return beat is not None and beat >= since


def reachable(host: str) -> str:
    """Return an address for connecting, from this machine, to a listener on ``host``."""
    return _ANYWHERE.get(host, host)


def bind_error(host: str, port: int) -> str:
    """Return why the address cannot be bound, "" if it can."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            return error.strerror or str(error)
    return ""
