"""`open_ticket` opens a ticket."""

from otklik.people.actor import Actor, system
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import Words
from otklik.tickets.models import Ticket
from tests.acting import LATER, by, tells
from tests.cast import START, Cast, came_of


def test_who_wrote_a_ticket_down_is_kept(cast: Cast) -> None:
    words = {"at": START, "desk": cast.desk, "subject": "x", "words": Words("x"), "requester": cast.anna}
    call = open_ticket(actor=Actor(cast.agent, "agent"), channel=Ticket.Channel.PHONE, **words)
    assert (call.created_by, cast.ticket.created_by) == (cast.agent, cast.anna)
    assert open_ticket(actor=system("mail"), channel=Ticket.Channel.MAIL, **words).created_by is None


def test_a_ticket_opens_with_its_words_and_its_people(cast: Cast) -> None:
    with tells("ticket.opened"):
        ticket = open_ticket(
            **by(cast.agent), desk=cast.desk, channel="phone", subject=" Тема\n", words=Words("Слова"),
            requester=cast.anna, participants=[cast.boris, cast.anna], related=cast.ticket,
        )  # fmt: skip
    assert (ticket.key, ticket.subject, ticket.created_at) == ("ACCREDO-2", "Тема", LATER)
    assert ticket.messages.get().text == "Слова" and came_of(ticket) == cast.ticket
    assert set(ticket.participants.values_list("person_id", flat=True)) == {cast.anna.pk, cast.boris.pk}
