"""Mail that must not be treated as a person's words: an ordered list of small checks, the first that speaks decides.

A new special case is one more entry in CHECKS (or in SILENCES: a request all the same, yet never answered by itself).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings

from otklik.desks.queries import own_addresses
from otklik.intake.senders import verdict
from otklik.mail.loop import is_from_an_otklik, is_our_mark
from otklik.mail.models import InboundMail, SenderRule
from otklik.mail.parse import ParsedMail
from otklik.mail.reasons import because

Test = Callable[[ParsedMail, InboundMail], str]
_MACHINE_NAME = re.compile(
    r"(mailer-daemon|postmaster|no[-_.]?reply|do[-_.]?not[-_.]?reply|bounces?|daemon|root|nobody)([+\-_.].*)?@",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Check:
    """`test` returns the reason (mail.reasons), or ""; `fate` and `state` are what becomes of the mail then."""

    name: str
    state: str
    fate: str
    test: Test


def _own(parsed: ParsedMail, mail: InboundMail) -> str:
    if parsed.x_otklik_desk and is_our_mark(parsed.x_otklik_desk):
        return because("own_mark")
    if (parsed.from_address or "").lower() in own_addresses():
        return because("own_address")
    return ""


def _loop(parsed: ParsedMail, mail: InboundMail) -> str:
    if parsed.received_count > settings.LOOP_HOPS:
        return because("loop", str(settings.LOOP_HOPS))
    return ""


def _bounce(parsed: ParsedMail, mail: InboundMail) -> str:
    return because("bounce") if parsed.is_bounce else ""


def _blocked(parsed: ParsedMail, mail: InboundMail) -> str:
    return because("blocked") if verdict(parsed, mail) == SenderRule.Verdict.BLOCK else ""


def _auto_reply(parsed: ParsedMail, mail: InboundMail) -> str:
    if not parsed.is_auto_reply or _allowed(parsed, mail):
        return ""
    return because("auto_reply")


def _allowed(parsed: ParsedMail, mail: InboundMail) -> bool:
    """People said that this sender's mail is meant for the desk, whatever it looks like."""
    return verdict(parsed, mail) == SenderRule.Verdict.ALLOW


def _astray(parsed: ParsedMail, mail: InboundMail) -> str:
    if mail.transport != "pipe" or mail.envelope_to:
        return ""
    return because("astray")


CHECKS: tuple[Check, ...] = (
    Check("own mail", InboundMail.State.HELD, InboundMail.Fate.OWN, _own),
    Check("loop", InboundMail.State.HELD, InboundMail.Fate.OWN, _loop),
    Check("bounce", InboundMail.State.FILED, InboundMail.Fate.BOUNCE, _bounce),
    Check("blocked sender", InboundMail.State.HELD, InboundMail.Fate.BLOCKED, _blocked),
    Check("astray", InboundMail.State.HELD, InboundMail.Fate.ASTRAY, _astray),
    Check("automatic reply", InboundMail.State.FILED, InboundMail.Fate.AUTO_REPLY, _auto_reply),
)


def _auto_submitted(parsed: ParsedMail, mail: InboundMail) -> str:
    value = parsed.auto_submitted.partition(";")[0].strip().lower()
    return because("auto_submitted") if value not in {"", "no"} else ""


def _bulk(parsed: ParsedMail, mail: InboundMail) -> str:
    bulk = parsed.precedence.strip().lower() in {"bulk", "list", "junk"}
    if not (bulk or parsed.list_id) or _allowed(parsed, mail):
        return ""
    return because("bulk")


def _machine_name(parsed: ParsedMail, mail: InboundMail) -> str:
    return because("machine_name") if _MACHINE_NAME.match(parsed.from_address or "") else ""


def _no_return_path(parsed: ParsedMail, mail: InboundMail) -> str:
    # The reader gives the path without brackets, and None where there is no such field.
    empty = mail.envelope_from == "<>" or parsed.return_path == ""
    return because("no_return_path") if empty else ""


def _asks_for_silence(parsed: ParsedMail, mail: InboundMail) -> str:
    wishes = {wish.strip().lower() for wish in parsed.x_auto_response_suppress.split(",")}
    asked = bool(wishes & {"all", "autoreply"}) or bool(parsed.x_loop) or bool(parsed.x_otklik_desk)
    return because("asks_for_silence") if asked else ""


def _other_desk(parsed: ParsedMail, mail: InboundMail) -> str:
    return because("other_desk") if is_from_an_otklik(parsed.message_id, bytes(mail.raw)) else ""


def _imported(parsed: ParsedMail, mail: InboundMail) -> str:
    return because("imported") if mail.imported else ""


# RFC 3834 section 2: such mail is a request like any other, but nothing is mailed back by itself (AB-02, AB-91).
SILENCES: tuple[Test, ...] = (
    _auto_submitted,
    _bulk,
    _machine_name,
    _no_return_path,
    _asks_for_silence,
    _other_desk,
    _imported,
)


def first_finding(parsed: ParsedMail, mail: InboundMail) -> tuple[Check, str] | None:
    """The first check that speaks, with its reason."""
    for check in CHECKS:
        reason = check.test(parsed, mail)
        if reason:
            return check, reason
    return None


def silence(parsed: ParsedMail, mail: InboundMail) -> str:
    """Why this mail is never answered automatically; "" when it may be."""
    return next((reason for test in SILENCES if (reason := test(parsed, mail))), "")
