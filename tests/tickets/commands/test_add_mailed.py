"""`add_mailed` adds a mail's text to a ticket by hand."""

from otklik.tickets.commands.inbound_placement import add_mailed
from otklik.tickets.content import Words
from otklik.tickets.models import Message
from tests.acting import by, refuses, tells
from tests.cast import Cast
from tests.tickets.commands.parts import a_mail


def test_an_agent_puts_a_mail_on_the_ticket_in_the_name_it_claims(cast: Cast) -> None:
    mail = a_mail()
    with tells("ticket.commented"):
        message = add_mailed(
            **by(cast.agent), ticket=cast.ticket, words=Words("Из письма"), claimed_author="Анна", inbound=mail, why="x"
        )
    assert (message.author, message.claimed_author, message.inbound, message.side) == (
        None, "Анна", mail, Message.Side.CUSTOMER,
    )  # fmt: skip


def test_customers_put_no_mail_anywhere(cast: Cast) -> None:
    with refuses("ticket.staff_only"):
        add_mailed(**by(cast.anna), ticket=cast.ticket, words=Words("x"), claimed_author="", inbound=a_mail(), why="")
