"""Store received mail: its bytes are committed before any sender is told that it was accepted (rule R7)."""

import hashlib
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection, transaction

from otklik.core.bulk_update import as_table
from otklik.core.fault_points import faultpoint
from otklik.core.notify_channel import CHANNEL
from otklik.mail.models import InboundMail, Mailbox
from otklik.people.addresses import BadAddress, canonical

TOPIC = "inbox"
_REMEMBERED_SECONDS = 3.0
# The columns that are set for each mail; all others get the model's defaults.
_OF_EACH = (
    "mailbox",
    "digest",
    "raw",
    "size",
    "transport",
    "envelope_from",
    "envelope_to",
    "received_at",
    "imported",
    "import_run",
    "full_size",
    "copies",
)

# Fields that each delivery of the same mail writes anew, so that they must not count when comparing mails (AB-14).
_TRACE = re.compile(
    rb"(received(-spf)?|return-path|delivered-to|authentication-results|arc-[a-z-]+|dkim-signature|resent-[a-z-]+"
    rb"|list-[a-z-]+|mailing-list|errors-to|precedence|x-[!-9;-~]+)[ \t]*:",
    re.IGNORECASE,
)
# Fields that mark automatic mail decide how it is handled, so they do count. Otherwise an attacker could send a copy
# marked as automatic first, and the genuine mail would be discarded as its duplicate (AB-14).
_MACHINES = re.compile(
    rb"(?>x-[!-9;-~]*?(?:auto|vacation))[!-9;-~]*+[ \t]*+:"
    rb"|x-(?:failed-recipients|otklik-desk|post-messageclass|loop)[ \t]*:|precedence[ \t]*:\s*auto"
    rb"|x-mailer[ \t]*:\s*vacation|delivered-to[ \t]*:\s*autoresponder",
    re.IGNORECASE,
)
_NO_PATH = re.compile(rb"return-path[ \t]*:\s*<\s*>", re.IGNORECASE)
_RECEIVED = re.compile(rb"received[ \t]*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Offered:
    """A mail to be stored in one mailbox.

    `transport`: how it came, such as "smtp" or "imap". `envelope_from`: "<>" for the null sender. `imported`: old mail
    about which nobody is notified; `import_run`: id of the MailImport. `full_size`: bytes of the whole mail if `raw` is
    only its beginning.
    """

    raw: bytes
    mailbox: Mailbox
    transport: str
    envelope_from: str
    envelope_to: str
    at: datetime
    imported: bool = False
    import_run: int | None = None
    full_size: int | None = None


def accept(
    *,
    raw: bytes,
    mailbox: Mailbox,
    transport: str,
    envelope_from: str,
    envelope_to: str,
    at: datetime,
    imported: bool = False,
    import_run: int | None = None,
    full_size: int | None = None,
) -> InboundMail:
    """Store one mail durably; returns its row. See `Offered` for the arguments and `accept_all` for the rest."""
    offered = Offered(raw, mailbox, transport, envelope_from, envelope_to, at, imported, import_run, full_size)
    return accept_all([offered])[0]


def accept_all(offered: Sequence[Offered]) -> list[InboundMail]:
    """Store mails durably: when this returns, they survive a power cut. Returns the row of each, in order.

    The same mail in the same mailbox, trace headers aside, gets no second row; its `copies` count rises. All mails are
    stored in one statement and commit, so that if it raises, none is. Raises RuntimeError inside a transaction, which
    could still roll back. Does not parse. The returned rows are deferred but for id, mailbox, digest and copies.
    """
    # Sends nothing to the server, but makes Django raise if a transaction is open.
    with transaction.atomic(durable=True):
        pass
    keys = [(offer.mailbox.pk, digest_of(offer.raw, offer.envelope_from)) for offer in offered]
    new: dict[tuple[int, str], InboundMail] = {}
    for key, offer in zip(keys, offered, strict=True):
        if key in new:
            new[key].copies += 1
        else:
            new[key] = _row(offer, key[1])
    faultpoint("before_store")
    # Sorted, so that two processes that store the same mails cannot deadlock.
    stored = _stored([new[key] for key in sorted(new)])
    faultpoint("after_store")
    return [stored[key] for key in keys]


def mailbox_for(recipient: str) -> Mailbox | None:
    """The mailbox for this recipient, by its own address or as `local+tag@domain`; None if there is none."""
    names = _names(recipient)
    return _nearest(names, {box.address: box for box in Mailbox.objects.filter(address__in=names)} if names else {})


class AddressBook:
    """A cache of all mailboxes, a few seconds old at most, for looking one up for each mail. Thread-safe."""

    def __init__(self) -> None:
        self._boxes: dict[str, Mailbox] = {}
        self._good_until = 0.0

    def recalled(self, recipient: str) -> Mailbox | None:
        """The mailbox for this recipient from the cache, without a query; None if not there or the cache is stale."""
        return _nearest(_names(recipient), self._boxes) if self._is_good() else None

    def looked_up(self, recipient: str) -> Mailbox | None:
        """Like `mailbox_for`, and always current; refreshes a stale cache."""
        if self._is_good():
            return mailbox_for(recipient)
        self._boxes = {box.address: box for box in Mailbox.objects.all()}
        self._good_until = time.monotonic() + _REMEMBERED_SECONDS
        return _nearest(_names(recipient), self._boxes)

    def _is_good(self) -> bool:
        return time.monotonic() < self._good_until


def spellings(address: str) -> list[str]:
    """The addresses that `local+tag@domain` may stand for, from the full one to the shortest; four at most."""
    local, _, domain = address.rpartition("@")
    names = [address]
    while "+" in local:
        local = local.rpartition("+")[0]
        names.append(f"{local}@{domain}")
    return names[:4]


@lru_cache(1024)
def _names(recipient: str) -> tuple[str, ...]:
    try:
        return tuple(spellings(canonical(recipient)))
    except BadAddress:
        return ()


def _nearest(names: Sequence[str], boxes: Mapping[str, Mailbox]) -> Mailbox | None:
    return next((boxes[name] for name in names if name in boxes), None)


def digest_of(raw: bytes, envelope_from: str = "") -> str:
    """The digest by which copies of a mail are recognised: SHA-256 in hex, ignoring trace headers and line endings.

    Marks of automatic mail, a null sender and a mail loop do count (intake.checks).
    """
    head, blank, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    fields = re.split(rb"\n(?![ \t])", head)
    telling = [field for field in fields if not _TRACE.match(field) or _MACHINES.match(field)]
    # A null sender, given in the envelope or written down by a server.
    null_sender = envelope_from == "<>" or any(map(_NO_PATH.match, fields))
    loops = sum(_RECEIVED.match(field) is not None for field in fields) > settings.LOOP_HOPS
    marks = b"".join(mark for mark, is_so in ((b"\0nobody", null_sender), (b"\0loop", loops)) if is_so)
    return hashlib.sha256(b"\n".join(telling) + blank + body + marks).hexdigest()


def _row(offer: Offered, digest: str) -> InboundMail:
    return InboundMail(
        mailbox=offer.mailbox,
        digest=digest,
        raw=offer.raw,
        size=len(offer.raw),
        transport=offer.transport,
        envelope_from=_storable(offer.envelope_from),
        envelope_to=_storable(offer.envelope_to),
        received_at=offer.at,
        imported=offer.imported,
        import_run_id=offer.import_run,
        full_size=offer.full_size,
    )


def _stored(rows: Sequence[InboundMail]) -> dict[tuple[int, str], InboundMail]:
    """Insert the rows or raise their `copies`, wake the worker, and make the commit wait for the disk."""
    statement, columns, same = _statement()
    values = [[column.get_prep_value(getattr(mail, column.attname)) for mail in rows] for column in columns]
    connection.ensure_connection()
    # Not Django's cursor, which would interpolate the bytes into the SQL at twice their length.
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        returned = cursor.execute(statement, [*same, *values], prepare=False).fetchall()
    fields = ("id", "mailbox_id", "digest", "copies")
    return {
        (columns[1], columns[2]): InboundMail.from_db(connection.alias, fields, columns[:4]) for columns in returned
    }


@cache
def _statement() -> tuple[str, list[Any], list[object]]:
    """(SQL, the columns that vary by mail, values of the other columns). The latter are the first parameters."""
    meta, blank = InboundMail._meta, InboundMail()
    columns: list[Any] = [meta.get_field(name) for name in _OF_EACH]
    same: dict[str, object] = {
        str(column.column): column.get_prep_value(getattr(blank, column.attname))
        for column in meta.concrete_fields
        if column not in columns and getattr(blank, column.attname) is not None
    }
    names = ", ".join([*same, *(column.column for column in columns)])
    picked = ", ".join(["%s"] * len(same) + [f"new.{column.column}" for column in columns])
    # No input is interpolated: table and column names are the model's.
    statement = f"""
        WITH stored AS (
            INSERT INTO {meta.db_table} ({names}) SELECT {picked} FROM {as_table(columns)}
            ON CONFLICT ON CONSTRAINT inbound_once DO UPDATE SET copies = {meta.db_table}.copies + excluded.copies
            RETURNING id, mailbox_id, digest, copies)
        SELECT id, mailbox_id, digest, copies,
            (SELECT set_config('synchronous_commit', 'on', true)), (SELECT pg_notify('{CHANNEL}', '{TOPIC}'))
        FROM stored"""  # noqa: S608
    return statement, columns, list(same.values())


def _storable(address: str) -> str:
    return address.encode("utf-8", "replace").decode().replace("\0", "")[:1000]
