"""`admit_message` admits a held message."""

from otklik.people.actor import Actor
from otklik.tickets.commands.comment import admit_message
from otklik.tickets.models import Message
from tests.acting import by, locks, tells
from tests.cast import Cast
from tests.refusing import refused_as
from tests.tickets.commands.parts import held_message
from tests.tickets.test_comment import AT, say


def test_message_is_admitted_once_and_only_by_staff(cast: Cast) -> None:
    message = say(cast.anna, cast.ticket)
    Message.objects.filter(pk=message.pk).update(held=True)
    with refused_as("ticket.staff_only"):
        admit_message(actor=Actor(cast.anna, "portal"), at=AT, message=message)
    admit_message(actor=Actor(cast.agent, "agent"), at=AT, message=message)
    with refused_as("ticket.admitted_already"):
        admit_message(actor=Actor(cast.agent, "agent"), at=AT, message=message)


def test_an_agent_lets_a_message_in_with_one_event(cast: Cast) -> None:
    message = held_message(cast)
    with locks(Message), tells("ticket.admitted"):
        row = admit_message(**by(cast.agent), message=message)
    assert not row.held and row.author is None
