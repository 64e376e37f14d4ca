"""What people decided about senders: blocked, or allowed although it looks like a machine."""

from otklik.mail.models import InboundMail, SenderRule
from otklik.mail.parse import ParsedMail
from otklik.people.addresses import BadAddress, canonical


def verdict(parsed: ParsedMail, mail: InboundMail) -> str:
    """ "block", "allow" or "" for the mail's From in its mailbox; a rule for the address outweighs its domain's."""
    patterns = patterns_of(parsed.from_address or "")
    found = SenderRule.objects.filter(mailbox_id=mail.mailbox_id, pattern__in=patterns)
    rules = {rule.pattern: rule.verdict for rule in found}
    return next((rules[pattern] for pattern in patterns if pattern in rules), "")


def patterns_of(address: str) -> list[str]:
    """The patterns that speak of an address, the narrowest first; none for what is no address."""
    try:
        known = canonical(address)
    except BadAddress:
        return []
    return [known, f"@{known.rpartition('@')[2]}"]
