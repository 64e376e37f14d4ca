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
    """Void the account links that stand in the mails, in any encoding and depth; approval links want a login from now
    on. Before anything of the mails is shown; belongs into their transaction. Returns signatures of ours that stand
    there, which are to be hidden also where nothing else says what they are (`mail.secret_scan.hiding`). `known`: by
    the ids of mails what was found in them before."""
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
    """A received mail's bytes for whoever may read the ledger: without secrets of ours, also those that stand there in
    pieces."""
    with hidden_in(raw):
        return blanked_mail(raw)


@contextmanager
def hidden_in(raw: bytes) -> Iterator[None]:
    """Meanwhile signatures of ours that stand anywhere in the mail are blanked wherever they stand."""
    secrets = secrets_of(raw)
    with hiding(_signed(secrets) | approval_signatures_in(secrets) if secrets else ()):
        yield


def _signed(secrets: Iterable[str]) -> set[str]:
    return {secret.rpartition(":")[2] for secret in secrets if ":" in secret and is_signed(secret)}
