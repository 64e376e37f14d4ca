"""The checks of ``otklik doctor`` that need Django and the database."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.core import checks as django_checks
from django.db import connection
from django.utils import timezone

from otklik.cli import dkim
from otklik.cli.bound_addresses import Address, noted_places
from otklik.cli.doctor import Finding
from otklik.cli.doctor_mail import outgoing, real_desks, refused, wrongly_stopped
from otklik.cli.probes import smtp_greets
from otklik.cli.startup import pending_migrations
from otklik.cli.web_processes import web_processes
from otklik.core.database import DIRECT, direct_url
from otklik.core.direct_connection import direct, shares_sessions
from otklik.core.prepared_cursor import keeps_prepared
from otklik.mail.commands.restored import held
from otklik.mail.models import ImapAccount, InboundMail
from otklik.mail.queries import unreachable_mailboxes
from otklik.worker.failed_rows import QUEUES, failed_rows
from otklik.worker.heartbeat import last_beat
from otklik.worker.run import SHARES

INTAKE_REMEDY = "start it: otklik up, or otklik intake"
WORKER_REMEDY = "start it: otklik up, or otklik worker"
_AUTHSERV = re.compile(rb"^Authentication-Results:\s*([A-Za-z0-9._-]+)\s*[;\s]", re.IGNORECASE | re.MULTILINE)
_LATEST, _HEADER = 50, 16_384
_OLDEST = 140000
_CLOCK = timedelta(seconds=5)
_SILENT = timedelta(minutes=1)
_LATE = timedelta(minutes=15)
# Connections of worker, mail intake, `otklik up` and some commands.
_OTHER_CONNECTIONS = 16


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


def _pooler() -> Iterator[Finding]:
    """Yield findings only if there is a pooler."""
    if shares_sessions():
        told = direct_url()
        seen = "a pooler in transaction mode" + (f", and past it by {DIRECT}" if told else "")
        remedy = "" if told else f"name the server's own address in {DIRECT}: migrations, wake-ups and fetching need it"
        yield Finding("pooler", seen, remedy)
    if not keeps_prepared():
        yield Finding("prepared statements", "not kept by the pooler: each page plans its own", "")
    with direct():
        if direct_url() and shares_sessions():
            yield Finding("pooler", f"{DIRECT} leads through a pooler, too", "name the server's own address")


def _web() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int"
        )
        (free,) = cursor.fetchone()
    web = web_processes()
    needed = web.connections + _OTHER_CONNECTIONS
    yield Finding(
        "web processes",
        f"{web.number}, one for each core; {web.threads} pages at once in each, up to {web.most_threads} while some are"
        f" slow; at most {needed} of the database's {free} connections",
        f"set max_connections of PostgreSQL to at least {needed + 10}" if needed > free and not direct_url() else "",
    )


def _clock() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (theirs,) = cursor.fetchone()
    apart = abs(timezone.now() - theirs)
    remedy = "let both machines keep time by NTP" if apart > _CLOCK else ""
    yield Finding("clock", f"{apart.total_seconds():.1f} s from the database's", remedy)


def _deployment() -> Iterator[Finding]:
    messages = django_checks.run_checks(include_deployment_checks=True)
    serious = [message for message in messages if message.level >= django_checks.WARNING and not message.is_silenced()]
    for message in serious:
        yield Finding("deployment", f"{message.id}: {' '.join(message.msg.split())}", message.hint or "see its number")
    if not serious:
        yield Finding("deployment", "Django's own checks pass")


def _public_address() -> Iterator[Finding]:
    """Check that PUBLIC_URL, to which links in mails lead, is not this machine if a real desk sends mail."""
    plain = " (plain http: for one machine or a closed network)" if settings.PUBLIC_URL.startswith("http://") else ""
    desks = real_desks() if settings.OUTGOING and _is_this_machine(urlsplit(settings.PUBLIC_URL).hostname or "") else []
    remedy = f"set OTKLIK_PUBLIC_URL: nobody else can open a link in a mail of {desks[0]}" if desks else ""
    yield Finding("public address", settings.PUBLIC_URL + plain, remedy)


def _is_this_machine(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return False


def _proof() -> Iterator[Finding]:
    """Tell who authenticates senders. Without anybody Otklik works, but no new mail is authenticated."""
    ways = [name for name in ("TRUSTED_AUTHSERV", "DKIM_CHECK") if getattr(settings, name)]
    if ways:
        yield Finding("proof of senders", f"by {' and '.join(f'OTKLIK_{name}' for name in ways)}")
        return
    named = _authservs()
    hint = f"; mails that came lately name {', '.join(named)}: is that your own server?" if named else ""
    yield Finding(
        "proof of senders",
        "none: no new mail is proved (so none is marked), whom it names in Cc does not join, and nobody writes as a "
        "known person unless he answers our mail; set OTKLIK_TRUSTED_AUTHSERV to the first word that your mail server "
        f"writes into Authentication-Results, or OTKLIK_DKIM_CHECK=1 (docs/install.md){hint}",
    )


def _authservs() -> list[str]:
    """Return the most frequent authserv-ids in the topmost Authentication-Results of recent mails."""
    raws = InboundMail.objects.exclude(raw=b"").order_by("-id").values_list("raw", flat=True)[:_LATEST]
    counts = Counter(match[1].decode() for raw in raws if (match := _AUTHSERV.search(bytes(raw)[:_HEADER])))
    return [name for name, _ in counts.most_common(3)]


def _passkeys() -> Iterator[Finding]:
    """Browsers create passkeys only for domain names (WebAuthn, 5.1.2) and, except for localhost, only over TLS."""
    host = urlsplit(settings.PUBLIC_URL).hostname or ""
    with suppress(ValueError):
        ip_address(host)
        yield Finding("passkeys", f"none: browsers make them for a name, not for {host}; set OTKLIK_PUBLIC_URL to one")
        return
    if settings.PUBLIC_URL.startswith("http://") and host != "localhost":
        yield Finding(
            "passkeys", "none: browsers make them behind https only; set OTKLIK_PUBLIC_URL to such an address"
        )
        return
    yield Finding("passkeys", f"for {host}")


def _proxy() -> Iterator[Finding]:
    """Running without a proxy is fine: Otklik handles slow clients itself (ADR 48)."""
    if settings.TRUSTED_PROXIES:
        yield Finding("proxy", f"{settings.TRUSTED_PROXIES} believed (OTKLIK_TRUSTED_PROXIES)")
        return
    yield Finding(
        "proxy",
        "none believed; one that buffers requests and answers is advised where strangers reach the pages "
        "(deploy/nginx.conf, docs/install.md), with OTKLIK_TRUSTED_PROXIES=1",
    )


def _single_sign_on() -> Iterator[Finding]:
    if not settings.OIDC_ISSUER:
        return
    address = f"{settings.OIDC_ISSUER}/.well-known/openid-configuration"
    answer = requests.get(address, timeout=5)
    answer.raise_for_status()
    answered = answer.json()
    missing = [name for name in ("authorization_endpoint", "token_endpoint", "jwks_uri") if not answered.get(name)]
    other = answered.get("issuer", "").rstrip("/") != settings.OIDC_ISSUER
    remedy = f"OTKLIK_OIDC_ISSUER must be {answered.get('issuer')}, as the provider calls itself" if other else ""
    yield Finding("single sign-on", f"{settings.OIDC_ISSUER} answers", remedy or ", ".join(missing))


def signing(*, ask_dns: bool) -> Iterator[Finding]:
    """Yield the DKIM keys; with `ask_dns`, whether they are published."""
    yield from dkim.findings(ask=ask_dns)


def worker(*, alone: bool) -> Iterator[Finding]:
    """Check the worker's heartbeat. `alone`: no other process works in this home, so it is outdated."""
    beat = last_beat(SHARES)
    if alone:
        yield Finding("worker", "does not run in this home", WORKER_REMEDY)
        return
    silent = beat is None or abs(timezone.now() - beat) > _SILENT
    seen = "never seen" if beat is None else f"last sign of life {beat:%Y-%m-%d %H:%M:%S} UTC"
    yield Finding("worker", seen, WORKER_REMEDY if silent else "")


