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
    """Store a mail for the recipient, or for the first one in its headers that is ours.

    Where no header names an address of ours (a hidden copy), the mailbox of last resort takes it: that of
    OTKLIK_DEFAULT_MAILBOX, of the only desk, or the oldest desk's, whose ledger holds it for a person. False when `to`
    is given and is no address of ours, or when there is no mailbox at all.
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
    """The addresses a mail may have been delivered for, the surest first."""
    fields: Fields = read(raw).root.fields
    values = [value for name in _RECIPIENT_FIELDS for value in fields.all(name)]
    return [address.address for value in values[:20] for address in parse_list(value, "") if address.address]


def numbers() -> dict[str, Any]:
    """The ledger and the outbox in numbers, by name."""
    return dataclasses.asdict(mail_numbers())


def metrics() -> str:
    """What /metrics says, in lines."""
    return exposition(timezone.now()).decode().rstrip("\n")


def wrongly_stopped() -> list[str]:
    """The addresses that were stopped for a refusal which was about us."""
    return [trouble.address for trouble in suppressed_addresses.wrongly_stopped()]


def clear(address: str) -> bool:
    """Send there again; returns whether nothing was sent there till now."""
    try:
        plain = canonical(address)
    except BadAddress:
        return False
    return clear_address(actor=system("cli"), at=timezone.now(), address=plain, recent=True)


def held_back() -> list[str]:
    """The mails that a restore holds, one a line; a last line that says what to do with them."""
    lines = [
        f"{mail.created_at:%Y-%m-%d %H:%M}\t{mail.recipient}\t{mail.subject}"
        for mail in held().order_by("id").iterator()
    ]
    return [*lines, f"{len(lines)} mails are held" + (": otklik mail restored --send, or --drop" if lines else "")]


def end_hold(*, send: bool) -> int:
    """Send or drop them; returns how many."""
    act = release_held if send else drop_held
    return act(actor=system("cli"), at=timezone.now())


def _place(addresses: list[str]) -> tuple[Mailbox, str] | None:
    for address in addresses:
        mailbox = mailbox_for(address)
        if mailbox is not None:
            return mailbox, address
    return None


def _last_resort() -> tuple[Mailbox, str] | None:
    """The mailbox, and the address under which it takes a mail that names none; "" where that is only a guess."""
    chosen = mailbox_for(settings.DEFAULT_MAILBOX) if settings.DEFAULT_MAILBOX else None
    if chosen is not None:
        return chosen, chosen.address
    mains = list(Channel.objects.filter(main=True).select_related("mailbox").order_by("desk_id")[:2])
    if not mains:
        return None
    return mains[0].mailbox, mains[0].mailbox.address if len(mains) == 1 else ""
