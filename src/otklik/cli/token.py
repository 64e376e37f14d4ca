"""`otklik token`: create, list and revoke API tokens."""

from datetime import timedelta
from typing import Annotated

import typer
from django.utils import timezone

from otklik.cli.bootstrap import django_ready
from otklik.cli.output import say
from otklik.cli.refusals import CliRefusal
from otklik.core.errors import UnableTo
from otklik.people.actor import system
from otklik.people.commands.api_tokens import ALL, add_token, revoke_token
from otklik.people.login_names import person_named
from otklik.people.models import ApiToken, Person

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Keys of scripts.")


@app.callback()
def group() -> None:
    """Keys of scripts."""


@app.command("add")
def add(
    mail: Annotated[str, typer.Argument(help="Whose key it is: a script may do what this person may.")],
    name: Annotated[str, typer.Option(help="What it is for.")],
    days: Annotated[int, typer.Option(min=1, max=3650, help="How long it works.")] = 90,
    scope: Annotated[
        list[str] | None, typer.Option(help="What it may do: read, write, admin; repeatable. Default: everything.")
    ] = None,
    rate: Annotated[int | None, typer.Option(help="Uses in a minute at most.")] = None,
) -> None:
    """Print a new token, once: only its hash is kept."""
    with django_ready():
        _row, secret = add_token(
            actor=system("cli"),
            at=timezone.now(),
            person=_known(mail),
            name=name,
            lifetime=timedelta(days=days),
            scopes=scope or ALL,
            rate=rate,
        )
        say(secret)


@app.command("list")
def show(mail: Annotated[str, typer.Argument(help="Whose keys.")]) -> None:
    """The person's tokens: number, beginning, name, what it may do, until when, last use."""
    with django_ready():
        for token in ApiToken.objects.filter(person=_known(mail)).order_by("id"):
            may = ",".join(token.scopes) + (f" {token.rate}/min" if token.rate else "")
            used = f"used {token.last_used_at:%Y-%m-%d}" if token.last_used_at else "never used"
            say(f"{token.pk}  {token.prefix}…  {token.name}  {may}  until {token.expires_at:%Y-%m-%d}  {used}")


@app.command("revoke")
def revoke(number: Annotated[int, typer.Argument(help="Its number, as `otklik token list` shows it.")]) -> None:
    """The token opens nothing any more."""
    with django_ready():
        token = ApiToken.objects.filter(pk=number).select_related("person").first()
        if token is None:
            raise UnableTo(CliRefusal.TOKEN_UNKNOWN, number=number)
        revoke_token(actor=system("cli"), at=timezone.now(), token=token)
        say(f"{token.prefix}…: revoked")


def _known(mail: str) -> Person:
    person = person_named(mail)
    if person is None:
        raise UnableTo(CliRefusal.TOKEN_OWNER_UNKNOWN, mail=mail)
    return person
