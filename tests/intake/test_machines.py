"""Mail loops, bounces and automatic replies are recorded and never answered (AB-91)."""

from email.message import EmailMessage

import pytest
from pytest_django.fixtures import Settings

from otklik.mail.models import InboundMail, OutboundMail
from otklik.mail.own_mail_marks import is_from_an_otklik, our_mark
from otklik.mail.reasons import in_words
from otklik.tickets.models import Ticket
from tests.cast import Cast
from tests.intake.test_decisions import inject, signed
from tests.postoffice import Sink, answer_to, letter, run_all


@pytest.fixture
def quiet(people: Cast, sink: Sink) -> Sink:
    """Return the sink, after the mails caused by the cast itself."""
    run_all()
    sink.taken.clear()
    return sink


CALENDAR = (
    "BEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nSUMMARY:Осмотр\nATTENDEE;PARTSTAT=ACCEPTED:mailto:anna@clinic.test\n{}"
    "END:VEVENT\nEND:VCALENDAR\n"
)


@pytest.mark.parametrize(("remark", "fate"), [("", "auto_reply"), ("COMMENT:Опоздаю\n", "comment")])
def test_ab_91_a_click_on_an_invitation_is_a_program_s_answer(
    people: Cast, quiet: Sink, remark: str, fate: str
) -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["Message-ID"] = "anna@clinic.test", "Принято: Осмотр", "<cal@clinic.test>"
    mail.set_content(CALENDAR.format(remark), subtype="calendar", params={"method": "REPLY"})
    row = inject(mail.as_bytes(), to=signed(people.anna, people.ticket))
    assert (row.fate, row.ticket_id) == (fate, people.ticket.pk)


@pytest.mark.parametrize(
    ("more", "state", "fate"),
    [
        ({"X_Otklik_Desk": "our mark"}, "held", "own"),
        ({"Auto_Submitted": "auto-replied"}, "filed", "auto_reply"),
    ],
)
def test_ab_91_is_recorded_and_not_answered(
    people: Cast, quiet: Sink, more: dict[str, str], state: str, fate: str
) -> None:
    if "X_Otklik_Desk" in more:
        more = {"X_Otklik_Desk": our_mark()}
    row = inject(letter(**{"sender": "z@clinic.test", **more}))
    assert (row.state, row.fate, Ticket.objects.count()) == (state, fate, 1)
    assert row.reason and not quiet.taken


HOP = b"Received: from a by b; Mon, 02 Nov 2026 12:00:00 +0300\n"


def test_ab_91_too_many_hops_are_a_loop(people: Cast, quiet: Sink, settings: Settings) -> None:
    row = inject(HOP * 31 + letter(sender="z@clinic.test"))
    assert (row.state, row.fate) == ("held", "own") and "31" not in row.reason and "30" in row.reason
    settings.LOOP_HOPS = 40
    assert inject(HOP * 40 + letter(sender="z@clinic.test", subject="x")).fate == "request"
    assert inject(HOP * 41 + letter(sender="z@clinic.test", subject="y")).fate == "own"


@pytest.mark.parametrize("most", [5, 2])
def test_ab_91_who_writes_too_fast_is_kept_but_the_others_are_not_mailed(
    people: Cast, quiet: Sink, settings: Settings, most: int
) -> None:
    assert settings.LOOP_MAILS == 5
    settings.LOOP_MAILS = most
    to = signed(people.anna, people.ticket)
    for number in range(7):
        assert inject(letter(text=f"раз {number}"), to=to).fate == "comment"
    assert len(quiet.to("boris@clinic.test")) == most
    assert people.ticket.messages.filter(text__startswith="раз").count() == 7


def test_ab_91_many_people_who_write_at_once_are_no_machine(people: Cast, quiet: Sink, settings: Settings) -> None:
    settings.LOOP_MAILS = 2
    for who, text in ((people.boris, "x"), (people.boris, "y"), (people.anna, "x")):
        inject(letter(sender=who.email or "", text=text), to=signed(who, people.ticket))
    assert len(quiet.to("boris@clinic.test")) == 1 and len(quiet.to("anna@clinic.test")) == 2


@pytest.mark.parametrize(
    "more",
    [
        {"Auto_Submitted": "auto-generated"},
        {"Precedence": "bulk"},
        {"Precedence": "junk"},
        {"List_Id": "<x.y>"},
        {"X_Auto_Response_Suppress": "All"},
        {"X_Auto_Response_Suppress": "DR, AutoReply"},
        {"Auto_Submitted": "auto-generated; owner=x"},
        {"X_Loop": "z@x"},
        {"X_Otklik_Desk": "another desk"},
        {"sender": "MAILER-DAEMON@clinic.test"},
        {"sender": "noreply@clinic.test"},
        {"sender": "accredo@desk.test"},
        {"sender": "other@desk.test"},
        {"envelope": "<>"},
        {"subject": "Автоматический ответ: отпуск"},
    ],
)
def test_ab_91_is_a_request_and_not_answered(people: Cast, quiet: Sink, more: dict[str, str]) -> None:
    envelope = more.pop("envelope", "")
    row = inject(letter(**{"sender": "z@clinic.test", **more}), sender=envelope)
    assert row.state == "filed" and row.silent and not quiet.taken


