"""The part of `otklik mail` that needs the database."""

import dataclasses
from typing import Any

from django.conf import settings
from django.utils import timezone

from otklik.desks.models import Channel
from otklik.mail import suppressed_addresses
from otklik.mail.commands.outbox import clear_address
from otklik.mail.commands.restored import drop_held, held, release_held
from otklik.mail.inbox import accept, mailbox_for
from otklik.mail.models import Mailbox
from otklik.mail.parse import parse
from otklik.mail.parse.addresses import parse_list
from otklik.mail.parse.header_block import Fields
from otklik.mail.parse.mime import read
from otklik.mail.queries import mail_numbers
from otklik.ops.metrics import exposition
from otklik.people.actor import system
from otklik.people.addresses import BadAddress, canonical

_RECIPIENT_FIELDS = ("delivered-to", "x-original-to", "to", "cc")


def take(raw: bytes, to: str) -> bool:
    """Store a mail for `to`, or for the first of its recipients that is ours; return whether there is a mailbox for it.

    If no header names one of our addresses (Bcc), it goes to the fallback mailbox: OTKLIK_DEFAULT_MAILBOX, that of the
    only desk, or that of the oldest desk, where a person has to look at it. Returns False if `to` is given and not
    ours, or if there is no mailbox.
    """
    place = _place([to] if to else recipients(raw)) or (None if to else _last_resort())
    if place is None:
        return False
    mailbox, address = place
    path = parse(raw).return_path
    accept(
        raw=raw,
        mailbox=mailbox,
        transport="pipe",
        envelope_from=path if path is not None else "",
        envelope_to=address,
        at=timezone.now(),
    )
    return True


def recipients(raw: bytes) -> list[str]:
    """Return the addresses that the mail may have been delivered to, the most reliable first."""
    fields: Fields = read(raw).root.fields
    values = [value for name in _RECIPIENT_FIELDS for value in fields.all(name)]
    return [address.address for value in values[:20] for address in parse_list(value, "") if address.address]


def numbers() -> dict[str, Any]:
    """Return the counts of ledger and outbox, by name."""
    return dataclasses.asdict(mail_numbers())


def metrics() -> str:
    """Return the text of /metrics."""
    return exposition(timezone.now()).decode().rstrip("\n")


def wrongly_stopped() -> list[str]:
    """Return the addresses that were stopped because of refusals that concerned us."""
    return [trouble.address for trouble in suppressed_addresses.wrongly_stopped()]


def clear(address: str) -> bool:
    """Send mail to the address again; return whether it had been stopped."""
    try:
        plain = canonical(address)
    except BadAddress:
        return False
    return clear_address(actor=system("cli"), at=timezone.now(), address=plain, recent=True)


def held_back() -> list[str]:
    """Return a line for each mail held after a restore, and one that says what to do."""
    lines = [
        f"{mail.created_at:%Y-%m-%d %H:%M}\t{mail.recipient}\t{mail.subject}"
        for mail in held().order_by("id").iterator()
    ]
    return [*lines, f"{len(lines)} mails are held" + (": otklik mail restored --send, or --drop" if lines else "")]


def end_hold(*, send: bool) -> int:
    """Send or drop the held mails; return their number."""
    act = release_held if send else drop_held
    return act(actor=system("cli"), at=timezone.now())


def _place(addresses: list[str]) -> tuple[Mailbox, str] | None:
    for address in addresses:
        mailbox = mailbox_for(address)
        if mailbox is not None:
            return mailbox, address
    return None


def _last_resort() -> tuple[Mailbox, str] | None:
    """Return the fallback mailbox and the recipient address to record; "" if the mailbox is a guess."""
    chosen = mailbox_for(settings.DEFAULT_MAILBOX) if settings.DEFAULT_MAILBOX else None
    if chosen is not None:
        return chosen, chosen.address
    mains = list(Channel.objects.filter(main=True).select_related("mailbox").order_by("desk_id")[:2])
    if not mains:
        return None
    return mains[0].mailbox, mains[0].mailbox.address if len(mains) == 1 else ""
