"""Page data for one received mail."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from otklik.core.file_sizes import filesizeformat
from otklik.core.humanized_time import moment_words
from otklik.desks.models import Desk
from otklik.intake.events import MailAct
from otklik.intake.leaked_links import shown_mail
from otklik.intake.sender_rules import patterns_of
from otklik.journal.models import Event
from otklik.mail.models import InboundMail, OutboundMail, SenderRule
from otklik.mail.parse import ParsedMail
from otklik.mail.reasons import in_words
from otklik.mail.secret_scan import blanked
from otklik.tickets.event_lines import actor_name
from otklik.tickets.models import Message
from otklik.workspace import ledger
from otklik.workspace.ledger_labels import ACTS, OUTBOX, STATES, TRANSPORTS
from otklik.workspace.pages.ledger import MailRow, row_of

SOURCE_SHOWN = 64 * 1024
HEADERS_SHOWN = 32 * 1024
PARTS_SHOWN = 200
# A mail settled within this many seconds shows the duration, otherwise the time.
_SOON = 60.0
# Invisible characters and those that reverse the text direction; line ends and tabs stay.
_HIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and its value."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Act:
    """A button. `confirm`: a question asked first; `note`: whether a comment for colleagues can be added."""

    url: str
    label: str
    icon: str
    confirm: str = ""
    main: bool = False
    note: bool = False


@dataclass(frozen=True, slots=True)
class SentRow:
    """A mail that was sent because of this one."""

    recipient: str
    subject: str
    state: str
    at: datetime
    answer: str


@dataclass(frozen=True, slots=True)
class DoneRow:
    """A line of the mail's history."""

    words: str
    key: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PartRow:
    """A file of the mail."""

    name: str
    kind: str
    size: str


@dataclass(frozen=True, slots=True)
class Parts:
    """The result of parsing the mail; `trouble`: why it could not be parsed."""

    rows: list[PartRow]
    more: int
    defects: list[str]
    to: str
    cc: str
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class MailPage:
    """Everything the template prints."""

    desk_key: str
    row: MailRow
    state: str
    facts: list[Fact]
    silent: str
    message_url: str
    held: bool
    acts: list[Act]
    attach_url: str
    pattern: str
    domain: str
    ruled: str
    allow_url: str
    block_url: str
    forget_url: str
    parts_url: str
    eml_url: str
    headers: str
    source: str
    source_cut: bool
    error: str
    sent: list[SentRow]
    done: list[DoneRow]


def mail_page(desk: Desk, mail: InboundMail) -> MailPage:
    """Return the page of a mail of this desk, without parsing it."""
    message = ledger.message_of(mail)
    handed_over = message is not None and message.ticket.desk_id != desk.pk
    if handed_over:
        message = None  # the ticket was moved to another desk
    raw = bytes(mail.raw)
    # Only the part shown is processed, so that large mails cost no more.
    shown = shown_mail(raw[: SOURCE_SHOWN + 4096])
    patterns = patterns_of(mail.from_address)
    rules = {rule.pattern: rule.verdict for rule in ledger.rules_of(desk) if rule.pattern in patterns}
    ruled = next((pattern for pattern in patterns if pattern in rules), "")

    def url(name: str) -> str:
        return reverse(f"workspace:{name}", args=[desk.key, mail.pk])

    return MailPage(
        desk_key=desk.key,
        row=row_of(desk, mail),
        state=str(STATES.get(mail.state, mail.state)),
        facts=_facts(mail, handed_over=handed_over),
        silent=in_words(mail.silent),
        message_url=_message_url(desk, message),
        held=message is not None and message.held,
        acts=[] if handed_over else _acts(mail, message, url("ledger_mail")),
        attach_url=url("ledger_attach") if _can_be_placed(mail) and not handed_over else "",
        pattern=patterns[0] if patterns else "",
        domain=patterns[1] if patterns else "",
        ruled=_ruled(rules[ruled], ruled) if ruled else "",
        allow_url=url("ledger_allow"),
        block_url=url("ledger_block"),
        forget_url=url("ledger_forget"),
        parts_url=url("ledger_parts"),
        eml_url="" if mail.raw_removed_at else url("ledger_eml"),
        headers=shown_text(_head(shown)[:HEADERS_SHOWN]),
        source=shown_text(shown[:SOURCE_SHOWN]),
        source_cut=len(raw) > SOURCE_SHOWN,
        error=mail.error,
        sent=[_sent(mail) for mail in ledger.sent_because_of(message)],
        done=[_done(event) for event in ledger.acts_on(mail)],
    )  # fmt: skip


def _can_be_placed(mail: InboundMail) -> bool:
    return mail.fate != "spam" and mail.state != "waiting" and mail.raw_removed_at is None


