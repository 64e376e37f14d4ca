"""Look up whether a sender is blocked or allowed by a rule."""

from collections.abc import Iterable, Mapping

from otklik.mail.models import InboundMail, SenderRule
from otklik.mail.parse import ParsedMail
from otklik.people.addresses import BadAddress, canonical

Rules = Mapping[tuple[int, str], str]
"""(id of the mailbox, pattern) -> verdict"""


def verdict(parsed: ParsedMail, mail: InboundMail, rules: Rules | None = None) -> str:
    """Return the rule for the mail's From in its mailbox, "block" or "allow"; "" if there is none.

    A rule for the address takes precedence over one for its domain. `rules`: the result of `rules_about` for this mail
    and others; None: they are read now.
    """
    known = rules_about([(mail, parsed)]) if rules is None else rules
    asked = [(mail.mailbox_id, pattern) for pattern in patterns_of(parsed.from_address or "")]
    return next((known[key] for key in asked if key in known), "")


def rules_about(mails: Iterable[tuple[InboundMail, ParsedMail]]) -> Rules:
    """Return the rules that apply to any of these mails. One query."""
    asked = [(mail.mailbox_id, patterns_of(parsed.from_address or "")) for mail, parsed in mails]
    boxes, patterns = {box for box, _ in asked}, {pattern for _, own in asked for pattern in own}
    rules = SenderRule.objects.filter(mailbox_id__in=boxes, pattern__in=patterns)
    return {(rule.mailbox_id, rule.pattern): rule.verdict for rule in rules}


def patterns_of(address: str) -> list[str]:
    """Return the patterns that match an address, the most specific first; empty if it is not an address."""
    try:
        known = canonical(address)
    except BadAddress:
        return []
    return [known, f"@{known.rpartition('@')[2]}"]
