"""Guards of what people do with mails by hand: what the rules refuse, tried at the command itself."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from otklik.desks.models import Channel
from otklik.intake.commands.base import UnableToAct
from otklik.intake.commands.dismiss import see_to
from otklik.intake.commands.placement import admit, attach, make_request
from otklik.intake.commands.reprocess import run_again
from otklik.intake.commands.spam import mark_spam, unmark_spam
from otklik.intake.process import process_next
from otklik.mail.models import InboundMail
from otklik.tickets.models import Message, Ticket
from tests.cast import Cast
from tests.intake.test_apply import by, fresh, held_mail, second_ticket
from tests.intake.test_decisions import inject, signed
from tests.postoffice import Sink, letter

REPORT = (
    b"From: MAILER-DAEMON@mx.test\r\nTo: accredo@desk.test\r\nSubject: Undelivered Mail\r\nMessage-ID: <r@mx.test>\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: text/plain\r\n\r\nNot delivered\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
    b"Reporting-MTA: dns; mx.test\r\n\r\nFinal-Recipient: rfc822; who@clinic.test\r\nAction: failed\r\n"
    b"Status: 5.1.1\r\n\r\n--b--\r\n"
)


def test_of_another_desk_and_customers_nobody_even_learns_how_the_mail_stands(people: Cast, sink: Sink) -> None:
    row = held_mail(people)
    mark_spam_of = inject(letter(sender="Спам <s@elsewhere.test>"))
    mark_spam(actor=by(people.agent), at=timezone.now(), mail=mark_spam_of)
    people.agent_elsewhere.refresh_from_db()
    for who in (people.anna, people.agent_elsewhere):
        for act, mail in (
            (make_request, row),
            (admit, row),
            (run_again, row),
            (see_to, row),
            (mark_spam, inject(letter(sender=f"Новый <n{who.pk}@elsewhere.test>"))),
            (unmark_spam, mark_spam_of),
        ):
            before = fresh(mail)
            with pytest.raises(UnableToAct, match="сотрудник"):
                act(actor=by(who), at=timezone.now(), mail=mail)
            assert (fresh(mail).state, fresh(mail).fate) == (before.state, before.fate)


def test_who_left_the_desk_places_no_mail_either(people: Cast, sink: Sink) -> None:
    row = held_mail(people)
    people.agent.is_active = False
    people.agent.save()
    with pytest.raises(UnableToAct):
        make_request(actor=by(people.agent), at=timezone.now(), mail=row)
    assert fresh(row).fate == "held_comment" and Ticket.objects.count() == 1


def test_what_is_marked_as_spam_is_put_nowhere_before_that_is_taken_back(people: Cast, sink: Sink) -> None:
    opened = inject(letter(sender="Новый <new@clinic.test>"))
    plain = inject(letter(sender="Робот <r@clinic.test>", Auto_Submitted="auto-replied"))
    for row in (opened, plain):
        mark_spam(actor=by(people.agent), at=timezone.now(), mail=row)
        tickets = Ticket.objects.count()
        with pytest.raises(UnableToAct, match="спам"):
            make_request(actor=by(people.agent), at=timezone.now(), mail=row)
        with pytest.raises(UnableToAct, match="спам"):
            attach(actor=by(people.agent), at=timezone.now(), mail=row, ticket=second_ticket(people))
        assert fresh(row).fate == "spam" and Ticket.objects.count() == tickets + 1
        with pytest.raises(UnableToAct, match="спам"):
            mark_spam(actor=by(people.agent), at=timezone.now(), mail=row)


def test_a_delivery_report_made_a_request_is_nobodys(people: Cast, sink: Sink) -> None:
    row = inject(REPORT)
    assert row.fate == "bounce"
    assert make_request(actor=by(people.agent), at=timezone.now(), mail=row).requester is None


def test_only_a_held_mail_is_admitted(people: Cast, sink: Sink) -> None:
    to = signed(people.anna, people.ticket)
    row = inject(letter(text="Моё", to=to), to=to)
    assert row.fate == "comment"
    with pytest.raises(UnableToAct):
        admit(actor=by(people.agent), at=timezone.now(), mail=row)
    with pytest.raises(UnableToAct):
        admit(actor=by(people.agent), at=timezone.now(), mail=inject(letter(Auto_Submitted="auto-replied")))


def test_a_request_made_of_an_unproved_mail_says_so_and_of_a_proved_one_does_not(people: Cast, sink: Sink) -> None:
    row = held_mail(people)
    assert make_request(actor=by(people.agent), at=timezone.now(), mail=row).sender_unverified
    to = signed(people.anna, people.ticket)
    proved = inject(letter(text="Ещё одно", to=to), to=to)
    assert not make_request(actor=by(people.agent), at=timezone.now(), mail=proved).sender_unverified


def test_a_mail_that_cannot_be_read_now_is_not_run_again_and_loses_nothing(people: Cast, sink: Sink) -> None:
    row = held_mail(people)
    InboundMail.objects.filter(pk=row.pk).update(raw=b"", raw_removed_at=timezone.now())
    with pytest.raises(UnableToAct):
        run_again(actor=by(people.agent), at=timezone.now(), mail=row)
    assert fresh(row).state == "held" and Message.objects.filter(inbound=row, held=True).exists()


def test_run_again_begins_with_all_its_tries_and_at_once(people: Cast, sink: Sink) -> None:
    row = held_mail(people)
    InboundMail.objects.filter(pk=row.pk).update(attempts=2, retry_at=timezone.now() + timedelta(days=1))
    with CaptureQueriesContext(connection) as asked:
        run_again(actor=by(people.agent), at=timezone.now(), mail=row)
    assert any("pg_notify" in one["sql"] and "inbox" in one["sql"] for one in asked)
    now = fresh(row)
    assert (now.state, now.attempts, now.retry_at, now.ticket_id) == ("waiting", 0, None, None)
    assert process_next() and fresh(row).fate == "held_comment"
    assert Message.objects.filter(inbound=row).count() == 1


def test_a_filed_mail_is_neither_run_again_nor_seen_to(people: Cast, sink: Sink) -> None:
    row = inject(letter(sender="Новый <new@clinic.test>"))
    for act in (run_again, see_to):
        with pytest.raises(UnableToAct):
            act(actor=by(people.agent), at=timezone.now(), mail=row)
    assert fresh(row).fate == "request"


def test_a_mail_is_put_on_no_request_of_another_desk_although_the_actor_works_there(people: Cast, sink: Sink) -> None:
    row = held_mail(people)
    foreign = Ticket.objects.get(pk=second_ticket(people).pk)
    foreign.desk = people.other_desk
    assert Channel.objects.get(mailbox=row.mailbox).desk == people.desk
    with pytest.raises(UnableToAct):
        attach(actor=by(people.admin), at=timezone.now(), mail=row, ticket=foreign)
    assert fresh(row).fate == "held_comment"