def bounce_of(message_id: str, recipient: str) -> bytes:
    """Return a delivery report as Postfix writes it."""
    report = (
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.test\n\n"
        f"Final-Recipient: rfc822; {recipient}\nAction: failed\nStatus: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\n"
    )
    return (
        "From: MAILER-DAEMON@mx.test\nTo: accredo@desk.test\nSubject: Undelivered Mail Returned to Sender\n"
        "Auto-Submitted: auto-replied\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        f"--b\nContent-Type: text/plain\n\nnot delivered\n--b\n{report}\n"
        f"--b\nContent-Type: message/rfc822\n\nMessage-ID: {message_id}\nSubject: x\n\nold\n--b--\n"
    ).encode()


def test_rl_27_a_bounce_is_written_at_the_mail_it_speaks_of(people: Cast, quiet: Sink) -> None:
    ours = OutboundMail.objects.filter(recipient="anna@clinic.test", kind="comment")[0]
    row = inject(bounce_of(ours.message_id, "anna@clinic.test"))
    assert (row.state, row.fate, row.ticket_key) == ("filed", "bounce", "ACCREDO-1")
    ours.refresh_from_db()
    assert ours.state == "failed" and "550 5.1.1 no such user" in ours.answer
    assert Ticket.objects.count() == 1 and people.ticket.messages.count() == 3 and not quiet.taken


def test_rl_27_a_forged_bounce_changes_nothing(people: Cast, quiet: Sink) -> None:
    ours = OutboundMail.objects.filter(recipient="anna@clinic.test", kind="comment")[0]
    for message_id, recipient in (("<guess@desk.test>", "anna@clinic.test"), (ours.message_id, "boris@clinic.test")):
        assert inject(bounce_of(message_id, recipient)).fate == "bounce"
    ours.refresh_from_db()
    assert ours.state == "sent"


def test_rl_28_an_out_of_office_note_moves_nothing(people: Cast, quiet: Sink) -> None:
    for number in range(10):
        raw = letter(Auto_Submitted="auto-replied", subject="Отпуск", text=str(number))
        row = inject(raw, to=signed(people.anna, people.ticket))
        assert (row.fate, row.ticket_key) == ("auto_reply", "ACCREDO-1")
    assert people.ticket.messages.count() == 3 and not quiet.taken


def test_ab_91_two_desks_stop_by_themselves(people: Cast, quiet: Sink) -> None:
    """A relay that strips our headers carries each of our mails to another desk, and its answer back."""
    inject(letter(sender="desk-b@far.test", text="request of the other desk"))
    exchanged = 0
    while quiet.taken and exchanged < 50:
        ours = quiet.taken.pop(0)
        exchanged += 1
        # The other desk makes a request of whatever comes and acknowledges it to From, as ours does.
        answer = EmailMessage()
        answer["From"], answer["To"] = "desk-b@far.test", "accredo@desk.test"
        answer["Subject"] = f"B-{exchanged} accepted: {ours.subject}"
        answer["Message-ID"] = f"<b{exchanged}@far.test>"
        answer.set_content(f"Your request B-{exchanged} is accepted.")
        inject(answer.as_bytes(), to="accredo@desk.test")
    assert exchanged <= 8
    assert InboundMail.objects.filter(state="waiting").count() == 0


def test_ab_91_two_robots_on_one_request_are_broken_off(people: Cast, quiet: Sink) -> None:
    for number in range(20):
        inject(letter(text=f"robot {number}"), to=signed(people.anna, people.ticket))
    told = [mail for mail in quiet.to("boris@clinic.test") if "robot" in mail.text]
    assert 3 <= len(told) <= 6
    assert people.ticket.messages.count() == 23


@pytest.mark.parametrize(
    "raw",
    [
        letter(Message_ID="<1abc.0123456789abcdef.otklik@other.test>"),
        (
            b'Content-Type: multipart/alternative;\r\n\tboundary="=_otklik_abc=="\r\nFrom: a@x.test\r\n'
            b"Message-ID: <1@x>\r\n\r\n--=_otklik_abc==\r\n\r\nhello\r\n--=_otklik_abc==--\r\n"
        ),
    ],
    ids=["by its Message-ID", "by its boundary"],
)
def test_ab_91_what_an_otklik_sent_is_a_request_and_not_answered(quiet: Sink, raw: bytes) -> None:
    row = inject(raw)
    assert row.fate == "request" and in_words(row.silent).startswith("Письмо само отправила другая служба")
    assert not quiet.taken


def test_people_who_answer_or_forward_a_mail_of_ours_are_answered(people: Cast, sink: Sink) -> None:
    inject(letter(sender="new@clinic.test"))
    ours = sink.to("new@clinic.test")[-1]
    assert is_from_an_otklik(str(ours.message["Message-ID"]), ours.raw)
    again = inject(answer_to(ours, "Ещё вопрос", sender="else@clinic.test", to="accredo@desk.test"))
    forwarded = letter(sender="third@clinic.test") + b"\n\n" + ours.raw
    assert again.silent == "" and inject(forwarded).silent == ""
    assert [mail for mail in sink.taken if mail.recipients == ["third@clinic.test"]]
