"""Checks for mail that is not a person's message: an ordered list; the first that matches decides.

A new special case is one more entry in CHECKS (or in SILENCES: a request all the same, yet never answered by itself).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings

from otklik.desks.models import Channel
from otklik.intake import ticket_matching
from otklik.intake.claimed_senders import is_own
from otklik.intake.sender_rules import Rules, verdict
from otklik.mail.models import InboundMail, SenderRule
from otklik.mail.own_mail_marks import is_from_an_otklik, is_our_mark
from otklik.mail.parse import ParsedMail
from otklik.mail.parse.auto_replies import speaks_of_absence
from otklik.mail.reasons import because

Test = Callable[[ParsedMail, InboundMail], str]
# Actions and dispositions in reports (RFC 3464, RFC 8098), and our reasons for them.
_REPORTS = {
    "delayed": "report_delayed",
    "delivered": "report_delivered",
    "relayed": "report_delivered",
    "expanded": "report_delivered",
    "displayed": "report_seen",
    "dispatched": "report_seen",
    "processed": "report_seen",
    "deleted": "report_deleted",
}
_MACHINE_NAME = re.compile(
    r"(mailer-daemon|postmaster|no[-_.]?reply|do[-_.]?not[-_.]?reply|bounces?|daemon|root|nobody)([+\-_.].*)?@",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Check:
    """A check that may sort a mail out.

    `test` returns the reason (mail.reasons), or ""; `fate` and `state` are the mail's outcome then. `counts(verdict)`:
    whether the check applies to senders with this rule (sender_rules).
    """

    name: str
    state: str
    fate: str
    test: Test
    counts: Callable[[str], bool] = lambda _verdict: True


def _is_blocked(verdict: str) -> bool:
    return verdict == SenderRule.Verdict.BLOCK


def _is_not_allowed(verdict: str) -> bool:
    """Return whether no rule allows this sender."""
    return verdict != SenderRule.Verdict.ALLOW


def _own(parsed: ParsedMail, mail: InboundMail) -> str:
    if parsed.x_otklik_desk and is_our_mark(parsed.x_otklik_desk):
        return because("own_mark")
    # Groups and web forms put our address into From, so it proves nothing; our own mails have our Message-ID.
    if is_own(parsed.from_address or "") and ticket_matching.is_ours(parsed.message_id):
        return because("own_address")
    return ""


def _loop(parsed: ParsedMail, mail: InboundMail) -> str:
    if parsed.received_count > settings.LOOP_HOPS:
        return because("loop", str(settings.LOOP_HOPS))
    return ""


def _bounce(parsed: ParsedMail, mail: InboundMail) -> str:
    return because("bounce") if parsed.is_bounce and (parsed.report or _shows_machine(parsed, mail)) else ""


def _shows_machine(parsed: ParsedMail, mail: InboundMail) -> bool:
    """Return whether headers, return path or a returned mail of ours show that a mail server wrote it."""
    head = (
        parsed.answers_itself or _auto_submitted(parsed, mail) or parsed.names_failed or _no_return_path(parsed, mail)
    )
    return bool(head) or ticket_matching.brings_ours(parsed, mail)


def _report(parsed: ParsedMail, mail: InboundMail) -> str:
    if not parsed.report:
        return ""
    return because(_REPORTS.get(parsed.report, "report"))


def _blocked(parsed: ParsedMail, mail: InboundMail) -> str:
    return because("blocked")


def _auto_reply(parsed: ParsedMail, mail: InboundMail) -> str:
    return because("auto_reply") if _answers_itself(parsed, mail) else ""


def _answers_itself(parsed: ParsedMail, mail: InboundMail) -> bool:
    """Return whether it is an automatic reply: by its headers, or by its text if other signs confirm it."""
    if parsed.answers_itself:
        return True
    machine = bool(_auto_submitted(parsed, mail) or _no_return_path(parsed, mail))
    if parsed.is_auto_reply and (machine or _asks_for_silence(parsed, mail) or _is_note(parsed, mail)):
        return True
    return machine and ticket_matching.answers_ours(parsed, mail)


def _is_note(parsed: ParsedMail, mail: InboundMail) -> bool:
    """Return whether it is an out-of-office note: it answers us without quoting us, on a ticket about something
    else."""
    if parsed.quoted_text.strip() or not ticket_matching.answers_ours(parsed, mail):
        return False
    channel = Channel.objects.select_related("desk").filter(mailbox_id=mail.mailbox_id).first()
    ticket = ticket_matching.ticket_of_answer(parsed, mail, channel.desk) if channel is not None else None
    return ticket is not None and not speaks_of_absence(ticket.subject)


def _astray(parsed: ParsedMail, mail: InboundMail) -> str:
    if mail.transport != "pipe" or mail.envelope_to:
        return ""
    return because("astray")


CHECKS: tuple[Check, ...] = (
    Check("own mail", InboundMail.State.HELD, InboundMail.Fate.OWN, _own),
    Check("loop", InboundMail.State.HELD, InboundMail.Fate.OWN, _loop),
    Check("bounce", InboundMail.State.FILED, InboundMail.Fate.BOUNCE, _bounce),
    Check("report", InboundMail.State.FILED, InboundMail.Fate.AUTO_REPLY, _report),
    Check("blocked sender", InboundMail.State.HELD, InboundMail.Fate.BLOCKED, _blocked, _is_blocked),
    Check("astray", InboundMail.State.HELD, InboundMail.Fate.ASTRAY, _astray),
    Check("automatic reply", InboundMail.State.FILED, InboundMail.Fate.AUTO_REPLY, _auto_reply, _is_not_allowed),
)


def _auto_submitted(parsed: ParsedMail, mail: InboundMail) -> str:
    value = parsed.auto_submitted.partition(";")[0].strip().lower()
    return because("auto_submitted") if parsed.is_generated or value not in {"", "no"} else ""


def _bulk(parsed: ParsedMail, mail: InboundMail) -> str:
    bulk = parsed.precedence.strip().lower() in {"bulk", "list", "junk"}
    return because("bulk") if bulk or parsed.list_id else ""


def _own_address(parsed: ParsedMail, mail: InboundMail) -> str:
    return because("own_address") if is_own(parsed.from_address or "") else ""


def _machine_name(parsed: ParsedMail, mail: InboundMail) -> str:
    return because("machine_name") if _MACHINE_NAME.match(parsed.from_address or "") else ""


def _no_return_path(parsed: ParsedMail, mail: InboundMail) -> str:
    # The parser returns the path without brackets, and None if the field is missing.
    empty = mail.envelope_from == "<>" or parsed.return_path == ""
    return because("no_return_path") if empty else ""


def _asks_for_silence(parsed: ParsedMail, mail: InboundMail) -> str:
    wishes = {wish.strip().lower() for wish in parsed.x_auto_response_suppress.split(",")}
    asked = bool(wishes & {"all", "autoreply"}) or bool(parsed.x_loop) or bool(parsed.x_otklik_desk)
    return because("asks_for_silence") if asked else ""


def _other_desk(parsed: ParsedMail, mail: InboundMail) -> str:
    return because("other_desk") if is_from_an_otklik(parsed.message_id, bytes(mail.raw)) else ""


def _reads_automatic(parsed: ParsedMail, mail: InboundMail) -> str:
    return because("reads_automatic") if parsed.is_auto_reply or parsed.is_bounce else ""


def _imported(parsed: ParsedMail, mail: InboundMail) -> str:
    return because("imported") if mail.imported else ""


# RFC 3834 section 2: such mail is a request like any other, but nothing is mailed back by itself (AB-02, AB-91).
SILENCES: tuple[Test, ...] = (
    _auto_submitted,
    _bulk,
    _own_address,
    _machine_name,
    _no_return_path,
    _asks_for_silence,
    _other_desk,
    _reads_automatic,
    _imported,
)
# Not applied to allowed senders.
_PARDONED: frozenset[Test] = frozenset({_bulk})


def first_finding(parsed: ParsedMail, mail: InboundMail, rules: Rules | None = None) -> tuple[Check, str] | None:
    """Return the first check that applies, with its reason; None if none does. `rules` as for sender_rules.verdict."""
    ruled = verdict(parsed, mail, rules)
    for check in CHECKS:
        reason = check.test(parsed, mail) if check.counts(ruled) else ""
        if reason:
            return check, reason
    return None


def silence(parsed: ParsedMail, mail: InboundMail, rules: Rules | None = None) -> str:
    """Return why this mail must not be answered automatically; "" if it may be. `rules` as for sender_rules.verdict."""
    pardoned = frozenset[Test]() if _is_not_allowed(verdict(parsed, mail, rules)) else _PARDONED
    return next((reason for test in SILENCES if test not in pardoned and (reason := test(parsed, mail))), "")
