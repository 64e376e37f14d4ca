"""`undo_reply` undoes a pending reply."""

from otklik.tickets.commands.pending import undo_reply
from otklik.tickets.models import PendingReply, Ticket
from tests.acting import by, locks, refuses, tells
from tests.cast import Cast
from tests.tickets.commands.parts import waiting_reply


def test_the_words_wait_as_a_draft_and_are_taken_back_once(cast: Cast) -> None:
    reply = waiting_reply(cast)
    with locks(Ticket, PendingReply), tells("ticket.reply_undone"):
        row = undo_reply(**by(cast.agent), reply=reply)
    assert (row.state, row.text) == (PendingReply.State.DRAFT, "Готово")
    with refuses("ticket.reply_gone"):
        undo_reply(**by(cast.agent), reply=reply)


def test_customers_take_no_reply_back(cast: Cast) -> None:
    reply = waiting_reply(cast)
    with refuses("ticket.staff_only"):
        undo_reply(**by(cast.anna), reply=reply)
