"""Senders claimed by fields other than From: shown to agents, never trusted (AB-12)."""

import re
from collections.abc import Iterable

from otklik.desks.queries import own_addresses
from otklik.mail.inbox import spellings
from otklik.mail.models import InboundMail
from otklik.mail.parse import Address, ParsedMail, addresses
from otklik.people.addresses import BadAddress, canonical
from otklik.tickets.commands.requester import note_claims
from otklik.tickets.models import Message

_EMPTY_BRACKETS = re.compile(r"[(<\[]\s*[)>\]]")
# Envelope senders that nobody reads.
_MACHINE = re.compile(r"(?:[\w.-]{0,20}bounces?\b|mailer-daemon|postmaster|returns?\b|srs1\b|prvs=)", re.I)


def is_own(address: str) -> bool:
    """Return whether the address is one of our desks', including reply addresses."""
    try:
        return bool(own_addresses().intersection(spellings(canonical(address))))
    except BadAddress:
        return False


def claims_of(parsed: ParsedMail, mail: InboundMail) -> list[Address]:
    """Return the claimed authors that can be written to, except our own addresses.

    If From is unusable and nothing else is claimed: the Sender, or else the envelope sender.
    """
    claimed = _usable(parsed.claims)
    if claimed or (parsed.from_address and not is_own(parsed.from_address)):
        return claimed
    senders = (parsed.sender, parsed.return_path, mail.envelope_from.strip("<>"))
    return _usable([_author(author) for author in senders if author and not _MACHINE.match(author)])[:1]


def own_name(parsed: ParsedMail) -> str:
    """Return the display name in From without other people's addresses, which could mislead readers."""
    name, own = parsed.from_name, parsed.from_address or parsed.from_claim
    others = [address for address in addresses.in_name(name) if address.lower() != own.lower()]
    for other in others:
        name = name.replace(other, " ")
    return " ".join(_EMPTY_BRACKETS.sub(" ", name).split()).strip(" ,;:/|-–—") if others else name


def _author(address: str) -> Address:
    """Return the original author in an envelope address rewritten by a forwarder (SRS)."""
    return Address("", next(iter(addresses.in_local_part(address)), address))


def _usable(claimed: Iterable[Address]) -> list[Address]:
    usable = dict[str, Address]()
    for claim in claimed:
        try:
            address = canonical(claim.address)
        except BadAddress:
            continue
        if not is_own(address):
            usable.setdefault(address, Address(claim.name, address))
    return list(usable.values())


def settle_claims(mail: InboundMail, parsed: ParsedMail) -> None:
    """After the mail became a message, show its claimed authors to the agents."""
    if not (named := claims_of(parsed, mail)):
        return
    message = Message.objects.filter(inbound_id=mail.pk).first()
    if message is not None:
        note_claims(message=message, claims=[(claim.address, claim.name) for claim in named])
