"""`make_request` turns a mail into a ticket."""

import pytest
from django.utils import timezone

from otklik.intake.commands.placement import make_request
from otklik.mail.models import InboundMail
from otklik.mail.own_mail_marks import our_mark
from otklik.mail.reasons import in_words
from otklik.tickets.models import Message, Ticket
from tests.cast import START, Cast, came_of
from tests.intake.test_apply import by, events_of, fresh, held_mail, reconcile
from tests.intake.test_decisions import inject, signed
from tests.postoffice import Sink, letter, run_all
from tests.refusing import refused_as

REPORT = (
    b"From: MAILER-DAEMON@mx.test\r\nTo: accredo@desk.test\r\nSubject: Undelivered Mail\r\nMessage-ID: <r@mx.test>\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: text/plain\r\n\r\nNot delivered\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
    b"Reporting-MTA: dns; mx.test\r\n\r\nFinal-Recipient: rfc822; who@clinic.test\r\nAction: failed\r\n"
    b"Status: 5.1.1\r\n\r\n--b--\r\n"
)


def test_who_left_the_desk_places_no_mail_either(people: Cast, sink: Sink) -> None:
    row = held_mail(people)
    people.agent.is_active = False
    people.agent.save()
    with refused_as("ticket.staff_only"):
        make_request(actor=by(people.agent), at=timezone.now(), mail=row)
    assert fresh(row).fate == "held_comment" and Ticket.objects.count() == 1


def test_a_delivery_report_made_a_request_is_nobodys(people: Cast, sink: Sink) -> None:
    row = inject(REPORT)
    assert row.fate == "bounce"
    assert make_request(actor=by(people.agent), at=timezone.now(), mail=row).requester is None


def test_a_request_made_of_an_unproved_mail_says_so_and_of_a_proved_one_does_not(people: Cast, sink: Sink) -> None:
    row = held_mail(people)
    assert make_request(actor=by(people.agent), at=timezone.now(), mail=row).sender_unverified
    to = signed(people.anna, people.ticket)
    proved = inject(letter(text="Ещё одно", to=to), to=to)
    assert not make_request(actor=by(people.agent), at=timezone.now(), mail=proved).sender_unverified


def test_a_held_mail_becomes_a_request_of_its_own(people: Cast, sink: Sink) -> None:
    row = held_mail(people)
    ticket = make_request(actor=by(people.agent), at=timezone.now(), mail=row)
    run_all()
    row = fresh(row)
    assert (row.state, row.fate, row.ticket_key, row.rule) == ("filed", "request", ticket.key, "by_hand")
    assert (came_of(ticket), ticket.requester and ticket.requester.email) == (people.ticket, "evil@elsewhere.test")
    assert Message.objects.get(inbound=row).ticket == ticket and "Глеб Орлов" in in_words(row.reason)
    assert people.ticket.messages.filter(text__contains="Пустите").count() == 0
    assert events_of(row) == ["mail.made_request"]
    reconcile()
    with refused_as("intake.is_request_already"):
        make_request(actor=by(people.agent), at=timezone.now(), mail=row)
    assert Ticket.objects.count() == 2


@pytest.mark.parametrize(
    ("more", "fate", "somebody"),
    [
        ({"sender": "accredo@desk.test", "X_Otklik_Desk": "our mark"}, "own", False),
        ({"sender": "Анна <z@clinic.test>", "Auto_Submitted": "auto-replied"}, "auto_reply", True),
    ],
)
def test_a_machines_mail_becomes_a_request_that_nobody_is_answered(
    people: Cast, sink: Sink, more: dict[str, str], fate: str, somebody: bool
) -> None:
    row = inject(letter(**{name: our_mark() if words == "our mark" else words for name, words in more.items()}))
    assert row.fate == fate
    ticket = make_request(actor=by(people.agent), at=timezone.now(), mail=row)
    assert (ticket.requester is not None) is somebody and fresh(row).silent
    sink.taken.clear()
    run_all()
    assert not sink.taken
    reconcile()


def test_an_unreadable_mail_is_taken_as_the_request_it_is(people: Cast, sink: Sink) -> None:
    row = inject(letter(sender="z@clinic.test"))
    InboundMail.objects.filter(pk=row.pk).update(state="failed", fate="unreadable", settled_at=START)
    assert make_request(actor=by(people.agent), at=timezone.now(), mail=row).key == row.ticket_key
    assert (fresh(row).state, Ticket.objects.count()) == ("filed", 2)
