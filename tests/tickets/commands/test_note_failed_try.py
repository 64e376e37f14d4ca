"""`note_failed_try` records a failed attempt to send a reply."""

from otklik.tickets.commands.pending import note_failed_try, release
from otklik.tickets.models import PendingReply
from tests.acting import LATER, tells
from tests.cast import Cast
from tests.tickets.commands.parts import waiting_reply


def test_it_is_tried_later_and_at_last_stays_back(cast: Cast) -> None:
    reply = waiting_reply(cast)
    at = reply.due_at
    with tells():
        note_failed_try(at=at, reply=reply)
        reply.refresh_from_db()
        assert reply.state == "waiting" and reply.attempts == 1 and reply.retry_at is not None and reply.retry_at > at
        for _ in range(50):
            note_failed_try(at=at, reply=reply)
    reply.refresh_from_db()
    assert reply.state == PendingReply.State.STOPPED and reply.failed_at is not None and reply.why


def test_a_reply_that_went_is_left_alone(cast: Cast) -> None:
    reply = waiting_reply(cast)
    release(at=LATER, reply=reply)
    note_failed_try(at=LATER, reply=reply)
    reply.refresh_from_db()
    assert (reply.state, reply.attempts) == (PendingReply.State.SENT, 0)
