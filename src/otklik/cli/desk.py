"""`otklik desk`: create and list desks."""

from typing import Annotated, Any

import typer
from django.conf import settings
from django.utils import timezone

from otklik.cli.bootstrap import django_ready
from otklik.cli.output import as_json, say
from otklik.cli.refusals import CliRefusal
from otklik.core import env
from otklik.desks.commands.create import UnableToAddDesk, add_desk
from otklik.desks.commands.settings import change_desk
from otklik.desks.models import Desk
from otklik.desks.queries import main_address
from otklik.mail.retention import LEAST_DAYS
from otklik.people.actor import system

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Desks.")

_DAYS = "days, forever, or site (as the site says)"


@app.command("add")
def add(
    key: Annotated[str, typer.Argument(help="2 to 10 Latin letters and digits, for ever, in capitals: ACCREDO")],
    name: Annotated[str, typer.Option(help="What customers read.")],
    address: Annotated[str, typer.Option(help="The desk's mail address.")],
    phone: Annotated[str, typer.Option(help="The desk's phone number.")] = "",
    language: Annotated[str, typer.Option(help="ru or en: the language of statuses and mails.")] = "",
) -> None:
    """A desk that works at once, with request types, statuses and queues."""
    with django_ready():
        desk = add_desk(
            actor=system("cli"),
            at=timezone.now(),
            key=key.strip().upper(),
            name=name,
            address=address,
            phone=phone,
            language=language or settings.LANGUAGE_CODE,
            told=Desk.Told.EVERYBODY,
        )
        is_known = bool(env.text("OTKLIK_PUBLIC_URL"))
        say(f"{desk.key}: {settings.PUBLIC_URL if is_known else ''}/servicedesk/customer/portal/{desk.pk}")
        _say_where(is_known)


@app.command("list")
def list_desks(json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False) -> None:
    """Every desk, one a line: key, address, name."""
    with django_ready():
        desks = [{"key": d.key, "address": main_address(d), "name": d.name} for d in Desk.objects.order_by("key")]
        if json:
            as_json(desks)
            return
        for desk in desks:
            say("\t".join(desk.values()))


@app.command("show")
def show(
    key: Annotated[str, typer.Argument(help="The desk's key.")],
    json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """What a desk is: address, phone, portal, request types, statuses, queues with their ids."""
    with django_ready():
        description = describe(_desk(key))
        as_json(description) if json else _print(description)


@app.command("set")
def set_rules(
    key: Annotated[str, typer.Argument(help="The desk's key.")],
    cc: Annotated[str, typer.Option(help="yes or no: whom a proved sender names in To or Cc joins the request.")] = "",
    keep_originals: Annotated[str, typer.Option(help=f"How long originals of mail are kept: {_DAYS}.")] = "",
    keep_machine_mail: Annotated[str, typer.Option(help=f"The same for mail of robots and spam: {_DAYS}.")] = "",
    keep_sent: Annotated[str, typer.Option(help=f"How long the words of sent mail are kept: {_DAYS}.")] = "",
) -> None:
    """Change how a desk treats mail."""
    if cc not in {"", "yes", "no"}:
        raise typer.BadParameter("--cc is yes or no")
    periods = {"keep_originals": keep_originals, "keep_machine_mail": keep_machine_mail, "keep_sent": keep_sent}
    values: dict[str, Any] = {name: _days(name, period) for name, period in periods.items() if period}
    if cc:
        values["cc_joins"] = cc == "yes"
    if not values:
        raise typer.BadParameter("say what to change: --cc, --keep-originals, --keep-machine-mail, --keep-sent")
    with django_ready():
        desk = _desk(key)
        change_desk(actor=system("cli"), at=timezone.now(), desk=desk, values=values)
        if cc:
            say(f"{desk.key}: people named in To or Cc {'join by themselves' if cc == 'yes' else 'wait for an agent'}")
        for name in periods:
            if name in values:
                say(f"{desk.key}: {name.replace('_', ' ')}: {_said(values[name])}")


def _days(name: str, period: str) -> int | None:
    """Parse a number of days; 0 means forever, None the site's setting. Raises BadParameter."""
    if period == "site":
        return None
    number = 0 if period == "forever" else int(period) if period.isdecimal() else -1
    if number < 0 or 0 < number < LEAST_DAYS:
        raise typer.BadParameter(f"--{name.replace('_', '-')} is {_DAYS}, {LEAST_DAYS} days at least")
    return number


def _said(days: int | None) -> str:
    return "as the site says" if days is None else f"{days} days" if days else "for ever"


def _say_where(is_known: bool) -> None:
    if not is_known:
        say("OTKLIK_PUBLIC_URL is not set: pages are at the address that `otklik up` printed")


def describe(desk: Desk) -> dict[str, Any]:
    """Return what `desk show --json` prints."""
    portal = f"{settings.PUBLIC_URL}/servicedesk/customer/portal/{desk.pk}"
    queues = f"{settings.PUBLIC_URL}/projects/{desk.key}/queues/custom"
    return {
        "id": desk.pk,
        "key": desk.key,
        "name": desk.name,
        "address": main_address(desk),
        "phone": desk.phone,
        "portal": portal,
        "cc_joins": desk.cc_joins,
        "request_types": [
            {"id": t.pk, "name": t.name, "help": t.help, "url": f"{portal}/create/{t.pk}"}
            for t in desk.request_types.order_by("position")
        ],
        "statuses": [{"name": s.name, "category": s.category} for s in desk.statuses.order_by("position")],
        "queues": [{"id": q.pk, "name": q.name, "url": f"{queues}/{q.pk}"} for q in desk.queues.order_by("position")],
        "members": [
            {"address": m.person.email, "name": m.person.name, "role": m.role}
            for m in desk.memberships.select_related("person").order_by("id")
        ],
    }


def _desk(key: str) -> Desk:
    desk = Desk.objects.filter(key=key.upper()).first()
    if desk is None:
        known = ", ".join(Desk.objects.order_by("key").values_list("key", flat=True)) or "none yet"
        raise UnableToAddDesk(CliRefusal.DESK_UNKNOWN_OF, key=key, known=known)
    return desk


def _print(description: dict[str, Any]) -> None:
    _say_where(bool(env.text("OTKLIK_PUBLIC_URL")))
    for name in ("key", "name", "address", "phone", "portal"):
        say(f"{name + ':':10}{description[name]}")
    for name in ("request_types", "statuses", "queues", "members"):
        say(f"{name.replace('_', ' ')}:")
        for entry in description[name]:
            say("  " + "\t".join(str(value) for value in entry.values()))
