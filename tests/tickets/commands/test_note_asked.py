"""`note_asked` records people whom a mail asks to add."""

from otklik.people.models import Person
from otklik.tickets.commands.cc_participants import MOST_ASKED, note_asked
from tests.acting import tells
from tests.cast import Cast
from tests.tickets.commands.parts import held_message


def test_the_addresses_stand_on_the_message_and_nobody_joins(cast: Cast) -> None:
    message = held_message(cast)
    with tells():
        note_asked(message=message, named=[(f"x{number}@clinic.test", "") for number in range(MOST_ASKED + 1)])
    message.refresh_from_db()
    assert message.asked == [f"x{number}@clinic.test" for number in range(MOST_ASKED)]
    assert not message.ticket.messages.exclude(pk=message.pk).exclude(asked=[]).exists()
    assert not Person.objects.filter(email="x0@clinic.test").exists()
