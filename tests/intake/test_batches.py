"""Mails processed in a batch end like mails processed one by one."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from otklik.intake.process import process_next
from otklik.mail.inbox import accept
from otklik.mail.models import InboundMail, Mailbox, OutboundMail
from otklik.mail.reasons import in_words
from otklik.people.models import Person
from otklik.tickets.models import Ticket
from tests.cast import Cast
from tests.postoffice import Sink, answer_to, letter, run_all


def store(raw: bytes) -> InboundMail:
    box = Mailbox.objects.get(address="accredo@desk.test")
    return accept(raw=raw, mailbox=box, transport="smtp", envelope_from="", envelope_to="", at=timezone.now())


def test_a_reply_finds_the_request_that_came_in_the_same_batch(people: Cast, sink: Sink) -> None:
    first = store(letter(sender="ivan@clinic.test", text="начало", Message_ID="<root@clinic.test>"))
    again = store(letter(sender="ivan@clinic.test", text="ещё", In_Reply_To="<root@clinic.test>"))
    third = store(letter(sender="ivan@clinic.test", text="и ещё", References="<root@clinic.test>"))
    assert process_next() and not process_next()
    rows = [InboundMail.objects.get(pk=mail.pk) for mail in (first, again, third)]
    assert len({row.ticket_id for row in rows}) == 1
    assert [row.fate for row in rows] == ["request", "held_comment", "held_comment"]
    ticket = Ticket.objects.get(pk=rows[0].ticket_id)
    assert [message.text for message in ticket.messages.order_by("id")] == ["начало", "ещё", "и ещё"]


def test_a_new_address_that_writes_twice_is_one_person_invited_once(people: Cast, sink: Sink) -> None:
    for number in range(3):
        store(letter(sender="Иван <ivan@clinic.test>", text=f"вопрос {number}"))
    run_all()
    person = Person.objects.get(email="ivan@clinic.test")
    assert Ticket.objects.filter(requester=person).count() == 3
    kinds = sorted(OutboundMail.objects.filter(person=person).values_list("kind", flat=True))
    assert kinds == ["accepted", "accepted", "accepted", "activation"]


def test_two_answers_to_one_request_are_both_comments_in_their_order(people: Cast, sink: Sink) -> None:
    store(letter(sender="ivan@clinic.test", text="начало"))
    run_all()
    accepted = next(mail for mail in sink.to("ivan@clinic.test") if "принят" in mail.subject)
    for words in ("раз", "два"):
        store(answer_to(accepted, words, sender="ivan@clinic.test"))
    assert process_next() and not process_next()
    ticket = Ticket.objects.get(requester__email="ivan@clinic.test")
    assert [message.text for message in ticket.messages.order_by("id")] == ["начало", "раз", "два"]
    assert ticket.messages.filter(held=True).count() == 0


def test_ab_14_a_copied_message_id_is_told_within_a_batch_too(people: Cast, sink: Sink) -> None:
    store(letter(sender="a@clinic.test", text="одно", Message_ID="<same@clinic.test>"))
    second = store(letter(sender="b@clinic.test", text="другое", Message_ID="<same@clinic.test>"))
    assert process_next()
    second.refresh_from_db()
    first = InboundMail.objects.exclude(pk=second.pk).get()
    assert (first.fate, second.fate) == ("request", "request") and first.ticket_id != second.ticket_id
    assert "Message-ID" in in_words(second.reason) and "Message-ID" not in in_words(first.reason)


def test_numbers_of_a_batch_have_no_gaps_and_statements_do_not_grow_with_mails(people: Cast, sink: Sink) -> None:
    spent = []
    for count in (2, 20):
        for number in range(count):
            store(letter(sender=f"p{count}.{number}@clinic.test", text=f"вопрос {number}"))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert process_next()
        spent.append(len(queries))
    assert spent[1] <= spent[0]
    numbers = list(Ticket.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1)) and len(numbers) == 1 + 22
