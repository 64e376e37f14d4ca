"""Page data for «Что происходит сейчас»: status, whom it waits for, expected first response."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.template.defaultfilters import truncatechars
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.desks.models import Status
from otklik.portal.pages.activity import Entry, MessageEntry
from otklik.portal.pages.approvals import Verdict
from otklik.tickets.first_response_time import usual_first_answer, was_answered
from otklik.tickets.models import Ticket
from otklik.tickets.reopen_window import closed_for_long, reopens_until

QUESTION_LENGTH = 240
C = Status.Category


@dataclass(frozen=True, slots=True)
class Now:
    """What is happening with the ticket, in words.

    `question`: the staff's last message while they wait for an answer, `question_id`: its id; `hint`: further
    information; `late`: a new message would open a new ticket.
    """

    icon: str
    words: str
    hint: str = ""
    question: str = ""
    question_id: int = 0
    late: bool = False


def now_of(
    ticket: Ticket,
    entries: list[Entry],
    deciders: list[str],
    at: datetime,
    verdict: Verdict | None = None,
    *,
    asks_reader: bool = False,
) -> Now:
    """Return the summary. At most one query, cached for a quarter of an hour.

    `entries`: the activity as the reader sees it, newest first; `deciders`: names of those whose approval is pending;
    `asks_reader`: the reader is one of them; `verdict`: the outcome of the newest approval.
    """
    if ticket.status.category == C.DONE:
        return _closed(ticket, at)
    if asks_reader:
        return Now("user-question", _("Your decision is awaited: approve, decline, or ask something first."))
    if deciders:
        return Now(
            "user-question", _("We are waiting for the approval of: %(names)s.") % {"names": ", ".join(deciders)}
        )
    if ticket.status.category == C.WAITING:
        return _waiting(entries)
    if verdict is not None and not _answered_since(entries, verdict.at):
        return _decided(verdict)
    return _with_us(ticket, entries, at)


def _with_us(ticket: Ticket, entries: list[Entry], at: datetime) -> Now:
    """Tell from two facts: whether the ticket has an assignee, and who wrote last."""
    by_agents = [entry.by_agent for entry in entries if isinstance(entry, MessageEntry) and not entry.withdrawn]
    answered, taken = True in by_agents, ticket.assignee_id is not None
    if by_agents and by_agents[0]:
        if ticket.status.category == C.NEW and _moved_since_a_message(entries):
            return Now("inbox", _("The request is open again and waits for an agent. Write below what is still wrong."))
        return _answered(working=taken and ticket.status.category == C.PROGRESS)
    hint = "" if answered or was_answered(ticket) else _usual(ticket, at)
    if taken and ticket.status.category == C.PROGRESS:
        sentence = _("An agent is working on your request. The answer will appear here and come by mail.")
        return Now("tool", sentence, hint=hint)
    if taken:
        sentence = _("An agent has your request. The answer will appear here and come by mail.")
    elif answered:
        sentence = _("Your message has come and waits for an agent. Nothing is needed from you now.")
    else:
        sentence = _("Your request is accepted and waits for an agent. Nothing is needed from you now.")
    return Now("inbox", sentence, hint=hint)


def _moved_since_a_message(entries: list[Entry]) -> bool:
    """Return whether the status changed after the last message: entries are the newest first."""
    for entry in entries:
        if isinstance(entry, MessageEntry):
            return False
        if entry.status:
            return True
    return False


def _answered(*, working: bool) -> Now:
    if working:
        sentence = _("We have answered, and an agent goes on with your request. What is new will appear here.")
        return Now("tool", sentence)
    return Now("message-circle", _("We have answered. If something is still open, write below."))


def _answered_since(entries: list[Entry], moment: datetime) -> bool:
    """Return whether staff wrote after the moment, so that the decision is no longer the news."""
    return any(isinstance(entry, MessageEntry) and entry.by_agent and entry.at > moment for entry in entries)


def _decided(verdict: Verdict) -> Now:
    if verdict.declined:
        sentence = _("The approval is declined. An agent will decide what happens next, and write to you.")
        verdict_line = f"{verdict.names}: «{verdict.words}»" if verdict.words else verdict.names
        return Now("thumb-down", sentence, hint=truncatechars(verdict_line, QUESTION_LENGTH))
    sentence = _("The approval is given: %(names)s. An agent goes on with the request; nothing is needed from you now.")
    return Now("thumb-up", sentence % {"names": verdict.names})


def _usual(ticket: Ticket, at: datetime) -> str:
    usual = usual_first_answer(ticket.desk, at)
    return _("The first answer usually comes within %(time)s.") % {"time": rounded_duration(usual)} if usual else ""


def rounded_duration(time: timedelta) -> str:
    """Return the time rounded up as people say it, in the genitive for «в течение»: «20 минут», «3 часов», «2 дней»."""
    minutes = max(1, math.ceil(time.total_seconds() / 60))
    if minutes <= 60:
        tens = math.ceil(minutes / 10) * 10
        return ngettext("%(n)d minute", "%(n)d minutes", tens) % {"n": tens} if tens < 60 else _("an hour")
    hours = math.ceil(minutes / 60)
    if hours < 24:
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    days = math.ceil(hours / 24)
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


def _waiting(entries: list[Entry]) -> Now:
    sentence = _("We are waiting for your answer: please write it below or reply to our mail.")
    asked = next((entry for entry in entries if isinstance(entry, MessageEntry) and entry.by_agent), None)
    if asked is None or not asked.text.strip():
        return Now("message-circle", sentence)
    question = truncatechars(" ".join(asked.text.split()), QUESTION_LENGTH)
    return Now("message-circle", sentence, question=question, question_id=asked.id)


def _closed(ticket: Ticket, at: datetime) -> Now:
    until = reopens_until(ticket)
    if until is None or closed_for_long(ticket, at):
        sentence = _("The request has been closed for long. What you write now opens a new request linked to this one.")
        return Now("circle-check", sentence, late=until is not None)
    day = date_format(timezone.localtime(until), "j E", use_l10n=False)
    sentence = _(
        "The request is closed. If the trouble is not over, write until %(day)s: the request will be opened again."
    )
    return Now("circle-check", sentence % {"day": day})
