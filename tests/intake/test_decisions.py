"""The decision table of docs/mail.md, row by row, and the attacks that it prevents."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from otklik.intake.process import process_next
from otklik.journal.models import Event
from otklik.mail import tokens
from otklik.mail.dkim_check import vouch_next
from otklik.mail.dns_lookup import configured
from otklik.mail.inbox import accept
from otklik.mail.models import InboundMail, Mailbox
from otklik.mail.reasons import in_words
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.fields import remove_participant
from otklik.tickets.content import Words
from otklik.tickets.models import Message, Participant, Ticket, TicketLink
from tests.cast import START, Cast, came_of
from tests.mail.test_dkim_verify import NameServer, names
from tests.mail.test_dkim_verify import signed as sign
from tests.postoffice import Sink, letter, run_all

AUTHSERV = "mx.desk.test"
__all__ = ["names"]


def inject(raw: bytes, *, to: str = "accredo@desk.test", sender: str = "") -> InboundMail:
    """Store a mail, run all workers and return its ledger row."""
    box = Mailbox.objects.get(address="accredo@desk.test")
    mail = accept(raw=raw, mailbox=box, transport="smtp", envelope_from=sender, envelope_to=to, at=timezone.now())
    run_all()
    return InboundMail.objects.get(pk=mail.pk)


def signed(who: Person, ticket: Ticket) -> str:
    """Return a participant's signed reply address."""
    row = Participant.objects.get(person=who, ticket=ticket)
    return f"accredo+{tokens.sign(row.pk, row.epoch)}@desk.test"


def passed(domain: str, result: str = "pass") -> dict[str, str]:
    return {"Authentication_Results": f"{AUTHSERV}; dmarc={result} header.from={domain}"}


def first(raw: bytes, header: str) -> bytes:
    """Return the mail with a header on top, where our own mail server puts it."""
    return header.encode() + b"\n" + raw


def aligned(raw: bytes, domain: str) -> bytes:
    return first(raw, f"Authentication-Results: {AUTHSERV}; dmarc=pass header.from={domain}")


def known_id(ticket: Ticket, message_id: str = "<first@clinic.test>") -> str:
    """Make the ticket begin with a mail of this Message-ID, which is returned."""
    box = Mailbox.objects.get(address="accredo@desk.test")
    mail = accept(
        raw=letter(Message_ID=message_id, text="старое"),
        mailbox=box,
        transport="smtp",
        envelope_from="",
        envelope_to="",
        at=START,
    )
    InboundMail.objects.filter(pk=mail.pk).update(
        state="filed", settled_at=START, fate="request", ticket_id=ticket.pk, message_id=message_id.strip("<>")
    )
    return message_id


def before(ticket: Ticket) -> tuple[int, int]:
    return ticket.messages.count(), Participant.objects.filter(ticket=ticket).count()


@pytest.fixture(autouse=True)
def trusted(settings: Settings) -> None:
    settings.TRUSTED_AUTHSERV = AUTHSERV


def test_proved_participant_comments(people: Cast, sink: Sink) -> None:
    row = inject(letter(text="Есть новости?"), to=signed(people.anna, people.ticket))
    message = people.ticket.messages.order_by("-id")[0]
    assert (row.fate, row.level, row.rule, row.ticket_key) == ("comment", "proved", "reply_address", "ACCREDO-1")
    assert (message.author, message.held, message.text, message.inbound) == (people.anna, False, "Есть новости?", row)
    assert "подписанный адрес" in in_words(message.why)
    assert [mail.recipients for mail in sink.taken if "Есть новости" in mail.text] == [["boris@clinic.test"]]


def test_proved_by_the_token_in_our_message_id(people: Cast, sink: Sink) -> None:
    run_all()
    ours = sink.to("anna@clinic.test")[-1].message["Message-ID"]
    row = inject(letter(text="ответ", References=f"<root@x> {ours}"))
    assert (row.fate, row.level, row.rule) == ("comment", "proved", "reply_token")