def parts_of(parsed: ParsedMail) -> Parts:
    """Return the files of a parsed mail, its recipients and its defects."""
    rows = [
        PartRow(blanked(part.full_name or part.name) or _("(no name)"), part.content_type, filesizeformat(part.size))
        for part in parsed.parts[:PARTS_SHOWN]
    ]
    return Parts(
        rows=rows,
        more=max(0, len(parsed.parts) - PARTS_SHOWN),
        defects=list(parsed.defects[:20]),
        to=", ".join(filter(None, (address.address or address.name for address in parsed.to[:50]))),
        cc=", ".join(filter(None, (address.address or address.name for address in parsed.cc[:50]))),
    )


def shown_text(raw: bytes) -> str:
    """Decode bytes for a `<pre>`; undecodable, invisible and bidirectional control characters are replaced."""
    return _HIDDEN.sub("\ufffd", raw.replace(b"\r\n", b"\n").decode("utf-8", "replace"))


def _ruled(verdict: str, pattern: str) -> str:
    sentence = _("Blocked: %(pattern)s") if verdict == SenderRule.Verdict.BLOCK else _("Allowed: %(pattern)s")
    return sentence % {"pattern": pattern}


def _head(raw: bytes) -> bytes:
    return re.split(rb"\r?\n\r?\n", raw[: HEADERS_SHOWN * 2], maxsplit=1)[0]


def _message_url(desk: Desk, message: Message | None) -> str:
    if message is None:
        return ""
    return f"{reverse('workspace:ticket', args=[message.ticket.key])}#message-{message.pk}"


def _facts(mail: InboundMail, *, handed_over: bool) -> list[Fact]:
    size = filesizeformat(mail.size)
    if mail.full_size is not None:
        size = _("%(size)s of %(whole)s") % {"size": size, "whole": filesizeformat(mail.full_size)}
    facts = [
        Fact(_("Mailbox"), mail.mailbox.address),
        Fact(_("Sent to"), mail.envelope_to),
        Fact(_("Return path"), mail.envelope_from or "<>"),
        Fact(_("Way in"), str(TRANSPORTS.get(mail.transport, mail.transport))),
        Fact("Message-ID", mail.message_id),
        Fact(_("Size"), size),
        Fact(_("Times offered"), str(mail.copies)),
        Fact(_("Failed attempts"), str(mail.attempts)),
        Fact(_("Taken over"), _("yes: nobody is mailed about it") if mail.imported else ""),
    ]
    if handed_over:
        facts.append(Fact(_("Request"), _("was moved to another desk")))
    if mail.raw_removed_at is not None:
        gone = _("removed on %(day)s: it was kept for the time that is set")
        facts.append(Fact(_("Original"), gone % {"day": date_format(timezone.localtime(mail.raw_removed_at))}))
    if mail.settled_at is not None:
        facts.append(_settled(mail.received_at, mail.settled_at))
    return [fact for fact in facts if fact.value]


def _settled(came: datetime, at: datetime) -> Fact:
    """Return the time that processing took; the moment, if it took long (a person's action, an outage)."""
    seconds = max(0.0, (at - came).total_seconds())
    if seconds >= _SOON:
        return Fact(_("Settled"), moment_words(at, timezone.now()))
    return Fact(_("Settled after"), _("%(seconds)s s") % {"seconds": number_format(seconds, 1)})


def _acts(mail: InboundMail, message: Message | None, base: str) -> list[Act]:
    """Actions possible now; the commands check again."""
    if mail.state == "waiting":
        return []
    if mail.fate == "spam":
        return [Act(f"{base}/not-spam", _("Not spam"), "arrow-back-up", main=True)]
    acts = []
    if message is not None and message.held:
        sure = _("Everybody on the request will read this message and get a mail. Admit it?")
        acts.append(Act(f"{base}/admit", _("Admit"), "check", sure, True))
    if mail.raw_removed_at is None and (message is None or not message.opening or mail.state != "filed"):
        sure = _("Make a request of its own of this mail?")
        acts.append(Act(f"{base}/request", _("Make a request of it"), "ticket", sure, not acts))
    if mail.state in {"held", "failed"}:
        acts.append(Act(f"{base}/again", _("Run again"), "refresh"))
        acts.append(Act(f"{base}/done", _("Nothing to do"), "check", note=True))
    if message is None or message.opening:
        acts.append(Act(f"{base}/spam", _("Spam"), "trash"))
    return acts


def _sent(mail: OutboundMail) -> SentRow:
    state = str(OUTBOX.get(mail.state, mail.state))
    return SentRow(mail.recipient, mail.subject, state, mail.sent_at or mail.created_at, mail.answer)


def _done(event: Event) -> DoneRow:
    key = event.typed.key if isinstance(event.typed, MailAct) else ""
    return DoneRow(str(ACTS.get(type(event.typed), event.kind)), key, actor_name(event), event.at)
