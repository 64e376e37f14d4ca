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
# Addresses of envelopes behind which nobody reads.
_MACHINE = re.compile(r"(?:[\w.-]{0,20}bounces?\b|mailer-daemon|postmaster|returns?\b|srs1\b|prvs=)", re.I)


def is_own(address: str) -> bool:
    """Whether an address is one of ours, a reply address included."""
    try:
        return bool(own_addresses().intersection(spellings(canonical(address))))
    except BadAddress:
        return False


def claims_of(parsed: ParsedMail, mail: InboundMail) -> list[Address]:
    """The claimed authors with addresses that can be written to, none of ours.

    Where From is nobody and nothing else is said, who sent the mail: its Sender, or else its envelope's.
    """
    claimed = _usable(parsed.claims)
    if claimed or (parsed.from_address and not is_own(parsed.from_address)):
        return claimed
    senders = (parsed.sender, parsed.return_path, mail.envelope_from.strip("<>"))
    return _usable([_author(author) for author in senders if author and not _MACHINE.match(author)])[:1]


def own_name(parsed: ParsedMail) -> str:
    """The display name in From without addresses of others, which it must not be shown under."""
    name, own = parsed.from_name, parsed.from_address or parsed.from_claim
    others = [address for address in addresses.in_name(name) if address.lower() != own.lower()]
    for other in others:
        name = name.replace(other, " ")
    return " ".join(_EMPTY_BRACKETS.sub(" ", name).split()).strip(" ,;:/|-–—") if others else name


def _author(address: str) -> Address:
    """Who is behind the address of an envelope, which forwarders write theirs around."""
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
    """After the mail became a message: agents see there who may have written it."""
    if not (named := claims_of(parsed, mail)):
        return
    message = Message.objects.filter(inbound_id=mail.pk).first()
    if message is not None:
        note_claims(message=message, claims=[(claim.address, claim.name) for claim in named])
