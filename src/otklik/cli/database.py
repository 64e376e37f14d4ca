"""``otklik database``: the files of the embedded PostgreSQL."""

import shutil
from typing import Annotated

import typer

from otklik.cli.bootstrap import fail, home
from otklik.cli.output import say
from otklik.core import env
from otklik.core.embedded_postgres import MAJOR, Embedded
from otklik.core.embedded_postgres_upgrade import old_directories, size_of

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def database() -> None:
    """The embedded database: what is kept, and forgetting what a move left."""


@app.command()
def show() -> None:
    """Say which PostgreSQL holds the data, and which older files are kept. Starts nothing."""
    if env.text("DATABASE_URL"):
        say("external, from DATABASE_URL")
        return
    data = Embedded(home()).data
    made_by = (data / "PG_VERSION").read_text(encoding="utf-8").strip() if data.exists() else ""
    size = f"{size_of(data) / 1e6:.1f} MB" if made_by else ""
    say(f"{data}: PostgreSQL {made_by}, {size}" if made_by else f"{data}: not made yet; this Otklik brings {MAJOR}")
    for folder in old_directories(data):
        say(f"{folder}: kept from before the move, {size_of(folder) / 1e6:.1f} MB")


@app.command()
def forget(yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Remove the files that a move from an older PostgreSQL left. There is no way back but a backup."""
    server = Embedded(home())
    folders = [] if env.text("DATABASE_URL") else old_directories(server.data)
    if not folders:
        say("There is nothing to forget.")
        return
    if not server.data.exists():
        fail(f"{server.data} is missing: these files may be all there is; start Otklik first")
    for folder in folders:
        say(f"{folder}: {size_of(folder) / 1e6:.1f} MB")
    if not yes:
        typer.confirm("Remove them for good?", abort=True)
    for folder in folders:
        shutil.rmtree(folder)
    say("Removed.")
