"""What people decided about senders: blocked, or allowed although it looks like a machine."""

from collections.abc import Iterable, Mapping

from otklik.core.batch_cache import remembered
from otklik.mail.models import InboundMail, SenderRule
from otklik.mail.parse import ParsedMail
from otklik.people.addresses import BadAddress, canonical


def verdict(parsed: ParsedMail, mail: InboundMail) -> str:
    """ "block", "allow" or "" for the mail's From in its mailbox; a rule for the address outweighs its domain's."""
    return _verdict(mail.mailbox_id, tuple(patterns_of(parsed.from_address or "")))


def foresee(mails: Iterable[tuple[InboundMail, ParsedMail]]) -> None:
    """Read the verdicts on many mails at once; within a batch `verdict` knows them then."""
    asked = {(mail.mailbox_id, tuple(patterns_of(parsed.from_address or ""))) for mail, parsed in mails}
    boxes, patterns = {box for box, _ in asked}, {one for _, some in asked for one in some}
    found = SenderRule.objects.filter(mailbox_id__in=boxes, pattern__in=patterns)
    rules = {(rule.mailbox_id, rule.pattern): rule.verdict for rule in found}
    _verdict.foresee({(box, some): _first(rules, box, some) for box, some in asked})


@remembered
def _verdict(mailbox_id: int, patterns: tuple[str, ...]) -> str:
    found = SenderRule.objects.filter(mailbox_id=mailbox_id, pattern__in=patterns)
    return _first({(mailbox_id, rule.pattern): rule.verdict for rule in found}, mailbox_id, patterns)


def _first(rules: Mapping[tuple[int, str], str], mailbox_id: int, patterns: tuple[str, ...]) -> str:
    return next((rules[mailbox_id, pattern] for pattern in patterns if (mailbox_id, pattern) in rules), "")


def patterns_of(address: str) -> list[str]:
    """The patterns that speak of an address, the narrowest first; none for what is no address."""
    try:
        known = canonical(address)
    except BadAddress:
        return []
    return [known, f"@{known.rpartition('@')[2]}"]
