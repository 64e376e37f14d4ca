"""`otklik organization`: customer organisations and their members."""

from typing import Annotated

import typer
from django.utils import timezone

from otklik.cli.bootstrap import django_ready
from otklik.cli.output import as_json, say
from otklik.cli.refusals import CliRefusal
from otklik.core.errors import UnableTo
from otklik.people.actor import system
from otklik.people.commands.organizations import add_organization, change_organization, remove_member, set_member
from otklik.people.commands.persons import ensure_person
from otklik.people.models import Organization

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Organisations.")


@app.callback()
def group() -> None:
    """Organisations."""


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="The organisation's name; a known one is changed.")],
    domain: Annotated[
        list[str] | None, typer.Option(help="Who proves a mail address of this domain belongs to it; repeatable.")
    ] = None,
    open_inside: Annotated[
        bool, typer.Option("--open/--closed", help="Whether members see each other's requests.")
    ] = False,
) -> None:
    """An organisation, new or known."""
    with django_ready():
        known = Organization.objects.filter(name=" ".join(name.split())).first()
        values = {"actor": system("cli"), "at": timezone.now(), "domains": domain or [], "open_inside": open_inside}
        if known is None:
            organization = add_organization(name=name, **values)  # type: ignore[arg-type]  # one set of words for both
        else:
            organization = change_organization(organization=known, name=name, **values)  # type: ignore[arg-type]
        say(f"{organization.name}: {'changed' if known else 'added'}, {organization.members.count()} members")


@app.command("list")
def list_all(json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False) -> None:
    """All organisations."""
    with django_ready():
        rows = [
            {
                "name": organization.name,
                "open": organization.open_inside,
                "domains": organization.domains,
                "members": organization.members.count(),
            }
            for organization in Organization.objects.order_by("name")
        ]
        if json:
            as_json(rows)
            return
        for line in rows:
            rule = "open" if line["open"] else "closed"
            say(f"{line['name']}  {rule}  members={line['members']}  {line['domains'] or ''}")


@app.command("member")
def member(
    name: Annotated[str, typer.Argument(help="The organisation's name.")],
    mail: Annotated[str, typer.Argument(help="The person's mail address.")],
    sees_all: Annotated[bool, typer.Option("--sees-all", help="May see the requests of all members.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Belongs to it no more.")] = False,
) -> None:
    """Make a person a member, or end that."""
    with django_ready():
        organization = Organization.objects.filter(name=" ".join(name.split())).first()
        if organization is None:
            raise UnableTo(CliRefusal.ORGANIZATION_UNKNOWN, name=name)
        at = timezone.now()
        person, _made = ensure_person(address=mail, name="", at=at)
        if remove:
            remove_member(actor=system("cli"), at=at, organization=organization, person=person)
        else:
            set_member(actor=system("cli"), at=at, organization=organization, person=person, sees_all=sees_all)
        say(f"{person.email}: {'removed from' if remove else 'member of'} {organization.name}")
