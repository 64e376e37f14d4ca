"""Cases of the security catalogue about mail (sections 1A and 1E) without a file of their own."""

import re
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from otklik.journal.models import Event
from otklik.mail.inbox import accept
from otklik.mail.models import InboundMail, Mailbox, OutboundMail
from otklik.people.models import Person
from otklik.tickets.models import Attachment, Message, Participant, Ticket
from tests.cast import PASSWORD, Cast
from tests.intake.test_decisions import AUTHSERV, aligned, inject, signed
from tests.postoffice import Sink, answer_to, letter, post, run_all


@pytest.fixture(autouse=True)
def trusted(settings: Settings) -> None:
    settings.TRUSTED_AUTHSERV = AUTHSERV


def test_ab_02_who_has_not_proved_the_address_reads_nothing(people: Cast, sink: Sink, client: Client) -> None:
    row = inject(letter(sender="no-reply@slack.test", subject="Your code", text="code 123456"))
    ticket = Ticket.objects.get(key=row.ticket_key)
    card = f"/servicedesk/customer/portal/{people.desk.pk}/{ticket.key}"
    robot = Person.objects.get(email="no-reply@slack.test")
    assert not client.login(username=robot.email, password=PASSWORD) and not robot.has_usable_password()
    assert client.get(card).status_code == 302
    client.login(username="stranger@elsewhere.test", password=PASSWORD)
    assert client.get(card).status_code == 404
    assert ticket.key not in client.get("/servicedesk/customer/user/requests?status=any").content.decode()
    assert not [mail for mail in sink.taken if "123456" in mail.raw.decode() + mail.text]


def test_ab_04_an_altered_token_moves_nothing(people: Cast, sink: Sink) -> None:
    run_all()
    ours = sink.to("anna@clinic.test")[-1]
    address = str(ours.message["Reply-To"])
    spoiled = address[:-15] + ("a" if address[-15] != "a" else "b") + address[-14:]
    before = people.ticket.messages.count()
    row = inject(letter(sender="anna@clinic.test", to=spoiled, text="Подделка"), to=spoiled)
    assert row.fate == "request" and row.level == "claimed" and people.ticket.messages.count() == before


def test_ab_13_a_forwarded_mail_of_ours_lets_nobody_write_as_its_reader(people: Cast, sink: Sink) -> None:
    run_all()
    ours = sink.to("anna@clinic.test")[-1]
    row = inject(answer_to(ours, "От имени Анны", sender="member@list.test"), to=str(ours.message["Reply-To"]))
    message = Message.objects.get(inbound=row)
    assert (row.fate, message.held, message.author) == ("held_comment", True, None)
    assert "member@list.test" in message.claimed_author
    assert not Participant.objects.filter(ticket=people.ticket, person__email="member@list.test").exists()


def test_ab_21_no_address_makes_an_internal_note_from_outside(people: Cast, sink: Sink) -> None:
    for tag in ("note", "internal", "comment", "staff"):
        inject(letter(sender="evil@x.test", text=tag), to=f"accredo+{tag}@desk.test")
    assert not Message.objects.filter(inbound__isnull=False, kind=Message.Kind.INTERNAL).exists()


def test_ab_21_one_mail_to_two_desks_is_one_item_in_each(people: Cast, sink: Sink) -> None:
    raw = letter(to="accredo@desk.test, other@desk.test")
    for box in Mailbox.objects.order_by("id"):
        accept(raw=raw, mailbox=box, transport="smtp", envelope_from="", envelope_to=box.address, at=timezone.now())
    run_all()
    assert sorted(InboundMail.objects.values_list("ticket_key", flat=True)) == ["ACCREDO-2", "OTHER-1"]


def test_ab_22_many_names_of_one_domain_share_its_budget(people: Cast, sink: Sink, settings: Settings) -> None:
    settings.BUDGET_DOMAIN_HOUR = 7
    names = [f"x+{n}@evil.test" for n in range(6)] + [f"y{n}@sub{n}.evil.test" for n in range(6)]
    for name in names:
        inject(letter(sender=name, text=name))
    sent = OutboundMail.objects.filter(recipient__endswith="evil.test")
    assert sent.count() == 7
    assert InboundMail.objects.filter(fate="request").count() == len(names), "every mail is kept"
    assert Event.objects.filter(kind="mail.budget_exceeded").exists()


def test_ab_90_five_hundred_mails_for_one_victim(people: Cast, sink: Sink, settings: Settings) -> None:
    settings.BUDGET_ADDRESS_HOUR = 2
    box = Mailbox.objects.get(address="accredo@desk.test")
    for number in range(60):
        raw = letter(sender="victim@clinic.test", text=f"{number}", subject=f"{number}")
        accept(raw=raw, mailbox=box, transport="smtp", envelope_from="", envelope_to="", at=timezone.now())
    run_all()
    assert len(sink.to("victim@clinic.test")) == 2
    assert Ticket.objects.filter(requester__email="victim@clinic.test").count() == 60


def test_ab_92_a_mail_that_is_too_large_is_refused_and_mailed_about_to_nobody(
    people: Cast, sink: Sink, intake: int, settings: Settings
) -> None:
    run_all()
    sink.taken.clear()
    settings.MAIL_SIZE_LIMIT = 20_000
    with pytest.raises(Exception, match=r"552|5\.3\.4"):
        post(intake, letter(sender="forged@victim.test", text="x" * 50_000), sender="forged@victim.test")
    run_all()
    assert not sink.taken and not InboundMail.objects.exists()


