"""`attach` turns a mail into a comment."""

from django.utils import timezone

from otklik.desks.models import Channel
from otklik.intake.commands.placement import attach
from otklik.journal.models import Event
from otklik.tickets.models import Message, Ticket
from tests.cast import Cast
from tests.intake.test_apply import by, events_of, fresh, held_mail, reconcile, second_ticket
from tests.intake.test_decisions import inject
from tests.postoffice import Sink, letter, run_all
from tests.refusing import refused_as


def test_a_mail_is_put_on_no_request_of_another_desk_although_the_actor_works_there(people: Cast, sink: Sink) -> None:
    row = held_mail(people)
    foreign = Ticket.objects.get(pk=second_ticket(people).pk)
    foreign.desk = people.other_desk
    assert Channel.objects.get(mailbox=row.mailbox).desk == people.desk
    with refused_as("intake.request_of_other_desk"):
        attach(actor=by(people.admin), at=timezone.now(), mail=row, ticket=foreign)
    assert fresh(row).fate == "held_comment"


def test_a_mail_without_a_message_is_attached_as_words_of_its_claimed_author(people: Cast, sink: Sink) -> None:
    row = inject(letter(sender="Робот <robot@clinic.test>", text="Меня нет", Auto_Submitted="auto-replied"))
    message = attach(actor=by(people.agent), at=timezone.now(), mail=row, ticket=people.ticket)
    assert (message.held, message.author, message.kind, message.opening) == (False, None, "public", False)
    assert message.claimed_author == "Робот <robot@clinic.test>" and message.text == "Меня нет"
    row = fresh(row)
    assert (row.state, row.fate, row.ticket_key) == ("filed", "comment", "ACCREDO-1")
    with refused_as("intake.in_request_already"):
        attach(actor=by(people.agent), at=timezone.now(), mail=row, ticket=people.ticket)
    assert Message.objects.filter(inbound=row).count() == 1 and events_of(row) == ["mail.attached"]
    reconcile()


def test_a_comment_moves_and_leaves_a_trace(people: Cast, sink: Sink) -> None:
    row, other = held_mail(people), second_ticket(people)
    message = attach(actor=by(people.agent), at=timezone.now(), mail=row, ticket=other)
    assert Message.objects.get(inbound=row) == message and message.ticket == other and not message.held
    trace = Event.objects.get(kind="ticket.message_moved")
    assert trace.subject_id == people.ticket.pk and trace.data["to"] == other.key
    run_all()
    assert any("Пустите меня" in mail.text for mail in sink.to("boris@clinic.test"))


def test_a_request_moves_to_another_and_is_closed_quietly(people: Cast, sink: Sink) -> None:
    row = inject(letter(sender="Анна Петрова <anna@clinic.test>", text="Забыла приложить"))
    source = Ticket.objects.get(key=row.ticket_key)
    sink.taken.clear()
    attach(actor=by(people.agent), at=timezone.now(), mail=row, ticket=people.ticket)
    run_all()
    source.refresh_from_db()
    assert source.status.is_done and source.closed_at
    note = source.messages.get(kind="internal")
    assert people.ticket.key in note.text and source.messages.get(opening=True).text == "Забыла приложить"
    assert not [mail for mail in sink.taken if source.key in mail.subject]
    assert Message.objects.get(inbound=row).ticket == people.ticket


def test_a_mail_that_is_held_inside_a_request_is_let_in_there_and_not_put_there_again(people: Cast, sink: Sink) -> None:
    row = held_mail(people)
    with refused_as("intake.held_in_request"):
        attach(actor=by(people.agent), at=timezone.now(), mail=row, ticket=people.ticket)
    assert Message.objects.get(inbound=row).held
