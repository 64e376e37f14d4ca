"""Who wrote a mail, as other fields than From claim: shown to agents, believed by nobody (AB-12)."""

from otklik.desks.queries import own_addresses
from otklik.mail.inbox import spellings
from otklik.mail.models import InboundMail
from otklik.mail.parse import Address, ParsedMail
from otklik.people.addresses import BadAddress, canonical
from otklik.tickets.commands.requester import note_claims
from otklik.tickets.models import Message


def is_own(address: str) -> bool:
    """Whether an address is one of ours, a reply address included."""
    try:
        return bool(own_addresses().intersection(spellings(canonical(address))))
    except BadAddress:
        return False


def claims_of(parsed: ParsedMail) -> list[Address]:
    """The claimed authors with addresses that can be written to, none of ours."""
    found = []
    for one in parsed.claims:
        try:
            address = canonical(one.address)
        except BadAddress:
            continue
        if not is_own(address):
            found.append(Address(one.name, address))
    return found


def settle_claims(mail: InboundMail, parsed: ParsedMail) -> None:
    """After the mail became a message: agents see there who may have written it."""
    if not parsed.claims or not (named := claims_of(parsed)):
        return
    message = Message.objects.filter(inbound_id=mail.pk).first()
    if message is not None:
        note_claims(message=message, claims=[(one.address, one.name) for one in named])