def test_ab_92_what_is_held_or_cannot_be_read_is_never_sent_back(people: Cast, sink: Sink) -> None:
    run_all()
    sink.taken.clear()
    inject(letter(sender="evil@x.test", text="в чужой запрос"), to=signed(people.anna, people.ticket))
    inject(letter(sender="accredo@desk.test"))
    inject(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n" * 3000)
    # The requester hears in one line that somebody answered in her place; no word of the mail travels.
    told = [mail for mail in sink.taken if mail.recipients[0] not in {"agent@desk.test"}]
    assert [mail.recipients for mail in told] == [["anna@clinic.test"]]
    assert "evil@x.test" in told[0].subject + told[0].text and "в чужой запрос" not in told[0].text


def test_ab_98_a_flood_does_not_hide_a_known_customer(people: Cast, sink: Sink, client: Client) -> None:
    box = Mailbox.objects.get(address="accredo@desk.test")
    for number in range(80):
        raw = letter(sender=f"f{number}@flood.test", text=f"{number}", subject=f"flood {number}")
        accept(raw=raw, mailbox=box, transport="smtp", envelope_from="", envelope_to="", at=timezone.now())
    inject(aligned(letter(subject="Настоящий вопрос", sender="anna@clinic.test"), "clinic.test"))
    client.login(username="agent@desk.test", password=PASSWORD)
    page = client.get("/projects/ACCREDO/mail?sender=anna").content.decode()
    assert "Настоящий вопрос" in page and "flood" not in page
    client.post("/projects/ACCREDO/mail/bulk", {"act": "block", "mail": [InboundMail.objects.order_by("id")[0].pk]})
    assert inject(letter(sender="f0@flood.test", text="ещё")).fate == "blocked"


NAMES = (
    ".htaccess",
    "\u200b.htaccess",
    "../../x",
    "a%00.pdf",
    "x" * 3000,
    "CON",
    "x.php",
    "/etc/passwd",
    "..",
    "a\\..\\b",
)


def test_ab_75_no_byte_of_a_file_name_reaches_the_disk(people: Cast, sink: Sink) -> None:
    parts = b"".join(
        b"--b\r\nContent-Type: application/x-php\r\nContent-Disposition: attachment;"
        b" filename*=utf-8''" + quote(name, safe="").encode() + b"\r\n\r\n<?php %d\r\n" % number
        for number, name in enumerate(NAMES)
    )
    row = inject(
        letter().partition(b"Content-Type")[0] + b'Content-Type: multipart/mixed; boundary="b"\n\n' + parts + b"--b--"
    )
    stored = Attachment.objects.filter(message__ticket__key=row.ticket_key)
    assert stored.count() == len(NAMES)
    root = Path(django_settings.FILES)
    files = [file for file in root.rglob("*") if file.is_file() and file != root / "lock"]
    assert {file.name for file in files} >= set(stored.values_list("digest", flat=True))
    for file in files:
        digest = file.name
        assert (
            re.fullmatch("[0-9a-f]{64}", digest) and file.relative_to(root) == Path(digest[:2]) / digest[2:4] / digest
        )
        assert file.stat().st_mode & 0o777 == 0o600
    assert not any(
        set(name) & set("/\\\0\u200b") or name.strip(".") == "" for name in stored.values_list("name", flat=True)
    )


WORDS = (
    "'",
    '"',
    "' OR 1=1 --",
    "1; SELECT pg_sleep(60)",
    "%' UNION SELECT 1--",
    "\\",
    "$$",
    "{}",
    "a\x00b",
    "😀",
    "(((",
    "&|!:*",
    "%s %(x)s",
    "9" * 40,
)
PLACES = {
    "/projects/ACCREDO/outbox": ("state", "text", "older", "newer"),
    "/projects/ACCREDO/mail": ("state", "fate", "text", "sender", "older", "newer"),
    "/projects/go": ("q",),
    "/projects/ACCREDO/queues/custom/{queue}": ("sort", "page", "q"),
    "/servicedesk/customer/user/requests": ("q", "status", "sort", "page", "type", "by"),
    "/servicedesk/customer/portals": ("q",),
}


@pytest.mark.parametrize("place", PLACES)
def test_ab_60_words_in_an_address_never_become_statements(people: Cast, client: Client, place: str) -> None:
    client.login(username="agent@desk.test", password=PASSWORD)
    address = place.format(queue=people.desk.queues.order_by("id")[0].pk)
    assert client.get(address).status_code == 200
    for name in PLACES[place]:
        for words in WORDS:
            began = time.monotonic()
            assert client.get(address, {name: words}).status_code in {200, 302, 400, 404, 422}, (name, words)
            assert time.monotonic() - began < 50, (name, words)


def test_ab_07_a_deactivated_participant_says_nothing_by_mail(people: Cast, sink: Sink) -> None:
    Person.objects.filter(pk=people.anna.pk).update(is_active=False)
    raw = aligned(letter(text="я ещё здесь"), "clinic.test")
    row = inject(raw, to=signed(people.anna, people.ticket))
    assert row.fate == "held_comment"
    assert not people.ticket.messages.filter(held=False, text__contains="я ещё здесь").exists()
