"""`otklik mail`: hand a mail in, see what is understood of it, the ledger in numbers.

Loaded without Django, so that `parse` needs neither settings nor database.
"""

import json as codec
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from otklik.cli.bootstrap import after_set_up, checked_database, django_ready, fail, reason
from otklik.cli.output import as_json, say
from otklik.core.log_formatter import escaped
from otklik.mail.parse import parse as parse_mail
from otklik.mail.parse.parsed_json import as_dict, parse_directory

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Mail: deliver, parse, the ledger in numbers.")

# Exit codes for mail servers (sysexits.h): return the mail to its sender, or try again later.
EX_NOUSER, EX_TEMPFAIL = 67, 75

File = Annotated[str, typer.Argument(help="The mail, or - for standard input.")]


@app.command("deliver")
def deliver(
    file: File = "-",
    to: Annotated[str, typer.Option(help="For whom the mail server took it; else its headers say it.")] = "",
) -> None:
    """Take one mail, as a mail server's pipe does.

    Exit code 0: stored; 75: try again later; 67: the address given with --to is none of ours.
    """
    try:
        raw = _read(file)
        store = after_set_up("otklik.cli.mail_store")
        with checked_database():
            taken = store.take(raw, to)
    except typer.Exit:
        raise
    except Exception as error:
        _end(f"not stored: {reason(error)}", EX_TEMPFAIL)
    if not taken:
        _end(f"there is no mailbox for {to}" if to else "there is no mailbox yet", EX_NOUSER if to else EX_TEMPFAIL)


@app.command("parse")
def parse(
    file: Annotated[str, typer.Argument(help="The mail, or - for standard input.")] = "-",
    batch: Annotated[Path | None, typer.Option(help="Every file of a folder, one JSON object a line.")] = None,
) -> None:
    """What the intake understands of a mail, as JSON. Stores nothing, asks no database."""
    if batch is None:
        as_json(as_dict(parse_mail(_read(file))))
        return
    if not batch.is_dir():
        fail(f"{batch} is not a folder")
    for parsed in parse_directory(batch):
        say(codec.dumps(parsed, ensure_ascii=False))


@app.command("status")
def status(
    json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
    metrics: Annotated[bool, typer.Option("--metrics", help="What /metrics says, for Prometheus.")] = False,
) -> None:
    """The ledger in numbers: what was offered and became of it, what waits to be sent."""
    with django_ready():
        store = after_set_up("otklik.cli.mail_store")
        numbers: dict[str, Any] = store.numbers()
        if json:
            as_json(numbers)
            return
        if metrics:
            say(store.metrics())
            return
        for name, value in numbers.items():
            say(f"{name.replace('_', ' '):<16} {'-' if value is None else value}")


@app.command("clear")
def clear(
    addresses: Annotated[list[str] | None, typer.Argument(help="Addresses to which mail is sent again.")] = None,
    wrongly_stopped: Annotated[
        bool, typer.Option("--wrongly-stopped", help="All that were stopped for a refusal that was about this site.")
    ] = False,
) -> None:
    """Send mail to addresses again that were stopped; what waits for that since less than five days goes.

    Exit code 1 when an address was not stopped.
    """
    if not addresses and not wrongly_stopped:
        fail("name addresses, or --wrongly-stopped")
    with django_ready():
        store = after_set_up("otklik.cli.mail_store")
        known = True
        for address in [*(addresses or ()), *(store.wrongly_stopped() if wrongly_stopped else ())]:
            is_cleared = store.clear(address)
            known = known and is_cleared
            say(f"{address}: {'mail is sent there again' if is_cleared else 'was not stopped'}")
    if not known:
        raise typer.Exit(1)


@app.command("restored")
def restored(
    send: Annotated[bool, typer.Option("--send", help="Send them now.")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="Never send them.")] = False,
) -> None:
    """Mails that waited to be sent when a backup was made, held since it was restored: they may have gone meanwhile."""
    if send and drop:
        raise typer.BadParameter("--send or --drop, not both")
    with django_ready():
        store = after_set_up("otklik.cli.mail_store")
        if send or drop:
            say(f"{store.end_hold(send=send)} mails {'go now' if send else 'are dropped'}")
            return
        for line in store.held_back():
            say(line)


def _read(file: str) -> bytes:
    return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()


def _end(text: str, code: int) -> None:
    sys.stderr.write(f"otklik: {escaped(' '.join(text.split()))}\n")
    raise typer.Exit(code)
