"""What a mail that comes in carries of our own secrets: somebody else may read it, so it is worth nothing any more."""

import logging
from collections.abc import Iterable
from datetime import datetime

from otklik.mail.models import InboundMail
from otklik.mail.private_mail import secrets_of
from otklik.people.commands.void import void_seen
from otklik.tickets.commands.seen_links import lock_approval_links
from otklik.tickets.commands.unconfirmed import void_confirmations

log = logging.getLogger("otklik.intake")


def void_links(mails: Iterable[InboundMail], at: datetime) -> None:
    """Void the account links that stand in the mails, in any encoding and depth; approval links want a login from now
    on. Before anything of the mails is shown; belongs into their transaction."""
    for mail in mails:
        secrets = secrets_of(bytes(mail.raw))
        if not secrets:
            continue
        count = void_seen(at=at, secrets=secrets) + void_confirmations(secrets=secrets, at=at)
        if count:
            log.warning("mail %s carried %d live links with power over accounts: they are void", mail.pk, count)
        lock_approval_links(secrets=secrets, at=at)
