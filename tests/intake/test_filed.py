"""Automatic replies change nothing and are shown to agents; mails that only resemble them become tickets (AB-91,
RL-28)."""

import pytest
from django.test import Client
from django.utils import timezone

from otklik.desks.models import Transition
from otklik.journal.models import Event
from otklik.mail.models import InboundMail, OutboundMail
from otklik.mail.verp import return_path
from otklik.people.actor import Actor
from otklik.tickets.commands.status import change_status
from otklik.tickets.models import Ticket
from tests.cast import Cast
from tests.intake.test_decisions import inject, signed
from tests.postoffice import Sink, letter, run_all


def close(people: Cast) -> OutboundMail:
    """Close the ticket; return the last mail to anna."""
    row = Transition.objects.get(desk=people.desk, name="Закрыть")
    change_status(actor=Actor(people.agent, "agent"), at=timezone.now(), ticket=people.ticket, transition=row)
    run_all()
    people.ticket.refresh_from_db()
    return OutboundMail.objects.filter(recipient="anna@clinic.test", ticket_id=people.ticket.pk).latest("id")


def report(kind: str, parts: str, to: str = "accredo@desk.test", more: str = "") -> bytes:
    return (
        f"From: Anna <anna@clinic.test>\nTo: {to}\nSubject: =?utf-8?q?=D0=9E=D1=82=D1=87=D1=91=D1=82?=\n"
        f"Message-ID: <r{timezone.now().timestamp()}@clinic.test>\n{more}MIME-Version: 1.0\n"
        f'Content-Type: multipart/report; report-type={kind}; boundary="b"\n\n'
        "--b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nСлова отчёта.\n"
        f"{parts}--b--\n"
    ).encode()


def part(kind: str, words: str) -> str:
    return f"--b\nContent-Type: {kind}\n\n{words}\n\n"


def delay(ours: OutboundMail) -> tuple[bytes, str]:
    told = "Reporting-MTA: dns; mx.test\n\nFinal-Recipient: rfc822; anna@clinic.test\nAction: delayed\nStatus: 4.4.7\n"
    return report("delivery-status", part("message/delivery-status", told)), return_path(ours)


def delivered(ours: OutboundMail) -> tuple[bytes, str]:
    told = (
        "Reporting-MTA: dns; mx.test\n\nFinal-Recipient: rfc822; anna@clinic.test\nAction: delivered\nStatus: 2.0.0\n"
    )
    copy = part("text/rfc822-headers", f"Message-ID: {ours.message_id}\nSubject: x\n")
    return report("delivery-status", part("message/delivery-status", told) + copy), ""


def receipt(ours: OutboundMail) -> tuple[bytes, str]:
    told = f"Final-Recipient: rfc822; anna@clinic.test\nOriginal-Message-ID: {ours.message_id}\n"
    told += "Disposition: manual-action/MDN-sent-manually; deleted\n"
    return report("disposition-notification", part("message/disposition-notification", told)), ""


def complaint(ours: OutboundMail) -> tuple[bytes, str]:
    told = "Feedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\n"
    copy = part("message/rfc822", f"Message-ID: {ours.message_id}\nSubject: x\n\nold\n")
    return report("feedback-report", part("message/feedback-report", told) + copy), ""


def unknown_kind(ours: OutboundMail) -> tuple[bytes, str]:
    return report("x-whatever", part("message/x-whatever", "a: b"), more=f"In-Reply-To: {ours.message_id}\n"), ""


def absence(subject: str, **more: str) -> object:
    def make(ours: OutboundMail) -> tuple[bytes, str]:
        raw = letter(subject=subject, text="Слова отчёта.", In_Reply_To=ours.message_id, **more)
        return raw, ""

    return make


MACHINES = [
    delay,
    delivered,
    receipt,
    complaint,
    unknown_kind,
    absence("Poza biurem do 5.12", Auto_Submitted="auto-generated"),
    absence("Ես արձակուրդում եմ", Auto_Submitted="auto-replied (vacation)"),
    absence("x", Auto_Submitted="auto-notified"),
    absence("На больничном", X_Autoreply="yes"),
    absence("Насанд амарч байна", Precedence="auto_reply"),
    absence("Отпуск", Return_Path="<>"),
    absence("Отпуск", X_Autorespond="vacation"),
    absence("Ваша заявка принята", X_OTRS_Loop="yes"),
    absence("Ticket received", X_FC_MachineGenerated="true"),
]


