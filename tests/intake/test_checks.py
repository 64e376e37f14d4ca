"""Each check and each reason for silence, with one matching mail and one that just does not match."""

from typing import Any

import pytest
from pytest_django.fixtures import Settings

from otklik.intake import ticket_matching
from otklik.intake.cc import joinable_addressees
from otklik.intake.checks import first_finding, silence
from otklik.intake.decide import Act, decide
from otklik.intake.sender import Level, Sender
from otklik.intake.ticket_matching import Clue
from otklik.mail import tokens
from otklik.mail.models import InboundMail, Mailbox, OutboundMail, SenderRule
from otklik.mail.own_mail_marks import new_message_id, our_mark
from otklik.mail.parse import parse
from otklik.people.models import Person
from otklik.tickets.models import Participant, Ticket
from tests.cast import START, Cast
from tests.postoffice import letter

RECEIVED = "from a by b; Mon, 02 Nov 2026 12:00:00 +0300"


def row(raw: bytes, **more: Any) -> InboundMail:
    box = Mailbox.objects.get(address="accredo@desk.test")
    words = {"transport": "smtp", "envelope_from": "anna@clinic.test", "envelope_to": box.address, **more}
    return InboundMail(mailbox=box, raw=raw, size=len(raw), received_at=START, **words)


def found(raw: bytes, **more: Any) -> str:
    finding = first_finding(parse(raw), row(raw, **more))
    return finding[0].name if finding else ""


def silenced(raw: bytes, **more: Any) -> str:
    return silence(parse(raw), row(raw, **more)).removeprefix("@")


def through(hops: int) -> bytes:
    return b"".join(f"Received: {RECEIVED}\n".encode() for _ in range(hops)) + letter()


def rule(verdict: str, pattern: str = "anna@clinic.test", box: str = "accredo@desk.test") -> None:
    SenderRule.objects.create(
        mailbox=Mailbox.objects.get(address=box), pattern=pattern, verdict=verdict, created_at=START
    )


def test_ab_02_a_mail_goes_round_after_thirty_servers(cast: Cast) -> None:
    assert [found(through(30)), found(through(31))] == ["", "loop"]


def test_ab_02_our_own_mail_is_known_by_its_mark_or_by_address_and_id_together(cast: Cast) -> None:
    ours = OutboundMail.objects.create(
        recipient="a@b.test", sender="accredo@desk.test", kind="comment", cause="x", subject="s", text="t",
        message_id=new_message_id("desk.test"), created_at=START, retry_at=START,
    )  # fmt: skip
    assert found(letter(X_Otklik_Desk=our_mark())) == "own mail"
    assert found(letter(X_Otklik_Desk="another's")) == ""
    assert found(letter(sender="accredo@desk.test", Message_ID=ours.message_id)) == "own mail"
    assert found(letter(sender="accredo@desk.test")) == "" == found(letter(Message_ID=ours.message_id))


def test_a_rule_of_this_mailbox_about_this_sender_blocks(cast: Cast) -> None:
    rule("block", "boris@clinic.test")
    rule("block", "anna@clinic.test", "other@desk.test")
    assert found(letter()) == ""
    rule("block", "@clinic.test")
    assert found(letter()) == "blocked sender"
    rule("allow")
    assert found(letter()) == "", "the narrower rule counts"


def test_what_a_pipe_brings_for_nobody_is_astray(cast: Cast) -> None:
    assert found(letter(), transport="pipe", envelope_to="") == "astray"
    assert found(letter(), transport="pipe") == "" == found(letter(), envelope_to="")


def test_ab_91_an_automatic_answer_is_filed_unless_the_desk_allows_its_sender(cast: Cast) -> None:
    raw = letter(Auto_Submitted="auto-replied", In_Reply_To="<x@y>")
    assert found(raw) == "automatic reply"
    rule("allow")
    assert found(raw) == ""


