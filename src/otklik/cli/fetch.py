"""``otklik fetch``: fetch mailboxes by IMAP; ``otklik up`` does the same in a process of its own."""

import sys
from typing import Annotated

import typer

from otklik.cli.bootstrap import django_ready, fail
from otklik.cli.output import say
from otklik.cli.services import stop_on_signals
from otklik.cli.startup import own_session, require_current
from otklik.mail.imap.fetch import fetch_once, serve

app = typer.Typer(add_completion=False)


@app.command("fetch")
def fetch(
    once: Annotated[bool, typer.Option("--once", help="Look once into every folder, and end.")] = False,
) -> None:
    """Fetch every mailbox until SIGTERM or Ctrl-C; with --once exit code 1 when one could not be fetched."""
    with django_ready(english=False):
        require_current()
        if not once:
            run_fetch()
            return
        with own_session():
            errors = {account: why for account, why in fetch_once().items() if why}
        for account, why in errors.items():
            sys.stderr.write(f"{account}: {why}\n")
        if errors:
            fail(f"{len(errors)} of the mailboxes could not be fetched")
        say("done")


def run_fetch() -> None:
    """Fetch mailboxes until SIGTERM or SIGINT. A session-level lock keeps others from fetching the same mailbox."""
    with own_session():
        serve(stop_on_signals())
