"""`close_by_mail` closes a ticket by a customer's mail."""

from otklik.tickets.commands.by_mail import Mailed, close_by_mail
from otklik.tickets.content import Words
from otklik.tickets.models import Message
from tests.acting import by, refuses, tells
from tests.cast import Cast
from tests.tickets.commands.parts import a_mail, closed


def test_the_requesters_mail_closes_and_stays_as_their_words(cast: Cast) -> None:
    mail = a_mail()
    with tells("ticket.commented"):
        row = close_by_mail(
            **by(cast.anna, "mail"), ticket=cast.ticket, mailed=Mailed(Words("закрыть"), [], mail, "word")
        )
    assert row.status.is_done and Message.objects.get(inbound=mail).author == cast.anna


def test_a_closed_request_is_not_closed_again_and_strangers_close_none(cast: Cast) -> None:
    mailed = Mailed(Words("закрыть"), [], a_mail(), "word")
    with refuses("ticket.participants_only"):
        close_by_mail(**by(cast.stranger, "mail"), ticket=cast.ticket, mailed=mailed)
    closed(cast)
    with refuses("ticket.not_closable"):
        close_by_mail(**by(cast.anna, "mail"), ticket=cast.ticket, mailed=mailed)
