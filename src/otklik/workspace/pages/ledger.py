"""Page data for a desk's mail ledger: counts, filters, one row per received mail."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from otklik.core.ids import typed_id
from otklik.desks.models import Desk
from otklik.mail.dkim_check import senders_are_checked
from otklik.mail.models import InboundMail
from otklik.mail.queries import STALE, MailNumbers
from otklik.mail.reasons import in_words
from otklik.workspace import ledger
from otklik.workspace.forms.ledger import LedgerFilter
from otklik.workspace.ledger_labels import RULES, Mark, fate_mark, level_mark

# A ticket key in a reason; hidden if the ticket was moved to another desk (ADR 111).
_KEY = re.compile(r"(?<==)[A-Z][A-Z0-9_]*-[0-9]+")


@dataclass(frozen=True, slots=True)
class Number:
    """A count with its label; `url`: the list of what it counts."""

    name: str
    count: int
    url: str = ""
    alarming: bool = False


@dataclass(frozen=True, slots=True)
class MailRow:
    """A mail in the list; `ticket_url` is "" if there is no ticket."""

    id: int
    url: str
    at: datetime
    name: str
    address: str
    subject: str
    level: Mark
    is_level_usual: bool
    fate: Mark
    reason: str
    rule: str
    copies: int
    ticket_key: str
    ticket_url: str


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """Everything the page prints. `alarms`: warnings about delayed mail."""

    desk_key: str
    desk_name: str
    url: str
    bulk_url: str
    senders_url: str
    came: list[Number]
    went: list[Number]
    copies: int
    alarms: list[str]
    form: LedgerFilter
    filtered: bool
    here: str
    rows: list[MailRow]
    newer_url: str
    older_url: str


def ledger_page(*, desk: Desk, query: Mapping[str, str], at: datetime) -> LedgerPage:
    """Return the page for the URL parameters; never raises. The number of queries is constant."""
    form = LedgerFilter(query)
    wanted, filter_query = form.wanted(), form.kept()
    shown = ledger.slice_of(
        ledger.narrowed(ledger.mails_of(desk), wanted),
        older=typed_id(query.get("older", "")),
        newer=typed_id(query.get("newer", "")),
    )
    numbers = ledger.numbers_of(desk)
    rows = [row_of(desk, mail) for mail in shown.rows]
    return LedgerPage(
        desk_key=desk.key,
        desk_name=desk.name,
        url=reverse("workspace:ledger", args=[desk.key]),
        bulk_url=reverse("workspace:ledger_bulk", args=[desk.key]),
        senders_url=reverse("workspace:senders", args=[desk.key]),
        came=_came(numbers),
        went=_went(numbers),
        copies=numbers.copies,
        alarms=alarms_of(numbers, at),
        form=form,
        filtered=bool(filter_query),
        here=urlencode(filter_query),
        rows=rows,
        newer_url="?" + urlencode({**filter_query, "newer": rows[0].id}) if shown.newer and rows else "",
        older_url="?" + urlencode({**filter_query, "older": rows[-1].id}) if shown.older and rows else "",
    )


def row_of(desk: Desk, mail: InboundMail) -> MailRow:
    """Return the row of a mail, without queries."""
    # Staff of this desk must not learn the keys of another one (AB-49).
    key = mail.ticket_key if mail.ticket_key.startswith(f"{desk.key}-") else ""
    return MailRow(
        id=mail.pk,
        url=reverse("workspace:ledger_mail", args=[desk.key, mail.pk]),
        at=mail.received_at,
        name=mail.from_name,
        address=mail.from_address or mail.envelope_from or "?",
        subject=mail.subject or (_("(no subject)") if mail.settled_at else _("(not read yet)")),
        level=level_mark(mail.level),
        is_level_usual=mail.level == "claimed" and not senders_are_checked(),
        fate=fate_mark(mail.fate),
        reason=in_words(mail.reason if key or not mail.ticket_key else _KEY.sub("…", mail.reason)),
        rule=str(RULES.get(mail.rule, mail.rule)) if mail.rule else "",
        copies=mail.copies,
        ticket_key=key,
        ticket_url=reverse("workspace:ticket", args=[key]) if key else "",
    )


def alarms_of(numbers: MailNumbers, at: datetime) -> list[str]:
    """Warnings about mail that has waited too long, in or out."""
    alarms = []
    if numbers.oldest_waiting and at - numbers.oldest_waiting > STALE:
        sentence = _("Received mail has waited to be processed for %(minutes)d minutes: is the worker running?")
        alarms.append(sentence % {"minutes": _minutes(at - numbers.oldest_waiting)})
    if numbers.oldest_unsent and at - numbers.oldest_unsent > STALE:
        sentence = _("Outgoing mail has waited for %(minutes)d minutes: is the outgoing mail server well?")
        alarms.append(sentence % {"minutes": _minutes(at - numbers.oldest_unsent)})
    if numbers.mailboxes_failing:
        alarms.append(_("A mailbox cannot be reached: new mail may lie there."))
    return alarms


def _minutes(late: timedelta) -> int:
    return int(late.total_seconds() // 60)


def _came(numbers: MailNumbers) -> list[Number]:
    return [
        Number(_("offered"), numbers.offered, "?"),
        Number(_("filed"), numbers.filed, "?fate=filed"),
        Number(_("held"), numbers.held, "?fate=held"),
        Number(_("failed"), numbers.failed, "?fate=failed", bool(numbers.failed)),
        Number(_("waiting"), numbers.waiting, "?fate=waiting"),
    ]


def _went(numbers: MailNumbers) -> list[Number]:
    shown = [
        Number(_("to be sent"), numbers.queued),
        Number(_("sent"), numbers.sent),
        Number(_("not delivered"), numbers.undeliverable, "", bool(numbers.undeliverable)),
    ]
    return shown + ([Number(_("kept"), numbers.kept)] if numbers.kept else [])
