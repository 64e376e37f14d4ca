"""`otklik bench`: load and measure, on the user's own machine."""

from pathlib import Path
from typing import Annotated

import typer

from otklik.cli.bench.bulk import measure_bulk
from otklik.cli.bench.comparison import Rows, compared, load, save
from otklik.cli.bench.mails import measure_mail
from otklik.cli.bench.pages import measure_pages
from otklik.cli.bench.seed import seed_tickets
from otklik.cli.bootstrap import django_ready, failures_in_one_line
from otklik.cli.output import as_json, say, say_table

app = typer.Typer(add_completion=False, no_args_is_help=True, help="A deterministic load and the published benchmark.")


@app.command("seed")
def seed(tickets: Annotated[int, typer.Option(help="How many tickets the desk BENCH shall have.", min=1)]) -> None:
    """Fill the desk BENCH with tickets by COPY: three messages each, 2,000 customers, one in ten open."""
    with django_ready():
        say(f"BENCH has {seed_tickets(tickets)} tickets")


@app.command("run")
def run(
    only: Annotated[str, typer.Option(help="pages, bulk or mail; all when left out.")] = "",
    mails: Annotated[int, typer.Option(help="How many mails to send.", min=10)] = 1000,
    eml: Annotated[Path | None, typer.Option(help="A folder of .eml files to send in place of our own mails.")] = None,
    requests: Annotated[int, typer.Option(help="How often each page is asked for.", min=10)] = 200,
    clients: Annotated[int, typer.Option(help="How many ask at once.", min=1, max=64)] = 1,
    rounds: Annotated[
        int, typer.Option(help="Measure the pages so often; of each the round on the fastest machine counts.", min=1)
    ] = 1,
    page: Annotated[str, typer.Option(help="Only pages with this in their name.")] = "",
    keep: Annotated[Path | None, typer.Option("--save", help="Write the pages' figures to this file.")] = None,
    against: Annotated[Path | None, typer.Option(help="Compare with figures written by --save.")] = None,
    json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Measure pages and acts on 200 requests of the seeded desk, and mail in a throw-away home.

    Talks to 127.0.0.1 only.
    """
    if only not in {"", "pages", "bulk", "mail"}:
        raise typer.BadParameter("pages, bulk or mail", param_hint="--only")
    pages, acts, searches = Rows(), Rows(), Rows()
    with django_ready():
        before = load(against) if against else Rows()
        if only in {"", "pages"}:
            pages = measure_pages(requests, clients, page, rounds)
        if only in {"", "bulk"}:
            acts.extend(measure_bulk())
    if keep:
        save(pages, keep)
    if only in {"", "mail"}:
        searches.append(measure_mail(mails, eml))
    with failures_in_one_line():
        differences = compared(pages, before) if against else Rows()
    if json:
        as_json([*pages, *acts, *searches, *differences])
        return
    for rows in (pages, acts, searches, differences):
        say_table(rows)
