"""Page data for a desk's outbox: what waits, was sent, or failed and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.core.ids import typed_id
from otklik.desks.models import Desk
from otklik.journal.models import Event
from otklik.mail.commands.outbox import AGAIN
from otklik.mail.events import OutboundCancelled, OutboundHurried, OutboundRetried
from otklik.mail.models import DeliveryAttempt, OutboundMail
from otklik.mail.queries import OwnTrouble
from otklik.notify.commands.resend import may_be_sent_elsewhere
from otklik.notify.commands.sample_mail import KIND as SAMPLE
from otklik.notify.events import SentElsewhere
from otklik.notify.texts.mail_kinds import BY_NAME
from otklik.tickets.models import PendingReply
from otklik.tickets.stored_refusals import translated
from otklik.workspace import outbox
from otklik.workspace.forms.outbox import STATES, OutboxFilter

State = OutboundMail.State
_ICONS = {
    State.QUEUED: "clock",
    State.SENT: "check",
    State.FAILED: "alert-triangle",
    State.STOPPED: "ban",
    State.CANCELLED: "x",
    State.KEPT: "archive",
    State.RESTORED: "clock-pause",
}
_TRIES = {
    DeliveryAttempt.Outcome.LATER: lambda: _("put off"),
    DeliveryAttempt.Outcome.REFUSED: lambda: _("refused"),
    DeliveryAttempt.Outcome.RETURNED: lambda: _("came back"),
}


@dataclass(frozen=True, slots=True)
class OutRow:
    """A mail in the list. `bad`: whether it needs attention."""

    id: int
    url: str
    at: datetime
    recipient: str
    subject: str
    kind: str
    state: str
    icon: str
    bad: bool
    answer: str
    next_try: datetime | None
    ticket_key: str
    ticket_url: str


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A pending reply."""

    url: str
    author: str
    ticket_key: str
    subject: str
    due_at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class StateLink:
    """A state with the number of its mails."""

    name: str
    count: int
    url: str
    bad: bool


@dataclass(frozen=True, slots=True)
class OutboxPage:
    """Everything the list prints. `alarms`: warnings about mail servers that refuse our mail."""

    desk_key: str
    url: str
    ledger_url: str
    bulk_url: str
    form: OutboxFilter
    filtered: bool
    here: str
    states: list[StateLink]
    alarms: list[str]
    held: list[HeldRow]
    rows: list[OutRow]
    newer_url: str
    older_url: str


@dataclass(frozen=True, slots=True)
class Try:
    """A delivery attempt: time, outcome, the server's answer."""

    at: datetime
    outcome: str
    words: str


@dataclass(frozen=True, slots=True)
class Act:
    """An action on the mail."""

    url: str
    label: str
    icon: str


@dataclass(frozen=True, slots=True)
class OutMailPage:
    """One mail. `text` is "" for sensitive mails."""

    row: OutRow
    sender: str
    text: str
    files: list[str]
    attempts: int
    tries: list[Try]
    told: list[Event]
    acts: list[Act]
    trouble: str
    clear_url: str
    elsewhere_url: str
    back_url: str


def outbox_page(*, desk: Desk, query: Mapping[str, str]) -> OutboxPage:
    """Return the page for the URL parameters; never raises. The number of queries is constant."""
    form = OutboxFilter(query)
    wanted, filter_query = form.wanted(), form.kept()
    mails = outbox.narrowed_out(outbox.outgoing_of(desk), wanted)
    shown = outbox.slice_out(mails, older=typed_id(query.get("older", "")), newer=typed_id(query.get("newer", "")))
    rows = [row_of(desk, mail) for mail in shown.rows]
    numbers = outbox.unsent_numbers(desk)
    states = [state for state in STATES if state != State.SENT and numbers.get(state)]
    return OutboxPage(
        desk_key=desk.key,
        url=reverse("workspace:outbox", args=[desk.key]),
        ledger_url=reverse("workspace:ledger", args=[desk.key]),
        bulk_url=reverse("workspace:outbox_bulk", args=[desk.key]),
        form=form,
        filtered=bool(filter_query),
        here=urlencode(filter_query),
        states=[StateLink(str(STATES[state]), numbers[state], f"?state={state}", state in _BAD) for state in states],
        alarms=alarms_of(outbox.own_trouble_of(desk)),
        held=[] if filter_query else [_held(reply) for reply in outbox.held_replies(desk)],
        rows=rows,
        newer_url="?" + urlencode({**filter_query, "newer": rows[0].id}) if shown.newer and rows else "",
        older_url="?" + urlencode({**filter_query, "older": rows[-1].id}) if shown.older and rows else "",
    )


