"""Bounces to a mail's own return address, and forged ones (RL-27)."""

from django.test import Client
from django.utils import timezone

from otklik.journal.models import Event
from otklik.mail.models import AddressTrouble, InboundMail, OutboundMail
from otklik.mail.verp import return_path
from otklik.people.actor import Actor
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.fields import add_participant
from otklik.tickets.commands.status import change_status
from otklik.tickets.content import Words
from otklik.tickets.models import Ticket
from tests.cast import Cast
from tests.intake.test_poison import store
from tests.postoffice import Sink, answer_to, run_all

REPORT = """From: MAILER-DAEMON@mx.clinic.test
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Message-ID: <report.{mark}@mx.clinic.test>
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I could not deliver your mail.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.clinic.test

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {status} {words}

--b--
"""


def report(
    to: str, *, recipient: str = "anna@clinic.test", status: str = "5.1.1", action: str = "failed"
) -> InboundMail:
    """Deliver a bounce that quotes no Message-ID; return its ledger row."""
    raw = REPORT.format(to=to, recipient=recipient, status=status, action=action, words="said no", mark=timezone.now())
    mail = store(raw.replace("\n", "\r\n").encode(), to=to)
    run_all()
    mail.refresh_from_db()
    return mail


def sent(people: Cast) -> OutboundMail:
    run_all()
    comment(actor=Actor(people.agent, "agent"), at=timezone.now(), ticket=people.ticket, words=Words("слова"))
    run_all()
    return OutboundMail.objects.filter(person=people.anna, kind="comment").latest("id")


def test_rl_27_a_report_to_the_return_address_marks_mail_address_and_ticket(people: Cast, sink: Sink) -> None:
    mail = sent(people)
    assert sink.to("anna@clinic.test")[-1].sender == return_path(mail)
    row = report(return_path(mail))
    mail.refresh_from_db()
    assert (row.fate, row.ticket_key) == ("bounce", "ACCREDO-1")
    assert mail.state == "failed" and "5.1.1" in mail.answer
    assert mail.tries.get().outcome == "returned"
    assert AddressTrouble.objects.get(address="anna@clinic.test").stopped_at is not None
    assert Event.objects.filter(kind="mail.undelivered", subject_id=people.ticket.pk).count() == 1
    report(return_path(mail))
    assert Event.objects.filter(kind="mail.undelivered").count() == 1 and mail.tries.count() == 1
    assert Ticket.objects.count() == 1


def test_a_mail_that_came_back_is_told_in_one_line_with_its_report(people: Cast, sink: Sink, client: Client) -> None:
    row = report(return_path(sent(people)))
    client.force_login(people.agent)
    page = client.get("/browse/ACCREDO-1").content.decode()
    assert page.count("Не доставлено: ") == 1 and "Ответила программа" not in page
    assert f"/projects/ACCREDO/mail/{row.pk}" in page, "the report is a click away"


def test_rl_27_a_forged_report_marks_nothing(people: Cast, sink: Sink) -> None:
    mail = sent(people)
    forged = return_path(mail).replace(f"+b{mail.pk}-", f"+b{mail.pk - 1}-")
    for to in (forged, "accredo@desk.test", return_path(mail)):
        report(to, recipient="boris@clinic.test" if to == return_path(mail) else "anna@clinic.test")
    mail.refresh_from_db()
    assert mail.state == "sent" and not AddressTrouble.objects.exists()
    assert not OutboundMail.objects.exclude(state="sent").exists()


def test_a_soft_report_is_counted_and_stops_nothing(people: Cast, sink: Sink) -> None:
    mail = sent(people)
    report(return_path(mail), status="4.2.2")
    mail.refresh_from_db()
    trouble = AddressTrouble.objects.get(address="anna@clinic.test")
    assert mail.state == "sent" and (trouble.soft, trouble.hard, trouble.stopped_at) == (1, 0, None)


def test_who_answers_a_mail_of_ours_takes_mail_again(people: Cast, sink: Sink) -> None:
    mail = sent(people)
    taken = sink.to("anna@clinic.test")[-1]
    report(return_path(mail))
    assert AddressTrouble.objects.filter(address="anna@clinic.test").exists()
    forged = answer_to(taken, "Это не Анна", sender="evil@x.test")
    store(forged, to=str(taken.message["Reply-To"]))
    run_all()
    assert AddressTrouble.objects.filter(address="anna@clinic.test").exists()
    store(answer_to(taken, "Ящик снова работает", sender="anna@clinic.test"), to=str(taken.message["Reply-To"]))
    run_all()
    assert not AddressTrouble.objects.exists()


def ask_and_wait(people: Cast) -> OutboundMail:
    """Let the agent ask the requester and set the waiting status; return the mail with the question."""
    people.ticket.refresh_from_db()
    move = people.ticket.status.transitions_out.get(target__category="waiting")
    actor, words = Actor(people.agent, "agent"), Words("Какая у вас версия?")
    change_status(actor=actor, at=timezone.now(), ticket=people.ticket, transition=move, words=words)
    run_all()
    people.ticket.refresh_from_db()
    return OutboundMail.objects.filter(person=people.anna, ticket_id=people.ticket.pk).latest("id")


def test_rl_26_who_never_got_the_question_is_not_waited_for(people: Cast, sink: Sink) -> None:
    run_all()
    mail, before = ask_and_wait(people), len(sink.taken)
    assert people.ticket.status.category == "waiting"
    report(return_path(mail))
    people.ticket.refresh_from_db()
    assert people.ticket.status.category == "new" and people.ticket.undelivered_at is not None
    moved = Event.objects.get(kind="ticket.status_changed", data__quiet=True)
    assert (moved.data["before"], moved.data["after"]) == ("Ожидание ответа заявителя", "Открытый")
    assert Event.objects.get(pk=moved.cause_id).kind == "mail.undelivered" and moved.depth == 1
    assert len(sink.taken) == before and people.ticket.assignee is None
    comment(
        actor=Actor(people.agent, "agent"),
        at=timezone.now(),
        ticket=people.ticket,
        words=Words("позвонил"),
        kind="internal",
    )
    people.ticket.refresh_from_db()
    assert people.ticket.undelivered_at is None


def test_rl_26_a_refusal_at_once_and_a_stopped_address_count_as_much(people: Cast, sink: Sink) -> None:
    run_all()
    sink.answer("RCPT", "550 5.1.1 no such user", to="anna@clinic.test")
    for tries in (1, 2):
        mail = ask_and_wait(people)
        assert mail.state == ("failed", "stopped")[tries - 1]
        assert people.ticket.status.category == "new" and people.ticket.undelivered_at is not None


def test_rl_26_a_mail_to_somebody_else_does_not_end_the_waiting(people: Cast, sink: Sink) -> None:
    add_participant(actor=Actor(people.agent, "agent"), at=timezone.now(), ticket=people.ticket, person=people.boris)
    run_all()
    ask_and_wait(people)
    mail = OutboundMail.objects.filter(person=people.boris, ticket_id=people.ticket.pk).latest("id")
    report(return_path(mail), recipient="boris@clinic.test")
    people.ticket.refresh_from_db()
    assert people.ticket.status.category == "waiting" and people.ticket.undelivered_at is not None
    report(return_path(mail).replace(f"+b{mail.pk}-", f"+b{mail.pk - 1}-"))
    people.ticket.refresh_from_db()
    assert people.ticket.status.category == "waiting"
