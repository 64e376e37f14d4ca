"""Recipients in To and Cc: become participants if the sender may add some (AB-01, AB-20)."""

import re
from datetime import datetime

from otklik.desks.queries import own_addresses
from otklik.intake.decide import Act, Decision
from otklik.intake.sender import Sender
from otklik.intake.sender_rules import patterns_of
from otklik.mail.inbox import spellings
from otklik.mail.models import InboundMail, SenderRule
from otklik.mail.parse import ParsedMail
from otklik.people.actor import Actor
from otklik.people.addresses import BadAddress, canonical
from otklik.tickets.commands.cc_participants import MOST_ASKED, Named, add_copied, not_on_it, note_asked
from otklik.tickets.models import Message

# Addresses that nobody reads, or that reach many people.
_NOBODY = re.compile(
    r"(mailer-daemon|postmaster|no[-_.]?reply|do[-_.]?not[-_.]?reply|bounces?|daemon|root|nobody|abuse|hostmaster"
    r"|webmaster|list|lists|all|everyone|everybody|undisclosed-recipients|vse|listserv|majordomo|[^@]+-(request|bounces?"
    r"|owner|subscribe|unsubscribe|list))([+].*)?@",
    re.IGNORECASE,
)
_LOOKED_AT = 200


def add_addressees(mail: InboundMail, parsed: ParsedMail, writer: Sender, decision: Decision, at: datetime) -> None:
    """After a mail became a message, add its other addressees to the ticket, or propose them to the agents.

    They are added only if the sender is authenticated (`Powers.adds_people`), the message was admitted, the desk wants
    it, and the mail is neither automatic nor imported. Call in the transaction of the message.
    """
    named = joinable_addressees(mail, parsed, writer.address)
    message = _message_of(mail) if named else None
    if message is None:
        return
    if _may_add(mail, writer, decision, message):
        actor = Actor(writer.person or message.author, "mail")
        named = add_copied(actor=actor, at=at, ticket=message.ticket, mail=mail, named=named)
    _ask(message, named)


def show_addressees(mail: InboundMail, parsed: ParsedMail, writer: Sender) -> None:
    """After an agent put the mail on a ticket, propose its other addressees there."""
    named = joinable_addressees(mail, parsed, writer.address)
    message = _message_of(mail) if named else None
    if message is not None:
        _ask(message, named)


def joinable_addressees(mail: InboundMail, parsed: ParsedMail, sender: str) -> list[Named]:
    """Return the addressees who may become participants, without duplicates.

    Excludes our addresses, robots, mailing lists and blocked senders.
    """
    if mail.silent or parsed.list_id:
        return []
    names: dict[str, str] = {}
    for named in (*parsed.to, *parsed.cc)[:_LOOKED_AT]:
        address = _readable(named.address)
        if address and address != sender and mail.mailbox.address not in spellings(address):
            names.setdefault(address, named.name)
    if not names:
        return []
    own, blocked = own_addresses(), _blocked(mail, list(names))
    return [
        (address, name)
        for address, name in names.items()
        if not own.intersection(spellings(address)) and not blocked.intersection(patterns_of(address))
    ]


def _readable(address: str) -> str:
    try:
        known = canonical(address)
    except BadAddress:
        return ""
    return "" if _NOBODY.match(known) else known


def _blocked(mail: InboundMail, addresses: list[str]) -> set[str]:
    patterns = [pattern for address in addresses for pattern in patterns_of(address)]
    rules = SenderRule.objects.filter(mailbox_id=mail.mailbox_id, pattern__in=patterns)
    return set(rules.filter(verdict=SenderRule.Verdict.BLOCK).values_list("pattern", flat=True))


def _message_of(mail: InboundMail) -> Message | None:
    return Message.objects.filter(inbound_id=mail.pk).select_related("ticket__desk", "author").first()


def _may_add(mail: InboundMail, writer: Sender, decision: Decision, message: Message) -> bool:
    if not writer.powers.adds_people or mail.imported or not message.ticket.desk.cc_joins:
        return False
    return decision.act is Act.COMMENT or (decision.act is Act.OPEN and not decision.unverified)


def _ask(message: Message, named: list[Named]) -> None:
    if left := not_on_it(message.ticket, named[: MOST_ASKED * 2])[:MOST_ASKED]:
        note_asked(message=message, named=left)
