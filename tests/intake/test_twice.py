"""The same mail by two ways is one request; what is not the same is said at the request (ADR 69)."""

import base64
import quopri
from email.message import EmailMessage

import pytest

from otklik.desks.commands.address import add_address
from otklik.mail.inbox import accept
from otklik.mail.models import InboundMail, Mailbox
from otklik.mail.reasons import in_words
from otklik.people.actor import system
from otklik.tickets.models import Message, Ticket
from tests.cast import START, Cast
from tests.postoffice import Sink, run_all

WORDS = "Добрый день!\nНе открывается протокол. Помогите, пожалуйста, разобраться с этим сегодня.\nС уважением, Анна"
FOOTER = "_______________________________________________\nОтдел mailing list\nhttps://lists.example/otdel"


def mail(
    words: str = WORDS, *, encoding: str = "8bit", subject: str = "Протокол", kind: str = "plain", **fields: str
) -> bytes:
    data = words.encode()
    if encoding == "quoted-printable":
        data = quopri.encodestring(data)
    elif encoding == "base64":
        data = base64.encodebytes(data)
    head = {
        "From": "Анна Петрова <anna@clinic.test>", "To": "accredo@desk.test", "Subject": subject,
        "Message-ID": "<one@clinic.test>", "Date": "Mon, 02 Nov 2026 12:00:00 +0300", "MIME-Version": "1.0",
        "Content-Type": f"text/{kind}; charset=utf-8", "Content-Transfer-Encoding": encoding,
    }  # fmt: skip
    head |= {name.replace("_", "-"): value for name, value in fields.items()}
    return "".join(f"{name}: {value}\r\n" for name, value in head.items()).encode() + b"\r\n" + data


def take(raw: bytes, box: str = "accredo@desk.test") -> InboundMail:
    row = accept(
        raw=raw, mailbox=Mailbox.objects.get(address=box), transport="smtp", envelope_from="", envelope_to=box, at=START
    )
    run_all()
    return InboundMail.objects.get(pk=row.pk)


SAME = {
    "quoted-printable": {"encoding": "quoted-printable"},
    "base64": {"encoding": "base64"},
    "line ends": {"words": WORDS.replace("\n", "\r\n") + "\r\n\r\n"},
    "wrapped anew": {"words": WORDS.replace("протокол. ", "протокол.\n").replace("с этим ", "с этим\n")},
    "a list's footer": {"words": f"{WORDS}\n{FOOTER}", "subject": "[otdel] Протокол"},
    "a gateway's warning": {"words": f"Внимание: письмо пришло извне.\n\n{WORDS}", "subject": "[EXTERNAL] Протокол"},
    "html": {"words": "".join(f"<p>{line}</p>" for line in WORDS.split("\n")), "kind": "html"},
}


@pytest.mark.parametrize("way", SAME)
@pytest.mark.parametrize("turned", [False, True])
def test_ab_14_the_same_mail_by_another_way_is_no_other_request(
    way: str, turned: bool, people: Cast, sink: Sink
) -> None:
    ways = [mail(), mail(**SAME[way])]
    one, two = (take(raw) for raw in (reversed(ways) if turned else ways))
    assert (one.fate, two.fate, two.state, two.ticket_id) == ("request", "copy", "filed", one.ticket_id)
    assert Ticket.objects.count() == 2 and one.ticket_key in in_words(two.reason)
    assert Message.objects.filter(inbound__in=[one, two]).count() == 1


def test_two_mailboxes_of_a_desk_make_one_request_and_two_desks_two(people: Cast, sink: Sink) -> None:
    add_address(actor=system(), at=START, desk=people.desk, address="second@desk.test")
    one, two = take(mail()), take(mail(), "second@desk.test")
    assert (two.fate, two.ticket_id) == ("copy", one.ticket_id)
    other = Mailbox.objects.get(channel__desk=people.other_desk)
    assert take(mail(), other.address).fate == "request"


def test_both_ways_within_one_batch_are_one_request(people: Cast, sink: Sink) -> None:
    box = Mailbox.objects.get(address="accredo@desk.test")
    for raw in (mail(), mail(encoding="base64")):
        accept(raw=raw, mailbox=box, transport="smtp", envelope_from="", envelope_to=box.address, at=START)
    run_all()
    assert sorted(InboundMail.objects.filter(message_id="one@clinic.test").values_list("fate", flat=True)) == [
        "copy",
        "request",
    ]


OTHERS = {
    "other words": {"words": "Совсем другой вопрос: как продлить доступ?"},
    "more in a line": {"words": WORDS.replace("протокол.", "протокол в кабинете 5.")},
    "more words than a footer": {"words": WORDS + "\n" + "И ещё один длинный вопрос о реестре и доступе. " * 30},
    "another author": {"From": "Борис <boris@clinic.test>"},
    "another day": {"Date": "Tue, 03 Nov 2026 12:00:00 +0300", "words": WORDS + "\nИ ещё."},
    "another subject": {"subject": "Реестр"},
}


@pytest.mark.parametrize("way", OTHERS)
def test_ab_14_what_is_not_the_same_is_kept_and_said_at_the_request(way: str, people: Cast, sink: Sink) -> None:
    one, two = take(mail()), take(mail(**OTHERS[way]))
    assert (one.fate, two.fate) == ("request", "request") and one.ticket_id != two.ticket_id
    message = Message.objects.get(inbound=two)
    assert "Message-ID" in in_words(message.why) and "Message-ID" in in_words(two.reason)


def test_a_copy_with_a_file_more_is_kept_and_one_with_a_file_less_is_none(people: Cast, sink: Sink) -> None:
    whole = EmailMessage()
    for name, value in (("From", "anna@clinic.test"), ("To", "accredo@desk.test"), ("Subject", "Протокол")):
        whole[name] = value
    whole["Message-ID"], whole["Date"] = "<one@clinic.test>", "Mon, 02 Nov 2026 12:00:00 +0300"
    whole.set_content(WORDS)
    whole.add_attachment(b"%PDF-1.4", "application", "pdf", filename="scan.pdf")
    one, two = take(whole.as_bytes()), take(mail())
    assert (one.fate, two.fate) == ("request", "copy")


def test_a_copy_that_brings_a_file_more_is_kept(people: Cast, sink: Sink) -> None:
    mixed = 'Content-Type: multipart/mixed; boundary="b"'
    more = (
        b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        + WORDS.encode()
        + b"\r\n--b\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\n%PDF\r\n--b--\r\n"
    )
    raw = mail().partition(b"\r\n\r\n")[0].replace(b"Content-Type: text/plain; charset=utf-8", mixed.encode())
    assert [take(one).fate for one in (mail(), raw + b"\r\n\r\n" + more)] == ["request", "request"]


def test_ab_14_a_way_that_proves_more_is_taken(people: Cast, sink: Sink) -> None:
    one = take(mail())
    InboundMail.objects.filter(pk=one.pk).update(level="none", fate="held_comment")
    assert take(mail(encoding="base64")).fate == "request"
