"""`mark_spam` marks a mail as spam."""

from otklik.intake.commands.spam import mark_spam
from otklik.tickets.commands.comment import comment
from otklik.tickets.content import Words
from otklik.tickets.models import Message
from tests.acting import by, refuses, tells
from tests.cast import Cast
from tests.intake.test_apply import fresh, held_mail
from tests.intake.test_decisions import inject
from tests.postoffice import Sink, letter


def test_its_request_is_closed_quietly_and_it_is_marked_once(people: Cast, sink: Sink) -> None:
    row = inject(letter(sender="Новый <new@clinic.test>"))
    with tells("ticket.status_changed", "mail.spam"):
        mark_spam(**by(people.agent), mail=row)
    assert (fresh(row).state, fresh(row).fate) == ("filed", "spam")
    assert Message.objects.get(inbound=row, opening=True).ticket.status.is_done
    with refuses("intake.spam_already"):
        mark_spam(**by(people.agent), mail=row)


def test_a_part_of_a_conversation_is_no_spam(people: Cast, sink: Sink) -> None:
    row = held_mail(people)
    with refuses("intake.part_of_request"):
        mark_spam(**by(people.agent), mail=row)


def test_a_request_on_which_others_have_written_is_no_spam(people: Cast, sink: Sink) -> None:
    row = inject(letter(sender="Новый <new@clinic.test>"))
    ticket = Message.objects.get(inbound=row, opening=True).ticket
    comment(**by(people.agent), ticket=ticket, words=Words("Это к кому?"), kind=Message.Kind.INTERNAL)
    comment(**by(people.agent), ticket=ticket, words=Words("Здравствуйте!"))
    with refuses("ticket.others_have_written"):
        mark_spam(**by(people.agent), mail=row)
    ticket.refresh_from_db()
    assert not ticket.status.is_done and fresh(row).fate == "request"
