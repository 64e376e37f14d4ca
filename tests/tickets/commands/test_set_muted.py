"""`set_muted` mutes or unmutes mails about a ticket for one person."""

from otklik.tickets.commands.fields import set_muted
from otklik.tickets.models import Participant
from tests.acting import by, refuses, tells
from tests.cast import Cast
from tests.tickets.test_links import other


def test_a_participant_turns_own_mails_off_and_on(cast: Cast) -> None:
    elsewhere = other(cast)
    with tells("ticket.muted", "ticket.unmuted"):
        for muted in (True, False):
            set_muted(**by(cast.boris), ticket=cast.ticket, muted=muted)
            assert Participant.objects.get(ticket=cast.ticket, person=cast.boris).muted is muted
            assert not Participant.objects.get(ticket=elsewhere, person=cast.boris).muted
    assert not Participant.objects.get(ticket=cast.ticket, person=cast.anna).muted


def test_who_is_not_on_the_ticket_has_nothing_to_turn_off(cast: Cast) -> None:
    for who in (cast.stranger, cast.agent):
        with refuses("ticket.participants_only"):
            set_muted(**by(who), ticket=cast.ticket, muted=True)
