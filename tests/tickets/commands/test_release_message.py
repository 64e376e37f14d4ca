"""`release_message` takes a mail's message out of its ticket."""

from otklik.journal.models import Event
from otklik.tickets.commands.inbound_placement import release_message
from otklik.tickets.models import Message
from tests.acting import by, refuses, tells
from tests.cast import Cast
from tests.tickets.commands.parts import held_message, mailed


def test_a_comment_goes_and_the_ticket_tells_where(cast: Cast) -> None:
    message = held_message(cast)
    with tells("ticket.message_moved"):
        release_message(**by(cast.agent), message=message, target="ACCREDO-9")
    assert not Message.objects.filter(pk=message.pk).exists()
    assert Event.objects.latest("id").data["to"] == "ACCREDO-9"


def test_an_opening_keeps_its_words_and_its_ticket_is_closed_quietly(cast: Cast) -> None:
    opening = mailed(cast)
    cast.ticket.messages.filter(kind=Message.Kind.PUBLIC).exclude(pk=opening.pk).delete()
    with tells("ticket.status_changed"):
        release_message(**by(cast.agent), message=opening)
    opening.refresh_from_db()
    cast.ticket.refresh_from_db()
    assert opening.inbound is None and opening.text and cast.ticket.status.is_done


def test_a_conversation_keeps_its_beginning_and_customers_move_nothing(cast: Cast) -> None:
    with refuses("ticket.others_have_written"):
        release_message(**by(cast.agent), message=mailed(cast))
    with refuses("ticket.staff_only"):
        release_message(**by(cast.anna), message=held_message_of(cast))


def held_message_of(cast: Cast) -> Message:
    return cast.ticket.messages.filter(kind=Message.Kind.PUBLIC, opening=False)[0]
