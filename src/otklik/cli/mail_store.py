"""The part of `otklik mail` that needs the database."""

import dataclasses
from typing import Any

from django.utils import timezone

from otklik.mail.inbox import accept, mailbox_for
from otklik.mail.models import Mailbox
from otklik.mail.parse import parse
from otklik.mail.parse.addresses import parse_list
from otklik.mail.parse.entity import Fields
from otklik.mail.parse.mime import read
from otklik.mail.queries import mail_numbers

_RECIPIENT_FIELDS = ("delivered-to", "x-original-to", "to", "cc")


def take(raw: bytes, to: str) -> bool:
    """Store a mail for the recipient, or for the first one in its headers that is ours; False when there is none."""
    found = _place([to] if to else recipients(raw))
    if found is None:
        return False
    mailbox, address = found
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
    return [found.address for value in values[:20] for found in parse_list(value, "") if found.address]


def numbers() -> dict[str, Any]:
    """The ledger and the outbox in numbers, by name."""
    return dataclasses.asdict(mail_numbers())


def _place(addresses: list[str]) -> tuple[Mailbox, str] | None:
    for address in addresses:
        mailbox = mailbox_for(address)
        if mailbox is not None:
            return mailbox, address
    return None
