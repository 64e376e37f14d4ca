"""``otklik files``: the store of attachments."""

from typing import Annotated

import typer
from django.utils import timezone
from rich.console import Console
from rich.progress import track

from otklik.cli.bootstrap import django_ready
from otklik.cli.output import say
from otklik.cli.startup import require_current
from otklik.worker.unused_files import SHELVES, UNUSED_KEPT, sweep

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def files() -> None:
    """Stored files: remove what nothing refers to."""


@app.command("sweep")
def sweep_command(
    only_look: Annotated[bool, typer.Option("--only-look", help="Remove nothing; only count and note.")] = False,
) -> None:
    """Look for files that nothing refers to, and remove those of which that has been so for two weeks.

    The worker does the same by itself, slowly.
    """
    with django_ready():
        require_current()
        at = timezone.now()
        console = Console(stderr=True)
        every = [
            sweep(shelf, at, remove=not only_look) for shelf in track(SHELVES, "files", console=console, transient=True)
        ]
    total, unused, removed = (sum(getattr(swept, name) for swept in every) for name in ("files", "unused", "removed"))
    say(f"{total} files, {unused} of them unused, {removed} removed (after {UNUSED_KEPT.days} days unused)")
