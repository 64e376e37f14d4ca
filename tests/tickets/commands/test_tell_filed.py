"""`tell_filed` records that a mail was filed on a ticket."""

from otklik.journal.models import Event
from otklik.tickets.commands.filed_mail import tell_filed
from otklik.tickets.models import Ticket
from tests.acting import LATER, tells
from tests.cast import Cast
from tests.tickets.commands.parts import a_mail


def test_the_history_tells_of_it_and_the_ticket_stays_as_it_is(cast: Cast) -> None:
    before = Ticket.objects.filter(pk=cast.ticket.pk).values().get()
    mail = a_mail()
    mail.from_name = "Автоответчик"
    with tells("mail.filed"):
        tell_filed(ticket=cast.ticket, mail=mail, why="auto_reply", excerpt="Меня нет", at=LATER)
    assert Ticket.objects.filter(pk=cast.ticket.pk).values().get() == before
    data = Event.objects.latest("id").data
    assert (data["mail"], data["name"], data["words"]) == (mail.pk, "Автоответчик", "Меня нет")
