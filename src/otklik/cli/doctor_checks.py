"""The checks of ``otklik doctor`` that need Django and the database."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import requests
from django.conf import settings
from django.core import checks as django_checks
from django.db import connection
from django.utils import timezone

from otklik.cli import dkim
from otklik.cli.doctor import Finding
from otklik.cli.doctor_mail import outgoing, refused, wrongly_stopped
from otklik.cli.prepare import pending_migrations
from otklik.cli.probes import smtp_greets
from otklik.mail.models import ImapAccount
from otklik.mail.queries import unreachable_mailboxes
from otklik.worker.given_up import given_up
from otklik.worker.heartbeat import last_beat
from otklik.worker.run import SHARES

INTAKE_REMEDY = "start it: otklik up, or otklik intake"
_OLDEST = 140000
_CLOCK = timedelta(seconds=5)
_SILENT = timedelta(minutes=1)
_LATE = timedelta(minutes=15)


def _database() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int, current_setting('server_version')")
        number, name = cursor.fetchone()
        names = ("fsync", "synchronous_commit", "full_page_writes")
        cursor.execute("SELECT current_setting(name) FROM unnest(%s::text[]) AS name", [list(names)])
        fsync, commit, pages = (row[0] for row in cursor.fetchall())
    yield Finding("database", f"PostgreSQL {name}", "" if number >= _OLDEST else "upgrade it to 14 or newer")
    lossy = fsync != "on" or commit == "off" or pages != "on"
    remedy = (
        f"set {', '.join(f'{name}=on' for name in names)}: accepted mail may be lost in a power cut" if lossy else ""
    )
    yield Finding("durability", f"fsync {fsync}, synchronous_commit {commit}, full_page_writes {pages}", remedy)


def _migrations() -> Iterator[Finding]:
    missing = pending_migrations()
    seen = f"{len(missing)} missing" if missing else "all applied"
    yield Finding("migrations", seen, "otklik migrate" if missing else "")


def _clock() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (theirs,) = cursor.fetchone()
    apart = abs(timezone.now() - theirs)
    remedy = "let both machines keep time by NTP" if apart > _CLOCK else ""
    yield Finding("clock", f"{apart.total_seconds():.1f} s from the database's", remedy)


def _deployment() -> Iterator[Finding]:
    found = django_checks.run_checks(include_deployment_checks=True)
    serious = [message for message in found if message.level >= django_checks.WARNING and not message.is_silenced()]
    for message in serious:
        yield Finding("deployment", f"{message.id}: {' '.join(message.msg.split())}", message.hint or "see its number")
    if not serious:
        yield Finding("deployment", "Django's own checks pass")
    if settings.PUBLIC_URL.startswith("http://"):
        yield Finding("public address", f"{settings.PUBLIC_URL} (plain http: for one machine or a closed network)")
    else:
        yield Finding("public address", settings.PUBLIC_URL)


def _single_sign_on() -> Iterator[Finding]:
    if not settings.OIDC_ISSUER:
        return
    address = f"{settings.OIDC_ISSUER}/.well-known/openid-configuration"
    answer = requests.get(address, timeout=5)
    answer.raise_for_status()
    said = answer.json()
    missing = [name for name in ("authorization_endpoint", "token_endpoint", "jwks_uri") if not said.get(name)]
    other = said.get("issuer", "").rstrip("/") != settings.OIDC_ISSUER
    remedy = f"OTKLIK_OIDC_ISSUER must be {said.get('issuer')}, as the provider calls itself" if other else ""
    yield Finding("single sign-on", f"{settings.OIDC_ISSUER} answers", remedy or ", ".join(missing))


def signing(*, ask_dns: bool) -> Iterator[Finding]:
    """The keys that sign our mail; with `ask_dns` whether they are published."""
    yield from dkim.findings(ask=ask_dns)


def _worker() -> Iterator[Finding]:
    beat = last_beat(SHARES)
    silent = beat is None or abs(timezone.now() - beat) > _SILENT
    seen = "never seen" if beat is None else f"last sign of life {beat:%Y-%m-%d %H:%M:%S} UTC"
    yield Finding("worker", seen, "start it: otklik up, or otklik worker" if silent else "")


def _given_up() -> Iterator[Finding]:
    """What the worker does for a person and tried in vain."""
    found = given_up()
    seen = (
        f"{found.replies} replies, {found.reminders} reminders, reactions to {found.events} events, "
        f"{found.digests} people's daily mails, {found.exports} people's data exports"
    )
    yield Finding("gave up", seen, "the worker's log says why" if found else "")


def _mailboxes() -> Iterator[Finding]:
    late = {account.pk for account in unreachable_mailboxes(timezone.now() - _LATE)}
    for account in ImapAccount.objects.filter(paused=False).order_by("pk"):
        looked = (
            f"last looked at {account.last_ok_at:%Y-%m-%d %H:%M:%S} UTC" if account.last_ok_at else "not looked at yet"
        )
        seen = account.last_error or looked
        remedy = (
            "otklik mailbox test, then otklik fetch (or otklik up)" if account.failures or account.pk in late else ""
        )
        yield Finding("mailbox", f"{account}: {seen}", remedy)


def intake(places: list[tuple[str, int]]) -> Iterator[Finding]:
    """Does the mail intake greet, wherever it should listen?"""
    for host, port in places:
        answers = smtp_greets(host, port)
        seen = f"{host}:{port} {'greets' if answers else 'is silent'}"
        yield Finding("intake", seen, "" if answers else INTAKE_REMEDY)


CHECKS: tuple[tuple[str, Callable[[], Iterator[Finding]], str], ...] = (
    ("database", _database, "is DATABASE_URL right, and may its user connect?"),
    ("migrations", _migrations, "otklik migrate"),
    ("clock", _clock, "let both machines keep time by NTP"),
    ("deployment", _deployment, "see docs/settings.md"),
    ("outgoing mail", outgoing, "is OTKLIK_OUTGOING right, and may this machine connect there?"),
    ("refused mail", refused, "otklik migrate"),
    ("stopped addresses", wrongly_stopped, "otklik migrate"),
    ("mailbox", _mailboxes, "otklik mailbox list"),
    ("single sign-on", _single_sign_on, "is OTKLIK_OIDC_ISSUER right, and may this machine connect there?"),
    ("worker", _worker, "otklik migrate, then otklik up"),
    ("gave up", _given_up, "otklik migrate, then otklik up"),
)