@pytest.mark.parametrize("by", ["subject", "references"])
def test_aligned_participant_comments_by_any_rule(people: Cast, sink: Sink, by: str) -> None:
    raw = letter(subject="по поводу ACCREDO-1") if by == "subject" else letter(In_Reply_To=known_id(people.ticket))
    row = inject(aligned(raw, "clinic.test"))
    assert (row.fate, row.level, row.rule) == ("comment", "aligned", by)


def test_aligned_agent_answers_by_mail(people: Cast, sink: Sink) -> None:
    raw = letter(sender="agent@desk.test", subject="Re: ACCREDO-1", text="Готово, проверьте.")
    row = inject(aligned(raw, "desk.test"))
    message = people.ticket.messages.order_by("-id")[0]
    assert (row.fate, message.author, message.held) == ("comment", people.agent, False)
    assert any("Готово, проверьте." in mail.text for mail in sink.to("anna@clinic.test"))


@pytest.mark.parametrize("by", ["reply address of a customer", "references", "subject"])
def test_ab_04_claimed_agent_says_nothing_to_customers(people: Cast, sink: Sink, by: str) -> None:
    to = signed(people.anna, people.ticket) if by.startswith("reply") else "accredo@desk.test"
    more = {"In_Reply_To": known_id(people.ticket)} if by == "references" else {}
    raw = letter(sender="agent@desk.test", subject="ACCREDO-1", text="Пришлите пароль", **more)
    row = inject(raw, to=to)
    assert row.fate == ("request" if by == "subject" else "held_comment")
    assert not [mail for mail in sink.taken if "Пришлите пароль" in mail.raw.decode() + mail.text + mail.html]


def test_ab_05_tokens_of_other_shapes_are_worth_nothing(people: Cast, sink: Sink) -> None:
    row = Participant.objects.get(person=people.anna, ticket=people.ticket)
    good = tokens.sign(row.pk, row.epoch)
    last = "a" if good[-1] != "a" else "b"
    for bad in (good[:-1] + last, good[:-26], "0" + good[1:], good + "a", good[:-1], "1", ""):
        mail = inject(letter(text=f"чужое {bad}"), to=f"accredo+{bad}@desk.test")
        assert mail.fate == "request", bad
    assert people.ticket.messages.count() == 3
    assert inject(letter(text="регистр"), to=f"ACCREDO+{good.upper()}@desk.test").fate == "comment"


def test_ab_06_a_token_in_other_hands_waits_inside_the_ticket(people: Cast, sink: Sink) -> None:
    to = signed(people.anna, people.ticket)
    row = inject(aligned(letter(sender="Evil <evil@elsewhere.test>", text="пустите"), "elsewhere.test"), to=to)
    message = people.ticket.messages.order_by("-id")[0]
    assert (row.state, row.fate, message.held, message.author) == ("held", "held_comment", True, None)
    assert message.claimed_author == "Evil <evil@elsewhere.test>"
    assert not Participant.objects.filter(ticket=people.ticket, person__email="evil@elsewhere.test").exists()
    assert not Person.objects.filter(email="evil@elsewhere.test").exists()
    comment(actor=Actor(people.agent, "agent"), at=timezone.now(), ticket=people.ticket, words=Words("итог 42"))
    run_all()
    assert {tuple(mail.recipients) for mail in sink.taken if "итог 42" in mail.text} == {
        ("anna@clinic.test",),
        ("boris@clinic.test",),
    }
    assert not sink.to("evil@elsewhere.test")


def test_ab_07_a_removed_person_is_held(people: Cast, sink: Sink) -> None:
    to = signed(people.boris, people.ticket)
    remove_participant(actor=Actor(people.agent, "agent"), at=timezone.now(), ticket=people.ticket, person=people.boris)
    # No mail of ours carries a token of the epoch that began with the removal; made all the same, it proves nothing.
    for token in (to, signed(people.boris, people.ticket)):
        for level, before in (("claimed", bytes), ("aligned", lambda raw: aligned(raw, "clinic.test"))):
            row = inject(before(letter(sender="boris@clinic.test", text=f"я ещё тут {level} {token}")), to=token)
            assert (row.fate, row.level) == ("held_comment", level)
    assert not Message.objects.for_customers().filter(text__startswith="я ещё").exists()


