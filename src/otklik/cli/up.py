"""``otklik up``: run web, worker, intake and database in one command.

This module reads the words and sets the environment; what needs Django is in ``otklik.cli.up_runtime``, which is loaded
when the environment is complete.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from otklik.cli.background_imports import Loading
from otklik.cli.bootstrap import address, database_running, fail, failures_in_one_line
from otklik.cli.bootstrap import home as home_of_environment
from otklik.core import env
from otklik.core.embedded_postgres import make_home
from otklik.core.shutdown_signals import StartingStop, on_signals

app = typer.Typer(add_completion=False)

# Of ten seconds for stopping, the parts may take seven.
_STOP_SECONDS = 2.5
_RUNTIME = "otklik.cli.up_runtime"
# Modules of the web process, imported while the database starts, before the fork.
_PAGES = ("otklik.config.urls", "otklik.webserver.rsgi_app")
_PACKAGE = Path(__file__).resolve().parent.parent
_COMPILER = _PACKAGE.parent.parent / "tools" / "messages.py"


@app.command("up")
def up(
    home: Annotated[str, typer.Option(help="The home; default: OTKLIK_HOME, else ./var.")] = "",
    http: Annotated[str, typer.Option(help="HOST:PORT of the pages.")] = "localhost:8000",
    smtp: Annotated[str, typer.Option(help="HOST:PORT of the mail intake.")] = "127.0.0.1:2525",
    demo: Annotated[bool, typer.Option("--demo", help="With the demo desk ACCREDO and its post office.")] = False,
) -> None:
    """Run everything: database (embedded unless DATABASE_URL is set), web, worker, mail intake.

    Prints the line "ready" on standard output when all of them answer. SIGTERM or Ctrl-C ends it.
    """
    web, mail = address(http), address(smtp)
    # The first signal asks for a graceful stop, the second for a fast one.
    stop = on_signals(StartingStop())
    with failures_in_one_line():
        _complete_environment(home, web, demo)
        make_home(home_of_environment())
        _compile_translations()
        loading = Loading(_RUNTIME, *_PAGES)
        with database_running(_STOP_SECONDS):
            run = loading.module(_RUNTIME).run
            run(web=_bound(*web), smtp=mail, demo=demo, stop=stop, loaded=loading.loaded)


def _bound(host: str, port: int) -> tuple[str, int]:
    """Return the address to bind; `localhost` must stay in URLs, because passkeys need a name."""
    return ("127.0.0.1" if host == "localhost" else host), port


def _complete_environment(home: str, web: tuple[str, int], demo: bool) -> None:
    if home:
        os.environ["OTKLIK_HOME"] = str(Path(home).absolute())
    os.environ["OTKLIK_HOME"] = str(home_of_environment())
    if not env.text("OTKLIK_PUBLIC_URL"):
        os.environ["OTKLIK_PUBLIC_URL"] = _local_url(*web)
    if demo:
        os.environ["OTKLIK_DEMO"] = "1"


def _local_url(host: str, port: int) -> str:
    """Return the pages' URL on this machine; links in mails need OTKLIK_PUBLIC_URL."""
    name = {"0.0.0.0": "127.0.0.1", "::": "127.0.0.1"}.get(host, host)  # noqa: S104  nothing listens by this
    shown = f"[{name}]" if ":" in name else name
    return f"http://{shown}" if port == 80 else f"http://{shown}:{port}"


def _compile_translations() -> None:
    """In a source checkout, compile translations that are out of date; a wheel contains them."""
    if not _COMPILER.exists():
        return
    texts = _PACKAGE.glob("*/locale/*/LC_MESSAGES/*.po")
    if all(_is_fresh(text.with_suffix(".mo"), text) for text in texts):
        return
    done = subprocess.run(  # noqa: S603
        [sys.executable, str(_COMPILER), "compile"], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        fail(f"the translations could not be compiled: {done.stderr.strip().splitlines()[-1:]}; run: make setup")


def _is_fresh(compiled: Path, text: Path) -> bool:
    return compiled.exists() and compiled.stat().st_mtime >= text.stat().st_mtime
