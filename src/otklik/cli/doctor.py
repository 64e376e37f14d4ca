"""``otklik doctor``: run all checks; one line per check, a remedy per finding."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from otklik.cli.bootstrap import address, after_set_up, database_running, home, in_english, reason, set_up
from otklik.cli.bound_addresses import Address
from otklik.core import env
from otklik.core.embedded_postgres import Embedded, make_home
from otklik.core.embedded_postgres_upgrade import old_directories

app = typer.Typer(add_completion=False)

# Free bytes below which mail intake should stop before the disk is full (RL-11).
LEAST_FREE = 500 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a check: subject, observation, and what to do; `remedy` "" if all is well."""

    what: str
    seen: str
    remedy: str = ""


@app.command("doctor")
def doctor(
    smtp: Annotated[
        str, typer.Option(help="HOST:PORT where the mail intake should answer; else where it was last started.")
    ] = "",
    dns: Annotated[bool, typer.Option("--dns", help="Ask the DNS whether our signing keys are published.")] = False,
) -> None:
    """Check settings, home, database, clock, mail both ways. Exit code 1 and a remedy per finding."""
    findings = list(_examine([address(smtp)] if smtp else [], dns))
    for finding in findings:
        mark = "BAD" if finding.remedy else "ok "
        typer.echo(f"{mark} {finding.what}: {finding.seen}" + (f" -> {finding.remedy}" if finding.remedy else ""))
    if any(finding.remedy for finding in findings):
        raise typer.Exit(1)


def _examine(intake: list[Address], ask_dns: bool) -> Iterator[Finding]:
    yield from _tried("home", _home, "choose another place with OTKLIK_HOME, or free some space")
    settings = list(_tried("settings", _settings, "mend the setting; docs/settings.md lists all of them"))
    yield from settings
    if any(finding.remedy for finding in settings):
        return
    try:
        alone = not env.text("DATABASE_URL") and not Embedded(home()).is_held()
        with database_running(), in_english():
            checks = after_set_up("otklik.cli.doctor_checks")
            for what, check, remedy in checks.CHECKS:
                yield from _tried(what, check, remedy)
            yield from _tried("signing", lambda: checks.signing(ask_dns=ask_dns), "see “Signing” in docs/mail.md")
            yield from _tried("worker", lambda: checks.worker(alone=alone), "otklik migrate, then otklik up")
            yield from _tried("intake", lambda: checks.intake(intake), checks.INTAKE_REMEDY)
    except Exception as error:
        yield Finding("database", reason(error), "see the log in the home, or set DATABASE_URL")


def _tried(what: str, check: Callable[[], Iterator[Finding]], remedy: str) -> Iterator[Finding]:
    """Yield the findings of a check; an exception becomes a finding."""
    try:
        yield from check()
    except Exception as error:
        yield Finding(what, reason(error), remedy)


def _home() -> Iterator[Finding]:
    place = home()
    make_home(place)
    free = shutil.disk_usage(place).free
    scarce = "free some space; mail is no longer taken in when the disk is full" if free < LEAST_FREE else ""
    yield Finding("home", f"{place}, writable, {free // 2**20} MiB free", scarce)
    key = Path(place, "secret_key")
    if key.exists() and key.stat().st_mode & 0o077:
        yield Finding("secret key", f"{key} can be read by others", f"chmod 600 {key}")


def _settings() -> Iterator[Finding]:
    set_up()
    kind = "external, from DATABASE_URL" if env.text("DATABASE_URL") else "embedded"
    yield Finding("settings", f"understood; the database is {kind}")
    for folder in old_directories(Embedded(home()).data):
        yield Finding("old database", f"{folder} is kept from before a move; `otklik database forget` removes it")
