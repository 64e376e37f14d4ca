"""Parts of the product as processes of their own, on this test's database."""

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
    """Gives a function that starts `otklik WORDS…` (more of the environment by keyword); whoever still runs at the end
    is ended. `log`: where they all write their complaints."""
    running: list[subprocess.Popen[bytes]] = []

    def start(*words: str, **more: str) -> "subprocess.Popen[bytes]":
        place = connection.settings_dict
        url = f"postgresql:///{place['NAME']}?host={place['HOST']}&user={place['USER']}"
        own = {"DATABASE_URL": url, "OTKLIK_SECRET_KEY": settings.SECRET_KEY, "OTKLIK_HOME": str(settings.HOME)}
        mine = {name: value for name, value in os.environ.items() if not name.startswith(("OTKLIK_", "DJANGO_"))}
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "otklik.cli.main", *words], env={**mine, **own, **more}, stderr=log
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