def test_ab_07_a_deactivated_agent_is_held(people: Cast, sink: Sink) -> None:
    Person.objects.filter(pk=people.agent.pk).update(is_active=False)
    raw = aligned(letter(sender="agent@desk.test", subject="ACCREDO-1", text="ещё я"), "desk.test")
    assert inject(raw).fate == "request"
    assert people.ticket.messages.count() == 3


def test_claimed_participant_who_quotes_a_known_mail_is_held(people: Cast, sink: Sink) -> None:
    row = inject(letter(In_Reply_To=known_id(people.ticket), text="это я"))
    assert (row.fate, row.level, row.rule) == ("held_comment", "claimed", "references")
    assert "Ничто не доказывает" in in_words(row.reason)


def test_ab_01_a_spoofed_customer_adds_nobody(people: Cast, sink: Sink) -> None:
    run_all()
    sink.taken.clear()
    was = before(people.ticket)
    for number, top in enumerate(
        (
            "",
            f"Authentication-Results: {AUTHSERV}; dmarc=fail header.from=clinic.test",
            "\n".join(
                f"Authentication-Results: {AUTHSERV}; dmarc={r} header.from=clinic.test" for r in ("pass", "fail")
            ),
            f"Authentication-Results: {AUTHSERV}; none",
        )
    ):
        raw = letter(subject="Re: [ACCREDO-1] протокол", Cc="evil@x.test", text=f"письмо {number}")
        row = inject(first(raw, top) if top else raw, to="accredo+1@desk.test")
        assert (row.fate, row.level) == ("request", "claimed")
        opened = Ticket.objects.get(pk=row.ticket_id)
        assert opened.sender_unverified and came_of(opened) == people.ticket
    assert before(people.ticket) == was
    assert not sink.to("evil@x.test")
    assert not Person.objects.filter(email="evil@x.test").exists()


def test_ab_03_numbers_in_the_subject_open_no_door(people: Cast, sink: Sink) -> None:
    for number in range(1, 31):
        assert (
            inject(letter(sender="evil@elsewhere.test", subject=f"ACCREDO-{number}", text=str(number))).fate
            == "request"
        )
    assert people.ticket.messages.count() == 3
    assert Ticket.objects.filter(requester__email="evil@elsewhere.test", links_out__target=people.ticket).count() == 1
    assert not [mail for mail in sink.to("evil@elsewhere.test") if "протокол" in mail.text + mail.html + mail.subject]


@pytest.mark.parametrize("is_aligned", [True, False])
def test_ab_15_a_stranger_who_quotes_a_mail_gets_a_new_request(people: Cast, sink: Sink, is_aligned: bool) -> None:
    raw = letter(sender="stranger@elsewhere.test", References=known_id(people.ticket), subject="x")
    row = inject(aligned(raw, "elsewhere.test") if is_aligned else raw)
    opened = Ticket.objects.get(pk=row.ticket_id)
    assert (row.fate, opened.requester, came_of(opened)) == ("request", people.stranger, people.ticket)
    assert opened.sender_unverified is not is_aligned
    assert people.ticket.messages.count() == 3
    told = "".join(mail.text + mail.html + mail.subject for mail in sink.to("stranger@elsewhere.test"))
    assert "протокол" not in told and "ACCREDO-1" not in told.replace(opened.key, "")


def test_closed_for_long_opens_a_linked_request(people: Cast, sink: Sink) -> None:
    closed = people.desk.statuses.get(category="done")
    long_ago = timezone.now() - timedelta(days=people.desk.reopen_days + 1)
    Ticket.objects.filter(pk=people.ticket.pk).update(status=closed, closed_at=long_ago)
    row = inject(letter(text="опять"), to=signed(people.anna, people.ticket))
    opened = Ticket.objects.get(pk=row.ticket_id)
    assert (row.fate, came_of(opened), opened.requester, opened.sender_unverified) == (
        "request",
        people.ticket,
        people.anna,
        False,
    )


