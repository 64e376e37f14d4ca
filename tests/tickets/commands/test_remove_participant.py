"""`remove_participant` removes a participant."""

from otklik.people.actor import Actor
from otklik.tickets.commands.fields import remove_participant
from otklik.tickets.models import Participant
from tests.acting import LATER, by, tells
from tests.cast import Cast
from tests.refusing import refused_as
from tests.tickets.test_comment import AT


def test_requester_cannot_be_removed(cast: Cast) -> None:
    with refused_as("ticket.requester_stays"):
        remove_participant(actor=Actor(cast.agent, "agent"), at=AT, ticket=cast.ticket, person=cast.anna)


def test_a_person_goes_once_and_their_reply_address_stops_working(cast: Cast) -> None:
    before = Participant.objects.get(ticket=cast.ticket, person=cast.boris).epoch
    with tells("ticket.participant_removed"):
        for _ in range(2):
            remove_participant(**by(cast.anna), ticket=cast.ticket, person=cast.boris)
    row = Participant.objects.get(ticket=cast.ticket, person=cast.boris)
    assert (row.removed_at, row.epoch) == (LATER, before + 1)
