"""`hold_comments` adds held comments of several mails."""

from otklik.tickets.commands.comment import HeldWords, hold_comments
from otklik.tickets.content import Words
from tests.acting import LATER, tells
from tests.cast import Cast
from tests.portal.helpers import inbound_mail


def test_words_of_several_mails_wait_in_order_each_with_its_event(cast: Cast) -> None:
    mails = [inbound_mail(f"Subject: {number}\r\n\r\nx".encode()) for number in range(3)]
    held = [
        HeldWords(ticket=cast.ticket, words=Words(f"{number}"), claimed_author="Степан", inbound=mail)
        for number, mail in enumerate(mails)
    ]
    with tells(*["ticket.held"] * 3):
        messages = hold_comments(held=held, at=LATER)
    assert [(message.text, message.inbound) for message in messages] == [
        (str(number), mail) for number, mail in enumerate(mails)
    ]
    cast.ticket.refresh_from_db()
    assert cast.ticket.updated_at == LATER
