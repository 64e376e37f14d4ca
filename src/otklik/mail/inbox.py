"""Taking a mail: its bytes are committed before anybody is told "accepted" (rule R7)."""

import hashlib
import re
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.db.models import F

from otklik.core.faults import faultpoint
from otklik.core.wakeup import wake
from otklik.mail.models import InboundMail, Mailbox
from otklik.people.addresses import BadAddress, canonical

TOPIC = "inbox"

# What each delivery of the same mail writes anew, so it says nothing about whether two mails are one (AB-14).
_TRACE = re.compile(
    rb"(received|return-path|delivered-to|x-original-to|authentication-results|arc-[a-z-]+|x-spam-[a-z-]+)[ \t]*:",
    re.IGNORECASE,
)


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
    """Store a mail durably: when this returns, its bytes survive a power cut.

    `imported`: nobody is mailed about it (`import_run`: the MailImport it belongs to). `full_size`: `raw` is only the
    beginning of a mail of so many bytes. The same bytes in the same mailbox, trace headers aside, are counted in
    `copies` and make no second row.
    Must not run inside a transaction, which could still roll back. Parses nothing.
    """
    digest = digest_of(raw)
    faultpoint("before_store")
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = on")
        mail = _counted_copy(mailbox, digest) or _stored(
            mailbox=mailbox,
            digest=digest,
            raw=raw,
            size=len(raw),
            transport=transport,
            envelope_from=_storable(envelope_from),
            envelope_to=_storable(envelope_to),
            received_at=at,
            imported=imported,
            import_run_id=import_run,
            full_size=full_size,
        )
        wake(TOPIC)
    faultpoint("after_store")
    return mail


def mailbox_for(recipient: str) -> Mailbox | None:
    """The mailbox that takes mail for this address: the address itself, or `local+anything@domain` of one."""
    try:
        address = canonical(recipient)
    except BadAddress:
        return None
    names = spellings(address)
    found = {box.address: box for box in Mailbox.objects.filter(address__in=names)}
    return next((found[name] for name in names if name in found), None)


def spellings(address: str) -> list[str]:
    """The addresses that may be meant by `local+tag@domain`, the nearest first."""
    local, _, domain = address.rpartition("@")
    names = [address]
    while "+" in local:
        local = local.rpartition("+")[0]
        names.append(f"{local}@{domain}")
    return names[:4]


def digest_of(raw: bytes) -> str:
    """SHA-256 over the mail without trace headers and without regard to how lines end."""
    head, blank, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    kept = [field for field in re.split(rb"\n(?![ \t])", head) if not _TRACE.match(field)]
    return hashlib.sha256(b"\n".join(kept) + blank + body).hexdigest()


def _counted_copy(mailbox: Mailbox, digest: str) -> InboundMail | None:
    row = InboundMail.objects.filter(mailbox=mailbox, digest=digest)
    return row.defer("raw").get() if row.update(copies=F("copies") + 1) else None


def _stored(**fields: object) -> InboundMail:
    try:
        with transaction.atomic():
            return InboundMail.objects.create(**fields)
    except IntegrityError:
        # The same mail came by two connections at once.
        copy = _counted_copy(fields["mailbox"], str(fields["digest"]))  # type: ignore[arg-type]
        if copy is None:
            raise
        return copy


def _storable(address: str) -> str:
    return address.encode("utf-8", "replace").decode().replace("\0", "")[:1000]
