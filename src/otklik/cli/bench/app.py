"""`otklik bench`: load and measure, on the user's own machine."""

from pathlib import Path
from typing import Annotated

import typer

from otklik.cli.base import django_ready
from otklik.cli.bench.mails import measure_mail
from otklik.cli.bench.pages import measure_pages
from otklik.cli.bench.seed import seed_tickets
from otklik.cli.output import as_json, say

app = typer.Typer(no_args_is_help=True, help="A deterministic load and the published benchmark.")


@app.command("seed")
def seed(tickets: Annotated[int, typer.Option(help="How many tickets the desk BENCH shall have.", min=1)]) -> None:
    """Fill the desk BENCH with tickets by COPY: three messages each, 2,000 customers, one in ten open."""
    with django_ready():
        say(f"BENCH has {seed_tickets(tickets)} tickets")


@app.command("run")
def run(
    only: Annotated[str, typer.Option(help="pages or mail; both when left out.")] = "",
    mails: Annotated[int, typer.Option(help="How many mails to send.", min=10)] = 1000,
    eml: Annotated[Path | None, typer.Option(help="A folder of .eml files to send in place of our own mails.")] = None,
    requests: Annotated[int, typer.Option(help="How often each page is asked for.", min=10)] = 200,
    json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Measure pages on the seeded desk, and mail in a throw-away home. Talks to 127.0.0.1 only."""
    if only not in {"", "pages", "mail"}:
        raise typer.BadParameter("pages or mail", param_hint="--only")
    found: list[dict[str, object]] = []
    if only != "mail":
        with django_ready():
            found += measure_pages(requests)
    if only != "pages":
        found.append(measure_mail(mails, eml))
    if json:
        as_json(found)
        return
    for row in found:
        say("  ".join(f"{name}={value}" for name, value in row.items()))