def test_closed_just_now_reopens(people: Cast, sink: Sink) -> None:
    closed = people.desk.statuses.get(category="done")
    Ticket.objects.filter(pk=people.ticket.pk).update(status=closed, closed_at=timezone.now() - timedelta(days=1))
    assert inject(letter(text="опять"), to=signed(people.anna, people.ticket)).fate == "comment"
    people.ticket.refresh_from_db()
    assert people.ticket.closed_at is None and not people.ticket.status.is_done


def test_ab_08_no_header_steers_anything(people: Cast, sink: Sink) -> None:
    plain = inject(letter(sender="new@clinic.test", text="просто"))
    names = (
        "X-Otklik-Priority",
        "X-Otklik-Assignee",
        "X-Otklik-Status",
        "X-Priority",
        "Importance",
        "Keywords",
        "X-RT-Ticket",
    )
    more = {name.replace("-", "_"): "ACCREDO-1 1 critical agent@desk.test" for name in names}
    other = inject(letter(sender="new@clinic.test", text="просто", **more))
    fields = ("subject", "request_type_id", "requester_id", "status_id", "priority_id", "assignee_id")
    values = [Ticket.objects.values(*fields).get(pk=row.ticket_id) for row in (plain, other)]
    assert values[0] == values[1] and not TicketLink.objects.exists()


FROMS = [
    "victim@corp.test <evil@x.test>",
    "<victim@corp.test>evil@x.test",
    "victim@corp.test, evil@x.test",
    '"victim@corp.test" <evil@x.test>',
    "=?utf-8?q?victim=40corp.test?= <evil@x.test>",
    "=?utf-8?q?victim=40corp.test?=@x.test",
    "victim@corp.test)evil@x.test",
    "victim@corp.test\x00evil@x.test",
    "group: victim@corp.test, evil@x.test;",
    "undisclosed:;",
    "",
    "victim@corp.test@x.test",
    '"victim"@corp.test <evil@x.test>',
    "<victim@corp.test> <evil@x.test>",
]


@pytest.mark.parametrize("value", FROMS)
def test_ab_09_a_from_with_two_readings_is_nobody_s(people: Cast, sink: Sink, value: str) -> None:
    rest = letter().partition(b"\n")[2]
    row = inject(b"From: " + value.encode() + b"\n" + rest)
    opened = Ticket.objects.get(pk=row.ticket_id)
    assert opened.requester is None or opened.requester.email == "evil@x.test"
    if opened.requester is None:
        assert row.level == "none" and opened.messages.get().claimed_author
        assert not [mail for mail in sink.taken if mail.recipients[0].endswith(("corp.test", "x.test"))]


@pytest.mark.parametrize(
    "head",
    [
        "From: anna@clinic.test\nFrom: evil@x.test\n",
        "",
        "From:\n",
        "Sender: anna@clinic.test\n",
        "Resent-From: anna@clinic.test\n",
    ],
)
def test_ab_10_no_or_two_from_headers_are_nobody_s(people: Cast, sink: Sink, head: str) -> None:
    rest = letter().partition(b"\n")[2]
    row = inject(head.encode() + rest)
    opened = Ticket.objects.get(pk=row.ticket_id)
    assert (opened.requester, opened.sender_unverified) == (None, True)
    assert Ticket.objects.count() == 2


def test_ab_12_reply_to_is_not_who_wrote(people: Cast, sink: Sink) -> None:
    row = inject(letter(sender="new@clinic.test", Reply_To="evil@x.test"))
    assert Ticket.objects.get(pk=row.ticket_id).requester.email == "new@clinic.test"  # type: ignore[union-attr]
    assert not sink.to("evil@x.test")


def test_ab_14_the_same_message_id_hides_nobody(people: Cast, sink: Sink) -> None:
    evil = inject(letter(sender="evil@x.test", Message_ID="<X@clinic.test>", text="первое"))
    real = letter(Message_ID="<X@clinic.test>", text="настоящее")
    one = inject(real)
    assert (evil.fate, one.fate) == ("request", "request") and "Message-ID" in in_words(one.reason)
    two = inject(b"Received: from a by b; today\nDelivered-To: x@y\n" + real)
    assert (two.pk, two.copies) == (one.pk, 2)
    assert Ticket.objects.count() == 3


