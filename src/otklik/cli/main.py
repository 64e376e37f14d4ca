"""The command ``otklik``. Each group of commands is a module that is loaded when it is called, and not before."""

import gc
import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from otklik import __version__
from otklik.cli.bootstrap import failures_in_one_line, set_up
from otklik.core.text_cleaning import entered

# Imports create 150,000 permanent objects; with Python's default the collector would run 200 times.
_COLLECT = (20_000, 20, 50)
# Parameters of type str that are file names, because "-" means standard input.
_PATHS = {"file"}


@dataclass(frozen=True, slots=True)
class Part:
    """A subcommand: its word, the place of its Typer app, and its help line.

    ``bare`` modules are imported without Django; others after it was set up, so that they may import models.
    """

    word: str
    place: str
    help: str
    bare: bool = False


PARTS = (
    Part("up", "otklik.cli.up:app", "Everything in one: database, web, worker, mail intake.", bare=True),
    Part("web", "otklik.cli.services:web", "The pages only, for a cluster."),
    Part("worker", "otklik.cli.services:worker", "The background work only."),
    Part("intake", "otklik.cli.services:intake", "The mail intake only."),
    Part("fetch", "otklik.cli.fetch:app", "The fetching of mailboxes only."),
    Part("migrate", "otklik.cli.services:migrate", "Bring the database to this version, and nothing else."),
    Part("doctor", "otklik.cli.doctor:app", "Check settings, database, mail, disk, clock.", bare=True),
    Part("desk", "otklik.cli.desk:app", "Desks: add, list, show."),
    Part("person", "otklik.cli.person:app", "People: add, invite, erase."),
    Part("token", "otklik.cli.token:app", "Keys of scripts: add, list, revoke."),
    Part("organization", "otklik.cli.organization:app", "Organisations: add, list, member."),
    Part("mail", "otklik.cli.mail:app", "Mail: deliver, parse, the ledger in numbers.", bare=True),
    Part("mailbox", "otklik.cli.mailbox:app", "Mailboxes fetched by IMAP: add, list, test, pause, remove."),
    Part("ticket", "otklik.cli.ticket:app", "Tickets for scripts: list, show, alias."),
    Part("resolution", "otklik.cli.site_lists:resolutions", "How requests end: list, add, change, first."),
    Part("issue-type", "otklik.cli.site_lists:issue_types", "Kinds of work: list, add, change, first."),
    Part("retry", "otklik.cli.retry:app", "What the worker gave up: list it, have it tried again."),
    Part("files", "otklik.cli.files:app", "Stored files: remove what nothing refers to."),
    Part("database", "otklik.cli.database:app", "The embedded database's files: show, forget old ones.", bare=True),
    Part("backup", "otklik.cli.backup:backup", "Write everything into one archive."),
    Part("restore", "otklik.cli.backup:restore", "Put a backup into an empty home."),
    Part("bench", "otklik.cli.bench.app:app", "Load and measure on this machine."),
)


class Later(TyperCommand):
    """A subcommand that is imported when it is called, so that ``otklik --help`` imports none."""

    def __init__(self, part: Part) -> None:
        super().__init__(part.word, help=part.help)
        self.part = part

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Return the context of the real command."""
        return _load(self.part).make_context(info_name, args, parent=parent, **extra)


class Otklik(TyperGroup):
    """The root command, with the subcommands of PARTS."""

    def __init__(self) -> None:
        super().__init__(
            name="otklik",
            help="Otklik, a service desk: every mail, form and call becomes a numbered request that nobody loses.",
            commands={part.word: Later(part) for part in PARTS},
            no_args_is_help=True,
        )


def _load(part: Part) -> Any:
    if not part.bare:
        set_up()
    module, _, name = part.place.partition(":")
    return with_clean_words(get_command(getattr(importlib.import_module(module), name)))


def with_clean_words(command: Any) -> Any:
    """Return the command with its text arguments normalized (core.text_cleaning), except paths."""
    for subcommand in (command, *getattr(command, "commands", {}).values()):
        if subcommand.callback is not None:
            subcommand.callback = _cleaning(subcommand.callback)
    return command


def _cleaning(callback: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(callback)
    def cleaned(**options: Any) -> Any:
        return callback(**{name: value if name in _PATHS else _clean(value) for name, value in options.items()})

    return cleaned


def _clean(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return type(value)(map(_clean, value))
    return entered(value) if type(value) is str else value


def main() -> None:
    """Run the command line. Exit codes: 0 success, 1 failure with one line on stderr, 2 usage error."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"otklik {__version__}\n")
        return
    gc.set_threshold(*_COLLECT)
    try:
        with failures_in_one_line():
            Otklik().main(prog_name="otklik")
    except typer.Exit as end:
        # Raised outside of Typer, when a subcommand cannot be imported.
        sys.exit(end.exit_code)


if __name__ == "__main__":
    main()