def _given_up() -> Iterator[Finding]:
    """List work for people that the worker has given up."""
    failed = failed_rows()
    seen = ", ".join(f"{failed[queue.name]} {queue.what}" for queue in QUEUES)
    # Failures shown on the desk's pages need no action by the administrator.
    is_told = any(failed[queue.name] for queue in QUEUES if queue.warning)
    given_up = any(failed.values())
    yield Finding(
        "gave up", seen if given_up else "nothing", "the worker's log says why; then: otklik retry" if is_told else ""
    )


def _restored() -> Iterator[Finding]:
    """Yield a finding only if mails are held."""
    count = held().count()
    if count:
        yield Finding("restored mails", f"{count} mails of the restored backup are held", "otklik mail restored")


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


def intake(asked: list[Address]) -> Iterator[Finding]:
    """Check that the mail intake greets, at `asked` addresses or where this home's listens.

    Without either, no connection is made, because another server's greeting would say nothing.
    """
    noted = noted_places()
    if not asked and not noted.lives:
        yield Finding("intake", "does not run in this home", INTAKE_REMEDY)
        return
    for host, port in asked or noted.places:
        answers = smtp_greets(host, port)
        seen = f"{host}:{port} {'greets' if answers else 'is silent'}"
        yield Finding("intake", seen, "" if answers else INTAKE_REMEDY)


CHECKS: tuple[tuple[str, Callable[[], Iterator[Finding]], str], ...] = (
    ("database", _database, "is DATABASE_URL right, and may its user connect?"),
    ("migrations", _migrations, "otklik migrate"),
    ("pooler", _pooler, f"is {DIRECT} right, and may its user connect?"),
    ("web processes", _web, "otklik migrate"),
    ("clock", _clock, "let both machines keep time by NTP"),
    ("deployment", _deployment, "see docs/settings.md"),
    ("public address", _public_address, "otklik migrate"),
    ("outgoing mail", outgoing, "is OTKLIK_OUTGOING right, and may this machine connect there?"),
    ("refused mail", refused, "otklik migrate"),
    ("stopped addresses", wrongly_stopped, "otklik migrate"),
    ("proof of senders", _proof, "otklik migrate, then otklik up"),
    ("passkeys", _passkeys, "is OTKLIK_PUBLIC_URL right?"),
    ("proxy", _proxy, "is OTKLIK_TRUSTED_PROXIES a number?"),
    ("mailbox", _mailboxes, "otklik mailbox list"),
    ("single sign-on", _single_sign_on, "is OTKLIK_OIDC_ISSUER right, and may this machine connect there?"),
    ("restored mails", _restored, "otklik migrate, then otklik up"),
    ("gave up", _given_up, "otklik migrate, then otklik up"),
)