@pytest.mark.parametrize("make", MACHINES)
def test_rl_28_what_a_program_answers_is_filed_and_shown(
    people: Cast, sink: Sink, client: Client, make: object
) -> None:
    ours = close(people)
    before = (people.ticket.version, people.ticket.updated_at, people.ticket.closed_at)
    count, sent = people.ticket.messages.count(), len(sink.taken)
    assert callable(make)
    raw, to = make(ours)
    row = inject(raw, to=to or "accredo@desk.test")
    people.ticket.refresh_from_db()
    assert (row.state, row.ticket_key) == ("filed", "ACCREDO-1") and row.fate in {"auto_reply", "bounce"}
    assert (people.ticket.version, people.ticket.updated_at, people.ticket.closed_at) == before
    assert (Ticket.objects.count(), people.ticket.messages.count(), len(sink.taken)) == (1, count, sent)
    assert Event.objects.filter(kind="mail.filed", subject_id=people.ticket.pk).count() == 1
    client.force_login(people.agent)
    page = client.get("/browse/ACCREDO-1").content.decode()
    assert "Слова отчёта." in page and f"/projects/ACCREDO/mail/{row.pk}" in page
    client.force_login(people.anna)
    shown = client.get(f"/servicedesk/customer/portal/{people.desk.pk}/ACCREDO-1").content.decode()
    assert "Слова отчёта." not in shown


def test_rl_28_an_automatic_answer_to_the_reply_address_alone_is_filed(people: Cast, sink: Sink) -> None:
    close(people)
    to = signed(people.anna, people.ticket)
    row = inject(letter(to=to, subject="Liburan", Auto_Submitted="auto-generated"), to=to)
    people.ticket.refresh_from_db()
    assert (row.fate, row.ticket_key) == ("auto_reply", "ACCREDO-1") and people.ticket.closed_at is not None


def test_a_person_on_a_list_whose_program_guards_against_loops_is_heard(people: Cast, sink: Sink) -> None:
    to = signed(people.anna, people.ticket)
    row = inject(letter(to=to, subject="Принтер", X_Loop="docs@list.test", X_Docs_Loop="no"), to=to)
    assert (row.fate, row.ticket_key) == ("comment", "ACCREDO-1")


def test_what_a_machine_reports_of_its_own_accord_is_a_request(people: Cast, sink: Sink) -> None:
    first = inject(letter(sender="zabbix@clinic.test", Auto_Submitted="auto-generated", Message_ID="<z1@clinic.test>"))
    again = letter(
        sender="zabbix@clinic.test", subject="Снова", Auto_Submitted="auto-generated", In_Reply_To="<z1@clinic.test>"
    )
    assert first.fate == "request" and inject(again).fate in {"request", "held_comment"}


@pytest.mark.parametrize(
    ("sender", "subject", "text"),
    [
        ("z@clinic.test", "Автоматический ответ: как его включить?", "Подскажите."),
        ("z@clinic.test", "Отсутствие на работе: как оформить?", "Добрый день!"),
        ("z@clinic.test", "Out of office", "How do I set it?"),
        ("z@clinic.test", "Нет на месте: врач Петров", "Кто его заменяет?"),
        ("postmaster@clinic.test", "Недоставленное сообщение", "Пользователь не найден, пишет портал."),
        ("webmaster@clinic.test", "Не доставлены письма портала", "550 5.1.1 user unknown"),
        ("Mail Delivery System <it@clinic.test>", "Returned mail: see transcript", "Mailbox full, 550 5.2.2"),
        ("Microsoft Exchange <exchange@clinic.test>", "Undeliverable: договор", "Не удалось доставить, что делать?"),
        ("MAILER-DAEMON <robot@clinic.test>", "Переполнен ящик", "Увеличьте квоту."),
        ("Почтовая система <mail@clinic.test>", "Сбой доставки", "Не найден."),
        ("z@clinic.test", "Прочитано: приказ 55", "Вопросы по приказу."),
    ],
)
def test_a_mail_vanishes_never_on_words_alone(people: Cast, sink: Sink, sender: str, subject: str, text: str) -> None:
    row = inject(letter(sender=sender, subject=subject, text=text), sender="z@clinic.test")
    assert (row.state, row.fate, Ticket.objects.count()) == ("filed", "request", 2)


def test_a_person_who_forwards_a_report_with_words_is_heard(people: Cast, sink: Sink) -> None:
    told = part("message/delivery-status", "Final-Recipient: rfc822; x@y.test\nAction: failed\nStatus: 5.1.1\n")
    raw = report("x", told).replace(b"multipart/report; report-type=x", b"multipart/mixed")
    row = inject(raw, sender="anna@clinic.test")
    assert InboundMail.objects.get(pk=row.pk).fate == "request"


@pytest.mark.parametrize("about", ["", "Отсутствие на работе: как оформить?"])
def test_an_answer_in_words_of_absence_is_a_comment(people: Cast, sink: Sink, about: str) -> None:
    close(people)
    if about:
        Ticket.objects.filter(pk=people.ticket.pk).update(subject=about)
    to = signed(people.anna, people.ticket)
    text = "Он вернётся в среду." + ("" if about else "\n\n02.11.2026 12:00, desk пишет:\n> Кто в отпуске?\n")
    row = inject(letter(to=to, subject=about or "Нет на месте: Петров", text=text), to=to)
    people.ticket.refresh_from_db()
    assert row.fate == "comment" and people.ticket.closed_at is None