def alarms_of(ours: OwnTrouble) -> list[str]:
    """Return a warning if our mail is being refused, with the number of waiting mails; else an empty list."""
    if not ours.mails + ours.some:
        return []
    number, since = ours.mails + ours.some, date_format(localtime(ours.since), "j E H:i") if ours.since else ""
    if ours.mails:
        alarm = ngettext(
            "The mail server refuses our mail since %(since)s. %(n)d mail waits and goes when that is over.",
            "The mail server refuses our mail since %(since)s. %(n)d mails wait and go when that is over.",
            number,
        )
    else:
        alarm = ngettext(
            "Some servers refuse mail of this site since %(since)s. %(n)d mail waits; it is tried for five days.",
            "Some servers refuse mail of this site since %(since)s. %(n)d mails wait; they are tried for five days.",
            number,
        )
    alarm = alarm % {"since": since, "n": number}
    answer = _("The server said:")
    return [f"{alarm} {answer} {ours.words[:200]}" if ours.words else alarm]


def row_of(desk: Desk, mail: OutboundMail) -> OutRow:
    """Return the row of a mail, without queries."""
    kind = BY_NAME.get(mail.kind)
    return OutRow(
        id=mail.pk,
        url=reverse("workspace:outbox_mail", args=[desk.key, mail.pk]),
        at=mail.created_at,
        recipient=mail.recipient,
        subject=mail.subject,
        kind=str(kind.title) if kind else _("Sample from the settings") if mail.kind == SAMPLE else mail.kind,
        state=str(STATES.get(mail.state, mail.state)),
        icon=_ICONS.get(State(mail.state), "mail"),
        bad=mail.state in _BAD,
        answer=mail.answer,
        next_try=mail.retry_at if mail.state == State.QUEUED else None,
        ticket_key=mail.ticket_key,
        ticket_url=reverse("workspace:ticket", args=[mail.ticket_key]) if mail.ticket_key else "",
    )


def out_mail_page(desk: Desk, mail: OutboundMail) -> OutMailPage:
    """Return the page of a mail with its delivery attempts and history."""
    trouble = outbox.troubles_among([mail.recipient]).get(mail.recipient)
    history = Event.objects.filter(subject_kind="outbound", subject_id=mail.pk).order_by("id")
    return OutMailPage(
        row=row_of(desk, mail),
        sender=f"{mail.sender_name} <{mail.sender}>",
        text="" if mail.sensitive else mail.text,
        files=[file.name for file in mail.files.order_by("id")],
        attempts=mail.attempts,
        tries=_tries(mail),
        told=list(history),
        acts=_acts(desk, mail),
        trouble=trouble.words if trouble else "",
        clear_url=reverse("workspace:outbox_clear", args=[desk.key, mail.pk]) if trouble else "",
        elsewhere_url=reverse("workspace:outbox_elsewhere", args=[desk.key, mail.pk])
        if may_be_sent_elsewhere(mail)
        else "",
        back_url=reverse("workspace:outbox", args=[desk.key]),
    )


def act_words(event: Event) -> str:
    """Return the label of an action on a mail, for its history."""
    match event.typed:
        case OutboundHurried():
            return _("sent at once")
        case OutboundCancelled():
            return _("cancelled")
        case OutboundRetried():
            return _("tried again")
        case SentElsewhere(recipient=recipient):
            return _("sent to another address: %(address)s") % {"address": recipient}
    return event.kind


_BAD = {State.FAILED.value, State.STOPPED.value, State.RESTORED.value}


def _tries(mail: OutboundMail) -> list[Try]:
    tries = [
        Try(attempt.at, _TRIES[DeliveryAttempt.Outcome(attempt.outcome)](), attempt.answer)
        for attempt in mail.tries.order_by("id")
    ]
    if mail.sent_at:
        tries.append(Try(mail.sent_at, _("taken by the mail server"), mail.answer if mail.state == State.SENT else ""))
    return sorted(tries, key=lambda attempt: attempt.at)


def _acts(desk: Desk, mail: OutboundMail) -> list[Act]:
    place = [desk.key, mail.pk]
    if mail.state == State.QUEUED:
        now = Act(reverse("workspace:outbox_now", args=place), _("Send now"), "send")
        return [now, Act(reverse("workspace:outbox_cancel", args=place), _("Cancel sending"), "x")]
    if mail.state == State.RESTORED:
        send = Act(reverse("workspace:outbox_again", args=place), _("Send now"), "send")
        return [send, Act(reverse("workspace:outbox_cancel", args=place), _("Cancel sending"), "x")]
    if mail.state in AGAIN and mail.text:
        return [Act(reverse("workspace:outbox_again", args=place), _("Try again"), "refresh")]
    return []


def _held(reply: PendingReply) -> HeldRow:
    url = reverse("workspace:ticket", args=[reply.ticket.key])
    return HeldRow(
        url=f"{url}#reply-{reply.pk}",
        author=reply.author.display_name,
        ticket_key=reply.ticket.key,
        subject=reply.ticket.subject,
        due_at=reply.due_at,
        why=translated(reply.why),
    )