@pytest.mark.parametrize(
    ("head", "more", "why"),
    [
        ({}, {}, ""),
        ({"Auto_Submitted": "auto-generated"}, {}, "auto_submitted"),
        ({"Auto_Submitted": "no"}, {}, ""),
        ({"Precedence": "bulk"}, {}, "bulk"),
        ({"Precedence": "list"}, {}, "bulk"),
        ({"Precedence": "junk"}, {}, "bulk"),
        ({"Precedence": "first-class"}, {}, ""),
        ({"List_Id": "<a.b.test>"}, {}, "bulk"),
        ({"sender": "accredo+x@desk.test"}, {}, "own_address"),
        ({"sender": "other@desk.test"}, {}, "own_address"),
        ({"sender": "mailer-daemon@clinic.test"}, {}, "machine_name"),
        ({"sender": "no-reply@clinic.test"}, {}, "machine_name"),
        ({"sender": "noreply+7@clinic.test"}, {}, "machine_name"),
        ({"sender": "norepliesplease@clinic.test"}, {}, ""),
        ({"sender": "rooter@clinic.test"}, {}, ""),
        ({}, {"envelope_from": "<>"}, "no_return_path"),
        ({}, {"envelope_from": ""}, ""),
        ({"Return_Path": "<>"}, {}, "no_return_path"),
        ({"Return_Path": "<anna@clinic.test>"}, {}, ""),
        ({"X_Auto_Response_Suppress": "All"}, {}, "asks_for_silence"),
        ({"X_Auto_Response_Suppress": "DR, AutoReply"}, {}, "asks_for_silence"),
        ({"X_Auto_Response_Suppress": "OOF"}, {}, ""),
        ({"X_Loop": "x"}, {}, "asks_for_silence"),
        ({"X_Otklik_Desk": "another's"}, {}, "asks_for_silence"),
        ({"Message_ID": "<x.otklik@other.test>"}, {}, "other_desk"),
        ({"subject": "Автоответ: нет на месте"}, {}, "reads_automatic"),
        ({}, {"imported": True}, "imported"),
    ],
)
def test_ab_02_and_91_who_is_never_answered_by_itself(
    cast: Cast, head: dict[str, str], more: dict[str, Any], why: str
) -> None:
    assert silenced(letter(**head), **more) == why


def test_a_list_that_the_desk_allows_is_answered(cast: Cast) -> None:
    rule("allow")
    assert silenced(letter(List_Id="<a.b.test>", Precedence="bulk")) == ""


def test_ab_20_who_else_a_mail_names_is_no_address_of_ours_no_robot_and_nobody_blocked(cast: Cast) -> None:
    named = "vera@clinic.test, other+x@desk.test, noreply@x.test, all@clinic.test, bad@x.test, anna@clinic.test"
    raw = letter(Cc=f"{named}, Vera <VERA@clinic.test>, accredo+y@desk.test")
    rule("block", "bad@x.test")
    assert joinable_addressees(row(raw), parse(raw), "anna@clinic.test") == [("vera@clinic.test", "")]
    assert joinable_addressees(row(raw, silent="@bulk"), parse(raw), "anna@clinic.test") == []
    listed = letter(Cc=named, List_Id="<a.b.test>")
    assert joinable_addressees(row(listed), parse(listed), "anna@clinic.test") == []


# The clue, what its writer is to the ticket and how far they are believed; what becomes of the mail.
DECISIONS = [
    (ticket_matching.REPLY_ADDRESS, "participant", Level.PROVED, Act.COMMENT),
    (ticket_matching.REPLY_ADDRESS, "participant", Level.CLAIMED, Act.HOLD),
    (ticket_matching.REPLY_ADDRESS, "stranger", Level.ALIGNED, Act.HOLD),
    (ticket_matching.REPLY_TOKEN, "removed", Level.ALIGNED, Act.HOLD),
    (ticket_matching.REFERENCES, "participant", Level.ALIGNED, Act.COMMENT),
    (ticket_matching.REFERENCES, "participant", Level.CLAIMED, Act.HOLD),
    (ticket_matching.REFERENCES, "removed", Level.ALIGNED, Act.HOLD),
    (ticket_matching.REFERENCES, "stranger", Level.ALIGNED, Act.OPEN),
    (ticket_matching.REFERENCES, "deactivated", Level.ALIGNED, Act.OPEN),
    (ticket_matching.REFERENCES, "agent", Level.ALIGNED, Act.COMMENT),
    (ticket_matching.REFERENCES, "agent", Level.CLAIMED, Act.HOLD),
    (ticket_matching.REFERENCES, "agent_elsewhere", Level.ALIGNED, Act.OPEN),
    (ticket_matching.SUBJECT, "participant", Level.ALIGNED, Act.COMMENT),
    (ticket_matching.SUBJECT, "participant", Level.CLAIMED, Act.OPEN),
    (ticket_matching.SUBJECT, "removed", Level.ALIGNED, Act.OPEN),
    (ticket_matching.SUBJECT, "stranger", Level.ALIGNED, Act.OPEN),
    (ticket_matching.SUBJECT, "agent", Level.ALIGNED, Act.COMMENT),
]


