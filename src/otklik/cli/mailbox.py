"""`otklik mailbox`: mailboxes on other servers that are fetched by IMAP (docs/mail-imap.md)."""

import getpass
import sys
from datetime import datetime
from typing import Annotated, Any

import typer
from django.db import transaction
from django.utils import timezone

from otklik.cli.bootstrap import django_ready
from otklik.cli.dkim import dkim
from otklik.cli.output import as_json, say
from otklik.cli.refusals import CliRefusal
from otklik.core import env
from otklik.core.errors import UnableTo
from otklik.desks.commands.address import UnableToAddAddress, add_address
from otklik.desks.models import Channel, Desk
from otklik.desks.refusals import DeskRefusal
from otklik.intake.commands.rollback import Counts, UnableToRollBack, roll_back, survey_of
from otklik.mail.commands.imap import (
    Start,
    UnableToChangeMailbox,
    keep_account,
    pause_accounts,
    remove_accounts,
)
from otklik.mail.imap.oauth import PROVIDERS, check_token_url
from otklik.mail.imap.secret import Grant, sealed_grant, sealed_password
from otklik.mail.imap.survey import Survey, left_over, survey
from otklik.mail.imap.url import Place, parse_after, parse_url
from otklik.mail.models import ImapAccount, Mailbox, MailImport
from otklik.people.actor import system
from otklik.people.addresses import canonical

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Mailboxes that are fetched by IMAP.")

app.command("dkim")(dkim)

Address = Annotated[str, typer.Argument(help="Our address that the mail is for.")]


class UnableToLogIn(UnableTo):
    """No password or token was given."""


@app.callback()
def group() -> None:
    """Mailboxes that are fetched by IMAP."""


@app.command("add")
def add(
    address: Address,
    desk: Annotated[str, typer.Option(help="The desk whose requests this mail opens.")],
    imap: Annotated[str, typer.Option(help="imaps://user@host/FOLDER; imap://… means STARTTLS.")],
    password_stdin: Annotated[
        bool,
        typer.Option("--password-stdin", help="Read the password; with --oauth refresh token, then client secret."),
    ] = False,
    oauth: Annotated[str, typer.Option(help="google, microsoft, yandex, mail.ru, or a token URL.")] = "",
    client_id: Annotated[str, typer.Option(help="The OAuth client's id.")] = "",
    after: Annotated[str, typer.Option(help="To a stored mail: leave, seen, move:FOLDER.")] = "leave",
    since: Annotated[str, typer.Option(help="now, all, or a date like 2026-01-31: import older mail unanswered.")] = "",
    tls: Annotated[str, typer.Option(help="required, or none for a server on this machine.")] = "required",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only connect and count.")] = False,
) -> None:
    """Fetch a mailbox from now on; it is connected to at once. A known one is fetched in this new way."""
    with django_ready():
        start = _start(since)
        place = parse_url(imap, tls)
        account = ImapAccount(
            host=place.host,
            port=place.port,
            security=place.security,
            username=place.username or canonical(address),
            folder=place.folder,
            after=parse_after(after),
            auth=ImapAccount.Auth.XOAUTH2 if oauth else ImapAccount.Auth.PASSWORD,
            created_at=timezone.now(),
        )
        owner = _desk(desk)
        _check_address(owner, address)
        account.secret = _secret(place, oauth, client_id, password_stdin)
        surveyed = survey(account, start.since if start else None)
        if not dry_run:
            account, is_new = _keep(owner, address, account, surveyed, start)
            say(f"{canonical(address)}: {'added' if is_new else 'changed'}, fetched from {account}")
        for line in _counts(account.folder, surveyed, start):
            say(line)


@app.command("list")
def list_mailboxes(json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False) -> None:
    """Every fetched folder: address, desk, server, how it goes. Passwords are never shown."""
    with django_ready():
        rows = [describe(a) for a in ImapAccount.objects.select_related("mailbox").order_by("mailbox__address", "pk")]
        if json:
            as_json(rows)
            return
        for mailbox in rows:
            say(f"{mailbox['address']}\t{mailbox['desk']}\t{mailbox['url']}\t{_state(mailbox)}")