def test_ab_02_machine_mail_is_a_request_and_is_not_answered(people: Cast, sink: Sink) -> None:
    run_all()
    sink.taken.clear()
    for more in (
        {"sender": "no-reply@slack.test"},
        {"sender": "a@b.test", "Auto_Submitted": "auto-generated"},
        {"sender": "c@b.test", "Precedence": "bulk"},
        {"sender": "d@b.test", "List_Id": "<news.b.test>"},
    ):
        row = inject(letter(text="code 123456", **more))
        assert row.fate == "request" and row.silent
        assert Ticket.objects.get(pk=row.ticket_id).requester is not None
    assert not sink.taken


def test_a_from_without_doubt_from_a_new_address_makes_one_person(people: Cast, sink: Sink) -> None:
    for _ in range(2):
        inject(letter(sender="Зоя <zoya@clinic.test>", text=str(_)))
    assert Person.objects.filter(email="zoya@clinic.test").count() == 1
    assert [mail.subject for mail in sink.to("zoya@clinic.test")] == [
        "Ваша учётная запись",
        "ACCREDO-2 Запрос принят",
        "ACCREDO-3 Запрос принят",
    ]


def test_aligned_sender_is_told_the_subject(people: Cast, sink: Sink) -> None:
    row = inject(aligned(letter(sender="zoya@clinic.test", subject="Не грузится"), "clinic.test"))
    assert not Ticket.objects.get(pk=row.ticket_id).sender_unverified
    assert sink.to("zoya@clinic.test")[-1].subject == "ACCREDO-2 Не грузится"


def test_a_held_mail_tells_the_assignee_without_its_words(people: Cast, sink: Sink) -> None:
    Ticket.objects.filter(pk=people.ticket.pk).update(assignee=people.agent)
    inject(letter(sender="evil@x.test", text="секретное слово"), to=signed(people.anna, people.ticket))
    told = sink.to("agent@desk.test")[-1]
    assert "ждёт вашего решения" in told.text and "секретное слово" not in told.text + told.html
    assert Event.objects.filter(kind="ticket.held").count() == 1


def test_our_own_look_at_a_signature_makes_a_mail_aligned(
    people: Cast, sink: Sink, settings: Settings, names: NameServer
) -> None:
    settings.DKIM_CHECK, settings.DNS_SERVERS = True, [f"127.0.0.1:{names.port}"]
    configured.cache_clear()
    box = Mailbox.objects.get(address="accredo@desk.test")
    raw = sign(letter(subject="по поводу ACCREDO-1", text="Есть новости?"))
    mail = accept(raw=raw, mailbox=box, transport="smtp", envelope_from="", envelope_to="", at=timezone.now())
    assert not process_next(), "not before the signature was looked at"
    assert vouch_next() and not vouch_next()
    run_all()
    mail.refresh_from_db()
    assert (mail.signed_by, mail.level, mail.fate, mail.rule) == ("clinic.test", "aligned", "comment", "subject")


def test_a_mail_does_not_wait_for_its_signature_for_ever(people: Cast, sink: Sink, settings: Settings) -> None:
    settings.DKIM_CHECK = True
    box, past = Mailbox.objects.get(address="accredo@desk.test"), timezone.now() - timedelta(seconds=61)
    accept(raw=letter(), mailbox=box, transport="smtp", envelope_from="", envelope_to="", at=past)
    assert not vouch_next() and process_next()
    assert InboundMail.objects.get().level == "claimed"


def test_ab_11_with_the_option_off_a_signature_says_nothing(people: Cast, sink: Sink) -> None:
    box = Mailbox.objects.get(address="accredo@desk.test")
    raw = letter(subject="ACCREDO-1")
    mail = accept(raw=raw, mailbox=box, transport="smtp", envelope_from="", envelope_to="", at=timezone.now())
    InboundMail.objects.filter(pk=mail.pk).update(signed_by="clinic.test")
    assert not vouch_next()
    run_all()
    mail.refresh_from_db()
    assert (mail.level, mail.fate) == ("claimed", "request")
