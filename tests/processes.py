"""Runs parts of the product as separate processes on this test's database."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import IO

from django.conf import settings
from django.db import connection

Started = Callable[..., "subprocess.Popen[bytes]"]


@contextlib.contextmanager
def starting(log: IO[bytes] | None = None) -> Iterator[Started]:
    """Yield a function that starts `otklik ARGUMENTS…` with keywords added to the environment.

    Processes that still run at the end are terminated. `log` receives the standard error of all of them.
    """
    running: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str, **more: str) -> "subprocess.Popen[bytes]":
        database = connection.settings_dict
        url = f"postgresql:///{database['NAME']}?host={database['HOST']}&user={database['USER']}"
        own = {"DATABASE_URL": url, "OTKLIK_SECRET_KEY": settings.SECRET_KEY, "OTKLIK_HOME": str(settings.HOME)}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("OTKLIK_", "DJANGO_"))}
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "otklik.cli.main", *arguments], env={**inherited, **own, **more}, stderr=log
        )
        running.append(process)
        return process

    try:
        yield start
    finally:
        for process in running:
            if process.poll() is None:
                process.terminate()
        for process in running:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)