@app.command("test")
def test(address: Address) -> None:
    """Connect to the mailbox and say what lies there. Exit code 1 and the reason when that fails."""
    with django_ready():
        for account in _accounts(address):
            surveyed = survey(account)
            say(
                f"{account}: {surveyed.mails} mails, {left_over(account)} not taken yet, encryption: {account.security}"
            )


@app.command("remove")
def remove(address: Address) -> None:
    """Fetch the mailbox no longer. Requests and mails stay, here and there."""
    with django_ready():
        count = remove_accounts(actor=system("cli"), at=timezone.now(), mailbox=_mailbox(address))
        say(f"{canonical(address)}: {count} folder{'s' if count > 1 else ''} no longer fetched")


@app.command("imports")
def imports(address: Address) -> None:
    """Every import of old mail into this mailbox, the newest last, with what of it could be taken back now."""
    with django_ready():
        for run in MailImport.objects.filter(mailbox=_mailbox(address)).order_by("pk"):
            state = f"taken back {run.rolled_back_at:%Y-%m-%d}" if run.rolled_back_at else _sum(survey_of(run))
            say(f"{run.pk}\t{run.started_at:%Y-%m-%d %H:%M}\t{run.source}\t{state}")


@app.command("rollback")
def rollback(
    address: Address,
    number: Annotated[int, typer.Option("--import", help="Which import; else the last one.")] = 0,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take an import of old mail back: the requests and comments it made that nobody has touched since are removed.

    Their numbers stay used, the rows of the mail ledger stay and say so, and no mail is touched in the mailbox.
    """
    with django_ready():
        run = _import(address, number)
        counts = survey_of(run)
        say(f"import {run.pk} of {run.started_at:%Y-%m-%d %H:%M} from {run.source}: {_sum(counts)}")
        if not yes:
            typer.confirm("Take it back?", abort=True)
        done = roll_back(actor=system("cli"), at=timezone.now(), run=run)
        say(f"taken back: {_sum(done)}")
        if done.failed:
            raise UnableToRollBack(CliRefusal.ROLLBACK_INCOMPLETE, failed=done.failed)


@app.command("pause")
def pause(address: Address) -> None:
    """Leave the mailbox alone until `resume`."""
    with django_ready():
        pause_accounts(actor=system("cli"), at=timezone.now(), mailbox=_mailbox(address), paused=True)
        say(f"{canonical(address)}: paused")


@app.command("resume")
def resume(address: Address) -> None:
    """Fetch a paused mailbox again, from where it stands; also: try a failing one again now."""
    with django_ready():
        pause_accounts(actor=system("cli"), at=timezone.now(), mailbox=_mailbox(address), paused=False)
        say(f"{canonical(address)}: fetched again")


def _import(address: str, number: int) -> MailImport:
    runs = MailImport.objects.filter(mailbox=_mailbox(address))
    run = (runs.filter(pk=number) if number else runs.filter(rolled_back_at=None)).order_by("pk").last()
    if run is None:
        raise UnableToRollBack(CliRefusal.IMPORT_UNKNOWN, address=address)
    return run


def _sum(counts: Counts) -> str:
    removed = f"{counts.mails} mails, {counts.tickets} requests and {counts.comments} comments to be removed"
    return f"{removed}, {counts.kept} mails stay where they are, because somebody went on with them"


def describe(account: ImapAccount) -> dict[str, Any]:
    """Return what `mailbox list --json` prints, without secrets."""
    channel = Channel.objects.select_related("desk").filter(mailbox=account.mailbox).first()
    scheme = "imaps" if account.security == ImapAccount.Security.TLS else "imap"
    return {
        "address": account.mailbox.address,
        "desk": channel.desk.key if channel else "-",
        "url": f"{scheme}://{account.username}@{account.host}:{account.port}/{account.folder}",
        "encryption": account.security,
        "login": account.auth,
        "after": account.after,
        "paused": account.paused,
        "offered": account.offered,
        "last_ok_at": account.last_ok_at,
        "failures": account.failures,
        "last_error": account.last_error,
        "last_error_at": account.last_error_at,
        "retry_at": account.retry_at,
    }


def _state(mailbox: dict[str, Any]) -> str:
    if mailbox["paused"]:
        return "paused"
    if mailbox["last_error"]:
        return (
            f"{mailbox['failures']} failures: {mailbox['last_error']}"
            if mailbox["failures"]
            else str(mailbox["last_error"])
        )
    return f"ok, {mailbox['offered']} mails taken" if mailbox["last_ok_at"] else "not fetched yet"


def _keep(
    desk: Desk, address: str, account: ImapAccount, surveyed: Survey, start: Start | None
) -> tuple[ImapAccount, bool]:
    actor, now = system("cli"), timezone.now()
    with transaction.atomic():
        account.mailbox = add_address(actor=actor, at=now, desk=desk, address=address)
        return keep_account(actor=actor, at=now, account=account, survey=surveyed, start=start)


def _counts(folder: str, surveyed: Survey, start: Start | None) -> list[str]:
    lines = [f"in {folder}: {surveyed.mails} mails"]
    if start is not None and start.old:
        return [*lines, f"to be taken: {surveyed.old} of them, without answering, and all new mail"]
    return [*lines, "to be taken: new mail only"]


def _start(since: str) -> Start | None:
    if not since:
        return None
    if since in {"now", "all"}:
        return Start(old=since == "all")
    try:
        day = datetime.strptime(since, "%Y-%m-%d")  # noqa: DTZ007  made aware in the next line
    except ValueError:
        raise typer.BadParameter(f"{since!r} is neither now nor all nor a date like 2026-01-31") from None
    return Start(old=True, since=timezone.make_aware(day))


def _secret(place: Place, oauth: str, client_id: str, from_stdin: bool) -> str:
    if oauth:
        return sealed_grant(_grant(oauth, client_id))
    password = _line() if from_stdin else place.password or env.text("OTKLIK_IMAP_PASSWORD") or _asked()
    if not password:
        raise UnableToLogIn(CliRefusal.PASSWORD_EMPTY)
    return sealed_password(password)


def _grant(oauth: str, client_id: str) -> Grant:
    known = PROVIDERS.get(oauth)
    if known is None and "://" not in oauth:
        raise UnableToLogIn(CliRefusal.TOKEN_SERVICE_UNKNOWN, oauth=oauth, known=", ".join(PROVIDERS))
    if not client_id:
        raise UnableToLogIn(CliRefusal.OAUTH_INCOMPLETE)
    refresh_token, client_secret = _line(), _line()
    if not refresh_token:
        raise UnableToLogIn(CliRefusal.REFRESH_TOKEN_MISSING)
    return Grant(
        token_url=known.token_url if known else check_token_url(oauth),
        client_id=client_id,
        client_secret=client_secret,
        refresh_token=refresh_token,
        scope=known.scope if known else "",
    )


def _line() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def _asked() -> str:
    if not sys.stdin.isatty():
        raise UnableToLogIn(CliRefusal.PASSWORD_MISSING)
    return getpass.getpass("Password: ")


def _desk(key: str) -> Desk:
    desk = Desk.objects.filter(key=key.upper()).first()
    if desk is None:
        raise UnableToAddAddress(CliRefusal.DESK_UNKNOWN, key=key)
    return desk


def _check_address(desk: Desk, address: str) -> None:
    """Refuse an address of another desk, before a password is asked for."""
    channel = Channel.objects.select_related("desk").filter(mailbox__address=canonical(address)).first()
    if channel is not None and channel.desk_id != desk.pk:
        raise UnableToAddAddress(DeskRefusal.ADDRESS_TAKEN, email=canonical(address), desk=channel.desk.key)


def _mailbox(address: str) -> Mailbox:
    mailbox = Mailbox.objects.filter(address=canonical(address)).first()
    if mailbox is None:
        raise UnableToChangeMailbox(CliRefusal.MAILBOX_UNKNOWN, address=address)
    return mailbox


def _accounts(address: str) -> list[ImapAccount]:
    accounts = list(ImapAccount.objects.filter(mailbox=_mailbox(address)).select_related("mailbox"))
    if not accounts:
        raise UnableToChangeMailbox(CliRefusal.MAILBOX_NOT_FETCHED, address=address)
    return accounts
