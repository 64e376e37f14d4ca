"""Whether an open ticket page still shows how things stand, asked with few short queries, and when it asks again."""

import math
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, QuerySet, Value

from otklik.core.fast_reads import AnyValue, fast_read
from otklik.mail.models import OutboundMail
from otklik.people.models import known_as
from otklik.tickets.models import PendingReply, Ticket
from otklik.tickets.presence import TYPED_WITHIN, Present, present_rows
from otklik.tickets.timeline import events_of
from otklik.workspace.delivery_status import mail_rows

# Polling intervals in seconds: while something is being sent, and otherwise.
SOON = 2
USUAL = 10
_MAIL, _EVENT, _DUE, _PRESENT = range(4)
_JUST_NOW = timedelta(seconds=20)
_ON_ITS_WAY = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Pulse:
    """State of a ticket's page. `marker` changes whenever the page would; `pace`: seconds until the next poll.

    `present`: everybody who has the page open, the reader too; empty where only the page itself asks.
    """

    marker: str
    pace: int
    present: Sequence[Present] = ()

    @property
    def words(self) -> str:
        """The query string of the polling URL."""
        return urlencode({"shows": self.marker})


def pulse_of(ticket: Ticket, at: datetime) -> Pulse:
    """Return the pulse of a ticket that was just loaded. One query."""
    mails, due, present = list[OutboundMail](), list[datetime](), list[Present]()
    last: tuple[int, datetime | None] = (0, None)
    for kind, pk, time, state, attempts, delayed_by in _rows(ticket=ticket.pk, at=at, typed=at - TYPED_WITHIN):
        if kind == _MAIL:
            mails.append(OutboundMail(pk=pk, created_at=time, state=state, attempts=attempts, delayed_by=delayed_by))
        elif kind == _EVENT:
            last = (pk, time)
        elif kind == _DUE:
            due.append(time)
        else:
            present.append(Present(pk, known_as(state, delayed_by), bool(attempts), time))
    mails.sort(key=lambda mail: mail.pk)
    return replace(pulse_from(ticket, at, last=last, mails=mails, due=due), present=present)


@fast_read("ticket", "at", "typed")
def _rows(*, ticket: int, at: datetime, typed: datetime) -> QuerySet[Any, tuple[Any, ...]]:
    """Return the ticket's mails, last event and scheduled replies, and who has it open, as rows of one union."""
    subject = Ticket(pk=ticket)
    nothing = (Value(""), Value(0), Value(""))
    mails = mail_rows(subject).values_list(Value(_MAIL), "pk", "created_at", "state", "attempts", "delayed_by")
    last = events_of(subject).order_by("-id").values_list(Value(_EVENT), "pk", "at", *nothing)[:1]
    waiting = PendingReply.objects.filter(ticket=ticket, state=PendingReply.State.WAITING)
    due = waiting.order_by().values_list(Value(_DUE), "pk", "due_at", *nothing)
    there = present_rows(subject, AnyValue(at), AnyValue(typed)).order_by()
    who = (F("person_id"), "present_until", F("person__name"), "writes", F("person__email"))
    return mails.union(last, due, there.values_list(Value(_PRESENT), *who), all=True)


def pulse_from(
    ticket: Ticket,
    at: datetime,
    *,
    last: tuple[int, datetime | None],
    mails: Sequence[OutboundMail],
    due: Iterable[datetime],
) -> Pulse:
    """Return the pulse from loaded rows: `last`: last event (id, time); `due`: when scheduled replies will be sent."""
    pace = _pace(at, last[1], mails, due)
    states = repr([(mail.pk, mail.state, mail.attempts, mail.delayed_by) for mail in mails])
    return Pulse(f"{ticket.version}.{last[0]}.{zlib.crc32(states.encode())}.{pace}", pace)


def _pace(at: datetime, last: datetime | None, mails: Sequence[OutboundMail], due: Iterable[datetime]) -> int:
    """Return the interval in seconds: SOON while mails of a recent action are being planned and sent."""
    queued = OutboundMail.State.QUEUED
    leaving = any(mail.state == queued and not mail.attempts and at - mail.created_at < _ON_ITS_WAY for mail in mails)
    if leaving or (last is not None and at - last < _JUST_NOW):
        return SOON
    seconds = [math.ceil((due_at - at).total_seconds()) + 1 for due_at in due]
    return min([USUAL, *(max(SOON, seconds_left) for seconds_left in seconds)])
