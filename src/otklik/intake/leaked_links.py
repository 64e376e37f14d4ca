"""Void secrets of ours that leaked into a received mail."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from otklik.core.secret_links import is_signed
from otklik.mail.models import InboundMail
from otklik.mail.secret_scan import hiding
from otklik.mail.secret_scan_mail import blanked_mail, secrets_of
from otklik.people.commands.void_links import void_seen
from otklik.tickets.commands.leaked_links import approval_signatures_in, lock_approval_links
from otklik.tickets.commands.unconfirmed import void_confirmations

log = logging.getLogger("otklik.intake")


def void_links(mails: Iterable[InboundMail], at: datetime, known: Mapping[int, set[str]] | None = None) -> set[str]:
    """Void account links in the mails, in any encoding and nesting; approval links require a login from now on.

    Call in the mails' transaction, before any content is stored or shown. Returns the signatures of ours that occur,
    which must be hidden even out of context (`mail.secret_scan.hiding`). `known`: secrets found before, by mail id.
    """
    signatures = set[str]()
    for mail in mails:
        secrets = known[mail.pk] if known and mail.pk in known else secrets_of(bytes(mail.raw))
        if not secrets:
            continue
        count = void_seen(at=at, secrets=secrets) + void_confirmations(secrets=secrets, at=at)
        if count:
            log.warning("mail %s carried %d live links with power over accounts: they are void", mail.pk, count)
        signatures |= lock_approval_links(secrets=secrets, at=at) | _signed(secrets)
    return signatures


def shown_mail(raw: bytes) -> bytes:
    """Return a received mail for display, without our secrets, including those split into pieces."""
    with hidden_in(raw):
        return blanked_mail(raw)


@contextmanager
def hidden_in(raw: bytes) -> Iterator[None]:
    """Context manager: within the block, signatures of ours from this mail are removed wherever they occur."""
    secrets = secrets_of(raw)
    with hiding(_signed(secrets) | approval_signatures_in(secrets) if secrets else ()):
        yield


def _signed(secrets: Iterable[str]) -> set[str]:
    return {secret.rpartition(":")[2] for secret in secrets if ":" in secret and is_signed(secret)}