def writer_of(cast: Cast, what: str) -> Person:
    if what == "removed":
        Participant.objects.filter(ticket=cast.ticket, person=cast.boris).update(removed_at=START, epoch=2)
        return cast.boris
    if what == "deactivated":
        Person.objects.filter(pk=cast.anna.pk).update(is_active=False)
        return Person.objects.get(pk=cast.anna.pk)
    who: Person = {"participant": cast.anna, "stranger": cast.stranger, "agent": cast.agent}.get(
        what, cast.agent_elsewhere
    )
    return who


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize(("by", "what", "level", "act"), DECISIONS)
def test_ab_04_and_06_what_a_mail_may_do(cast: Cast, by: str, what: str, level: Level, act: Act, closed: bool) -> None:
    who = writer_of(cast, what)
    link = Participant.objects.get(ticket=cast.ticket, person=cast.boris)
    signed = by in {ticket_matching.REPLY_ADDRESS, ticket_matching.REPLY_TOKEN}
    ticket = Ticket.objects.select_related("desk", "status").get(pk=cast.ticket.pk)
    ticket.desk.reopen_days = 7
    if closed:
        ticket.closed_at = START
    clue = Clue(by, ticket, link if signed else None, live=signed)
    writer = Sender(level, who.email or "", who.name, who.name, who)
    last = START.replace(day=9)
    decision = decide(clue, writer, last)
    assert (decision.act, decision.ticket) == (act, None if act is Act.OPEN else ticket)
    assert decision.unverified is (act is Act.OPEN and level is Level.CLAIMED)
    later = decide(clue, writer, last.replace(second=1))
    if closed:
        assert (later.act, later.related, later.ticket) == (Act.OPEN, ticket, None)
        assert later.unverified is (level is Level.CLAIMED)
    else:
        assert later == decision


@pytest.mark.parametrize("level", list(Level))
def test_a_mail_without_a_clue_opens_a_request_that_says_whether_its_sender_is_proved(level: Level) -> None:
    writer = Sender(level, "x@y.test", "", "x", None)
    decision = decide(None, writer, START)
    assert (decision.act, decision.ticket, decision.related) == (Act.OPEN, None, None)
    assert decision.unverified is (level in {Level.CLAIMED, Level.NONE})
    powers = writer.powers
    believed = level in {Level.PROVED, Level.ALIGNED}
    assert powers.comment_as_participant is powers.comment_as_agent is powers.adds_people is believed
    assert powers.makes_person is (level is not Level.NONE)


@pytest.fixture(autouse=True)
def hops(settings: Settings) -> None:
    settings.LOOP_HOPS = 30


def test_ab_05_a_token_counts_in_an_address_of_the_mailbox_that_took_the_mail(cast: Cast) -> None:
    link = Participant.objects.get(ticket=cast.ticket, person=cast.anna)
    token = tokens.sign(link.pk, link.epoch)
    for address, counts in (("accredo+@desk.test", True), ("accredo+@evil.test", False), ("other+@desk.test", False)):
        raw = letter(to=address.replace("+", f"+{token}"), subject="Без номера")
        assert (ticket_matching.find(parse(raw), row(raw), cast.desk) is not None) is counts, address
