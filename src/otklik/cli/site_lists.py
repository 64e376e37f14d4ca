"""`otklik resolution` and `otklik issue-type`: the lists that all desks share."""

from typing import Annotated, Any

import typer
from django.utils import timezone

from otklik.cli.bootstrap import django_ready
from otklik.cli.output import as_json, say
from otklik.cli.refusals import CliRefusal
from otklik.core.errors import UnableTo
from otklik.desks.commands.site_lists import add_entry, change_entry, put_first
from otklik.desks.models import IssueType, Resolution
from otklik.people.actor import system

_NAME = typer.Argument(help="Its name, in the site's language.")
_RU, _EN = typer.Option(help="What it is called in Russian."), typer.Option(help="What it is called in English.")


def _app(table: Any, what: str, first: str) -> typer.Typer:
    app = typer.Typer(add_completion=False, no_args_is_help=True, help=f"{what}: {first}")

    def named(name: str) -> Any:
        entry = table.objects.filter(name__iexact=" ".join(name.split())).first()
        if entry is None:
            raise UnableTo(CliRefusal.ENTRY_UNKNOWN, name=name)
        return entry

    def doing() -> dict[str, Any]:
        return {"actor": system("cli"), "at": timezone.now()}

    @app.command("list")
    def list_all(json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False) -> None:
        """All entries in order."""
        with django_ready():
            rows = [
                {
                    "id": entry.pk,
                    "name": entry.name,
                    "names": {code: texts["name"] for code, texts in entry.texts.items()},
                    "archived": entry.archived,
                }
                for entry in table.objects.order_by("position", "id")
            ]
            if json:
                as_json(rows)
                return
            for line in rows:
                say(f"{line['name']}  {line['names'] or ''}{'  out of use' if line['archived'] else ''}")

    @app.command("add")
    def add(name: Annotated[str, _NAME], ru: Annotated[str, _RU] = "", en: Annotated[str, _EN] = "") -> None:
        """A further entry, the last."""
        with django_ready():
            entry = add_entry(**doing(), table=table, name=name, names={"ru": ru, "en": en})
            say(f"{entry.name}: added")

    @app.command("change")
    def change(
        name: Annotated[str, _NAME],
        to: Annotated[str | None, typer.Option(help="A new name.")] = None,
        ru: Annotated[str, _RU] = "",
        en: Annotated[str, _EN] = "",
        in_use: Annotated[bool | None, typer.Option("--use/--archive", help="Whether it may be chosen.")] = None,
    ) -> None:
        """Another name, out of use or in use again."""
        with django_ready():
            archived = None if in_use is None else not in_use
            names = {code: wanted for code, wanted in (("ru", ru), ("en", en)) if wanted} or None
            entry = change_entry(**doing(), entry=named(name), name=to, names=names, archived=archived)
            say(f"{entry.name}: changed{', out of use' if entry.archived else ''}")

    @app.command("first")
    def make_first(name: Annotated[str, _NAME]) -> None:
        """Put an entry before the others: it is taken where nobody chose."""
        with django_ready():
            entry = named(name)
            put_first(**doing(), entry=entry)
            say(f"{entry.name}: the first")

    return app


resolutions = _app(Resolution, "Resolutions", "how requests ended.")
issue_types = _app(IssueType, "Issue types", "what filters and scripts call the kinds of work.")
