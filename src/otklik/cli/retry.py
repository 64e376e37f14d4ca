"""``otklik retry``: try again what the worker has given up."""

from typing import Annotated

import typer
from django.db import transaction
from django.utils import timezone

from otklik.cli.bootstrap import django_ready
from otklik.cli.output import as_json, say
from otklik.cli.startup import require_current
from otklik.worker.failed_rows import QUEUES, failed_rows, try_again

app = typer.Typer(add_completion=False)


@app.command()
def retry(
    queues: Annotated[list[str] | None, typer.Argument(help="Queues, as they are listed without this.")] = None,
    json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """List what the worker tried in vain and gave up, by queue; with the names of queues: have it tried again.

    Mend what its log tells first. Replies and mails are tried again on the desk's pages.
    """
    with django_ready():
        require_current()
        done = _tried_again(queues) if queues else failed_rows()
    if json:
        as_json(done)
        return
    for name, count in done.items():
        where = "" if queues or not count else "  " + _remedy(name)
        say(f"{name:<16} {count}{' tried again' if queues else where}")


@transaction.atomic()
def _tried_again(names: list[str]) -> dict[str, int]:
    """Retry all the queues, or none if one is unknown."""
    return {name: try_again(name, timezone.now()) for name in names}


def _remedy(name: str) -> str:
    queue = next(queue for queue in QUEUES if queue.name == name)
    return f"otklik retry {name}" if queue.anew is not None else "see the desk's pages"
