"""`admit_own` admits held messages of a person who has proved the address."""

from otklik.tickets.commands.comment import admit_own
from otklik.tickets.models import Message
from tests.acting import LATER, locks, refuses, tells
from tests.cast import Cast
from tests.tickets.commands.parts import held_message


def test_the_words_become_their_persons_as_if_they_came_now(cast: Cast) -> None:
    message = held_message(cast)
    with locks(Message), tells("ticket.admitted"):
        row = admit_own(at=LATER, message=message, person=cast.anna)
    assert (row.held, row.author, row.side) == (False, cast.anna, Message.Side.CUSTOMER)
    with refuses("ticket.admitted_already"):
        admit_own(at=LATER, message=message, person=cast.anna)


def test_who_may_not_write_there_is_not_let_in(cast: Cast) -> None:
    message = held_message(cast)
    with refuses("ticket.participants_only"):
        admit_own(at=LATER, message=message, person=cast.stranger)
