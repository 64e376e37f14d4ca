"""`send_reply_now` sends a pending reply at once."""

from otklik.tickets.commands.pending import send_reply_now
from otklik.tickets.models import PendingReply, Ticket
from tests.acting import by, locks, refuses, tells
from tests.cast import Cast
from tests.tickets.commands.parts import transition, waiting_reply


def test_the_reply_goes_at_once_and_once(cast: Cast) -> None:
    reply = waiting_reply(cast, step=transition(cast, "Закрыть"))
    with locks(Ticket, PendingReply), tells("ticket.commented"):
        message = send_reply_now(**by(cast.lead), reply=reply)
    reply.refresh_from_db()
    cast.ticket.refresh_from_db()
    assert (message.text, message.author, reply.state, reply.message) == ("Готово", cast.agent, "sent", message)
    assert cast.ticket.status.is_done
    with refuses("ticket.reply_gone"):
        send_reply_now(**by(cast.lead), reply=reply)


def test_files_that_cannot_be_read_keep_the_reply_as_it_is(cast: Cast) -> None:
    reply = waiting_reply(cast)
    PendingReply.objects.filter(pk=reply.pk).update(files=[{"unknown": 1}])
    with refuses("ticket.files_unreadable"):
        send_reply_now(**by(cast.agent), reply=reply)
    reply.refresh_from_db()
    assert reply.state == PendingReply.State.WAITING
