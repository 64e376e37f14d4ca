"""`move_reply` reschedules a pending reply."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from otklik.people.actor import Actor
from otklik.tickets.commands.pending import move_reply
from otklik.tickets.models import PendingReply, Ticket
from tests.acting import LATER, by, locks, refuses, tells
from tests.cast import START, Cast
from tests.refusing import refused_as
from tests.tickets.commands.parts import waiting_reply
from tests.tickets.test_edges import held


@pytest.mark.parametrize(
    ("due", "fits"),
    [
        (timedelta(0), True),
        (timedelta(seconds=-1), False),
        (timedelta(days=366), True),
        (timedelta(days=366, seconds=1), False),
    ],
)
def test_a_reply_waits_from_now_on_and_at_most_a_year(cast: Cast, due: timedelta, fits: bool) -> None:
    row = held(cast, timedelta(minutes=1))
    acts: list[Callable[[], PendingReply]] = [
        partial(held, cast, due),
        partial(move_reply, actor=Actor(cast.agent, "agent"), at=START, reply=row, due_at=START + due),
    ]
    for act in acts:
        if fits:
            assert act().due_at == START + due
        else:
            with refused_as("ticket.time_passed", "ticket.time_too_far"):
                act()


def test_a_reply_that_stayed_back_waits_anew(cast: Cast) -> None:
    reply = waiting_reply(cast)
    PendingReply.objects.filter(pk=reply.pk).update(
        state=PendingReply.State.STOPPED, why="x", attempts=3, failed_at=LATER, retry_at=LATER + timedelta(hours=9)
    )
    with locks(Ticket, PendingReply), tells("ticket.reply_moved"):
        row = move_reply(**by(cast.lead), reply=reply, due_at=LATER + timedelta(hours=2))
    row.refresh_from_db()
    assert (row.attempts, row.failed_at, row.retry_at) == (0, None, None), "or it would wait on, or be given up at once"
    assert (row.state, row.why, row.due_at, row.scheduled) == ("waiting", "", LATER + timedelta(hours=2), True)
    with refuses("ticket.staff_only"):
        move_reply(**by(cast.anna), reply=reply, due_at=LATER + timedelta(hours=2))
