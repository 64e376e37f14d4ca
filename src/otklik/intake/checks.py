"""Mail that must not be treated as a person's words: an ordered list of small checks, the first that speaks decides.

A new special case is one more entry in CHECKS (or in SILENCES: a request all the same, yet never answered by itself).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from otklik.desks.queries import own_addresses
from otklik.intake.senders import verdict
from otklik.mail.loop import is_our_mark
from otklik.mail.models import InboundMail, SenderRule
from otklik.mail.parse import ParsedMail

MOST_HOPS = 30

Test = Callable[[ParsedMail, InboundMail], str]
_MACHINE_NAME = re.compile(
    r"(mailer-daemon|postmaster|no[-_.]?reply|do[-_.]?not[-_.]?reply|bounces?|daemon|root|nobody)([+\-_.].*)?@",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Check:
    """`test` returns the reason in words, or ""; `fate` and `state` are what becomes of the mail then."""

    name: str
    state: str
    fate: str
    test: Test


def _own(parsed: ParsedMail, mail: InboundMail) -> str:
    if parsed.x_otklik_desk and is_our_mark(parsed.x_otklik_desk):
        return _("This is a mail of our own that came back.")
    if (parsed.from_address or "").lower() in own_addresses():
        return _("The sender is one of our own addresses.")
    return ""


def _loop(parsed: ParsedMail, mail: InboundMail) -> str:
    if parsed.received_count > MOST_HOPS:
        return _("The mail passed more than %(count)d servers: it goes round in circles.") % {"count": MOST_HOPS}
    return ""


def _bounce(parsed: ParsedMail, mail: InboundMail) -> str:
    return _("A mail server reports that a mail was not delivered.") if parsed.is_bounce else ""


def _blocked(parsed: ParsedMail, mail: InboundMail) -> str:
    return _("The desk blocked this sender.") if verdict(parsed, mail) == SenderRule.Verdict.BLOCK else ""


def _auto_reply(parsed: ParsedMail, mail: InboundMail) -> str:
    if not parsed.is_auto_reply or _allowed(parsed, mail):
        return ""
    return _("An automatic answer, such as an out-of-office note.")


def _allowed(parsed: ParsedMail, mail: InboundMail) -> bool:
    """People said that this sender's mail is meant for the desk, whatever it looks like."""
    return verdict(parsed, mail) == SenderRule.Verdict.ALLOW


CHECKS: tuple[Check, ...] = (
    Check("own mail", InboundMail.State.HELD, InboundMail.Fate.OWN, _own),
    Check("loop", InboundMail.State.HELD, InboundMail.Fate.OWN, _loop),
    Check("bounce", InboundMail.State.FILED, InboundMail.Fate.BOUNCE, _bounce),
    Check("blocked sender", InboundMail.State.HELD, InboundMail.Fate.BLOCKED, _blocked),
    Check("automatic reply", InboundMail.State.FILED, InboundMail.Fate.AUTO_REPLY, _auto_reply),
)


def _auto_submitted(parsed: ParsedMail, mail: InboundMail) -> str:
    value = parsed.auto_submitted.partition(";")[0].strip().lower()
    return _("The mail says that a machine sent it.") if value not in {"", "no"} else ""


def _bulk(parsed: ParsedMail, mail: InboundMail) -> str:
    bulk = parsed.precedence.strip().lower() in {"bulk", "list", "junk"}
    if not (bulk or parsed.list_id) or _allowed(parsed, mail):
        return ""
    return _("The mail came by a mailing list or in bulk.")


def _machine_name(parsed: ParsedMail, mail: InboundMail) -> str:
    return _("The sender's address does not take answers.") if _MACHINE_NAME.match(parsed.from_address or "") else ""


def _no_return_path(parsed: ParsedMail, mail: InboundMail) -> str:
    empty = "<>" in {mail.envelope_from, (parsed.return_path or "").strip()}
    return _("The mail has an empty return path.") if empty else ""


def _asks_for_silence(parsed: ParsedMail, mail: InboundMail) -> str:
    wishes = {wish.strip().lower() for wish in parsed.x_auto_response_suppress.split(",")}
    asked = bool(wishes & {"all", "autoreply"}) or bool(parsed.x_loop) or bool(parsed.x_otklik_desk)
    return _("The mail asks not to be answered automatically.") if asked else ""


def _imported(parsed: ParsedMail, mail: InboundMail) -> str:
    return _("The mail was imported: it came before the desk took this mailbox over.") if mail.imported else ""


# RFC 3834 section 2: such mail is a request like any other, but nothing is mailed back by itself (AB-02, AB-91).
SILENCES: tuple[Test, ...] = (_auto_submitted, _bulk, _machine_name, _no_return_path, _asks_for_silence, _imported)


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
