"""`note_claims` records authors named in a mail."""

from otklik.people.models import Person
from otklik.tickets.commands.requester import note_claims
from tests.acting import tells
from tests.cast import Cast


def test_the_claims_stand_on_the_message_and_nobody_is_told(cast: Cast) -> None:
    message = cast.ticket.messages.get(opening=True)
    with tells():
        note_claims(message=message, claims=[("vera@clinic.test", "Вера"), ("x" * 400, "y" * 300)])
    message.refresh_from_db()
    assert message.claims[0] == {"address": "vera@clinic.test", "name": "Вера"}
    assert (len(message.claims[1]["address"]), len(message.claims[1]["name"])) == (320, 250)
    assert not message.ticket.messages.exclude(pk=message.pk).exclude(claims=[]).exists()
    assert not Person.objects.filter(email="vera@clinic.test").exists()
