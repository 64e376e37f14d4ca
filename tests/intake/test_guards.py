"""Mails that refer to a ticket but must not reach it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from otklik.intake.commands.senders import rule_sender
from otklik.mail import tokens
from otklik.mail.inbox import accept
from otklik.mail.models import AddressTrouble, InboundMail, Mailbox, OutboundMail
from otklik.mail.reasons import in_words
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.edit_message import edit_message, withdraw_message
from otklik.tickets.commands.fields import remove_participant
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import Words
from otklik.tickets.models import Participant, Ticket
from otklik.tickets.ratings import rating_token, reopen_token, stop_token
from tests.cast import START, Cast, came_of
from tests.intake.test_decisions import AUTHSERV, aligned, inject, known_id, signed
from tests.intake.test_reply_commands import close
from tests.postoffice import Sink, letter, run_all
from tests.refusing import refused_as


@pytest.fixture(autouse=True)
def trusted(settings: Settings) -> None:
    settings.TRUSTED_AUTHSERV = AUTHSERV


@pytest.fixture
def elsewhere(people: Cast) -> Ticket:
    """Return a ticket of anna's at the other desk."""
    return open_ticket(
        actor=Actor(people.anna, "portal"),
        at=START,
        desk=people.other_desk,
        channel="portal",
        subject="Другое",
        words=Words("Не для всех глаз."),
        requester=people.anna,
    )


def by(clue: str, ticket: Ticket, people: Cast) -> dict[str, str]:
    """Return headers that make a mail to ACCREDO refer to this ticket of another desk."""
    token = signed(people.anna, ticket).partition("@")[0].partition("+")[2]
    if clue == "token of a Message-ID":
        return {"In_Reply_To": f"<{token}.0123456789abcdef.otklik@desk.test>"}
    if clue == "known Message-ID":
        return {"References": known_id(ticket)}
    return {"subject": ticket.key} if clue == "key" else {"to": f"accredo+{token}@desk.test"}


@pytest.mark.parametrize("clue", ["token of an address", "token of a Message-ID", "known Message-ID", "key"])
@pytest.mark.parametrize("believed", [True, False])
def test_ab_49_nothing_leads_to_a_request_of_another_desk(
    people: Cast, sink: Sink, elsewhere: Ticket, clue: str, believed: bool
) -> None:
    more = by(clue, elsewhere, people)
    raw = letter(text="сюда?", **more)
    row = inject(aligned(raw, "clinic.test") if believed else raw, to=more.get("to", "accredo@desk.test"))
    assert (row.fate, row.level) == ("request", "aligned" if believed else "claimed")
    assert row.ticket_key.startswith("ACCREDO-") and elsewhere.messages.count() == 1
    assert came_of(Ticket.objects.get(key=row.ticket_key)) is None


def test_a_token_of_another_mailbox_is_none_of_this_one(people: Cast, sink: Sink) -> None:
    local = signed(people.anna, people.ticket).partition("@")[0]
    for to in (f"{local}@evil.test", f"x{local}@desk.test", f"{local}@desk.test.evil.test"):
        assert inject(letter(to=to, text=to)).fate == "request", to
    assert inject(letter(to=f"accredo@desk.test, {local}@desk.test")).fate == "comment"


@pytest.mark.parametrize("first_by", ["a mail of ours", "a mail that came"])
def test_ab_14_the_first_mail_with_an_id_says_where_answers_go(people: Cast, sink: Sink, first_by: str) -> None:
    other = open_ticket(
        actor=Actor(people.stranger, "portal"),
        at=START,
        desk=people.desk,
        channel="portal",
        subject="Чужой",
        words=Words("Чужое"),
        requester=people.stranger,
    )
    run_all()
    if first_by == "a mail of ours":
        ours = OutboundMail.objects.filter(ticket_id=people.ticket.pk, recipient="anna@clinic.test")[0]
        OutboundMail.objects.filter(pk=ours.pk).update(message_id="<known@desk.test>")
        known = "<known@desk.test>"
    else:
        known = known_id(people.ticket)
    again = accept(
        raw=letter(Message_ID=known, text="копия"),
        mailbox=Mailbox.objects.get(address="accredo@desk.test"),
        transport="smtp",
        envelope_from="",
        envelope_to="",
        at=timezone.now(),
    )
    changes = {"state": "filed", "settled_at": START, "fate": "request", "message_id": known.strip("<>")}
    InboundMail.objects.filter(pk=again.pk).update(ticket_id=other.pk, **changes)
    row = inject(aligned(letter(In_Reply_To=known, text="ответ"), "clinic.test"))
    assert (row.fate, row.ticket_key, row.rule) == ("comment", "ACCREDO-1", "references")


def test_ab_14_a_message_id_of_another_desk_s_mail_is_no_copy(people: Cast, sink: Sink) -> None:
    box = Mailbox.objects.get(address="other@desk.test")
    raw = letter(Message_ID="<both@clinic.test>", to="other@desk.test, accredo@desk.test")
    accept(raw=raw, mailbox=box, transport="smtp", envelope_from="", envelope_to="", at=timezone.now())
    run_all()
    assert "Message-ID" not in in_words(inject(raw).reason)
    again = inject(letter(Message_ID="<both@clinic.test>", text="иначе"))
    assert in_words(again.reason).count("Message-ID") == 1


@pytest.mark.parametrize("transport", ["smtp", "pipe"])
@pytest.mark.parametrize(
    ("envelope", "header", "silent"),
    [("<>", "", True), ("", "<>", True), ("a@b.test", "<>", True), ("", "", False), ("a@b.test", "<a@b.test>", False)],
)
def test_ab_91_an_empty_return_path_silences(
    people: Cast, sink: Sink, transport: str, envelope: str, header: str, silent: bool
) -> None:
    run_all()
    sink.taken.clear()
    raw = letter(sender="new@clinic.test")
    raw = f"Return-Path: {header}\n".encode() + raw if header else raw
    mail = accept(
        raw=raw,
        mailbox=Mailbox.objects.get(address="accredo@desk.test"),
        transport=transport,
        envelope_from=envelope,
        envelope_to="accredo@desk.test",
        at=timezone.now(),
    )
    run_all()
    mail.refresh_from_db()
    assert (mail.fate, bool(mail.silent), bool(sink.taken)) == ("request", silent, not silent)


def test_what_came_by_mail_stays_what_it_was(people: Cast, sink: Sink) -> None:
    row = inject(letter(text="по почте"), to=signed(people.anna, people.ticket))
    message = people.ticket.messages.get(inbound=row)
    assert (message.author, message.opening, message.text) == (people.anna, False, "по почте")
    anna, at = Actor(people.anna, "portal"), timezone.now()
    with refused_as("ticket.not_own_message"):
        edit_message(actor=anna, at=at, message=message, words=Words("иначе"))
    with refused_as("ticket.not_own_message"):
        withdraw_message(actor=anna, at=at, message=message)
    typed = comment(actor=anna, at=at, ticket=people.ticket, words=Words("на странице"))
    assert edit_message(actor=anna, at=at, message=typed, words=Words("иначе")).text == "иначе"


def test_whom_a_believed_mail_names_joins_only_if_active_and_never_taken_off(people: Cast, sink: Sink) -> None:
    Person.objects.filter(pk=people.stranger.pk).update(is_active=False)
    remove_participant(actor=Actor(people.agent, "agent"), at=START, ticket=people.ticket, person=people.boris)
    named = "stranger@elsewhere.test, boris@clinic.test, vera@clinic.test"
    inject(letter(text="зову", Cc=named), to=signed(people.anna, people.ticket))
    here = Participant.objects.filter(ticket=people.ticket, removed_at=None)
    assert set(here.values_list("person__email", flat=True)) == {"anna@clinic.test", "vera@clinic.test"}
    message = people.ticket.messages.order_by("-id")[0]
    assert message.asked == ["stranger@elsewhere.test", "boris@clinic.test"], "an agent decides about them"
    assert not sink.to("stranger@elsewhere.test")


def test_forged_links_reopen_nothing_and_the_genuine_one_does(people: Cast, sink: Sink) -> None:
    close(people)
    row = Participant.objects.get(ticket=people.ticket, person=people.anna)
    boris = Participant.objects.get(ticket=people.ticket, person=people.boris)
    good = reopen_token(row)
    value, _colon, proof = good.rpartition(":")
    turned = proof[:-2] + ("A" if proof[-2] != "A" else "B") + proof[-1]
    forged = [
        f"{value}:{turned}",
        f"{value}:{proof[:-1]}",
        f"{value}:",
        value,
        f"{boris.pk}.{boris.epoch}:{proof}",
        f"{row.pk}.{row.epoch + 1}:{proof}",
        f"{value}:{rating_token(row).rpartition(':')[2]}",
        f"{value}:{stop_token(row).rpartition(':')[2]}",
    ]
    for token in forged:
        assert Client().post(f"/servicedesk/customer/reopen/{token}").status_code == 404, token
        people.ticket.refresh_from_db()
        assert people.ticket.closed_at is not None, token
    assert Client().post(f"/servicedesk/customer/reopen/{good}").status_code == 200
    people.ticket.refresh_from_db()
    assert people.ticket.closed_at is None


def test_a_link_of_somebody_taken_off_reopens_nothing(people: Cast, sink: Sink) -> None:
    link = reopen_token(Participant.objects.get(ticket=people.ticket, person=people.boris))
    remove_participant(actor=Actor(people.agent, "agent"), at=START, ticket=people.ticket, person=people.boris)
    close(people)
    assert Client().post(f"/servicedesk/customer/reopen/{link}").status_code == 404
    people.ticket.refresh_from_db()
    assert people.ticket.closed_at is not None


def test_ab_07_a_token_made_again_after_a_removal_makes_the_former_one_worth_nothing(people: Cast, sink: Sink) -> None:
    old = signed(people.boris, people.ticket)
    Participant.objects.filter(ticket=people.ticket, person=people.boris).update(epoch=7)
    boris = "Борис <boris@clinic.test>"
    assert inject(letter(sender=boris, text="старое"), to=old).fate == "held_comment"
    assert inject(letter(sender=boris, text="новое"), to=signed(people.boris, people.ticket)).fate == "comment"
    row = Participant.objects.get(ticket=people.ticket, person=people.boris)
    future = f"accredo+{tokens.sign(row.pk, row.epoch + 1)}@desk.test"
    assert inject(letter(sender=boris, text="будущее"), to=future).fate == "request", "never made"


def test_ab_06_a_token_is_no_proof_for_another_participant(people: Cast, sink: Sink) -> None:
    row = inject(letter(sender="boris@clinic.test", text="я Анна"), to=signed(people.anna, people.ticket))
    assert (row.level, row.fate) == ("claimed", "held_comment")


@pytest.mark.parametrize("days", [0, 1000])
def test_a_reply_to_what_has_been_closed_for_long_opens_beside_it(people: Cast, sink: Sink, days: int) -> None:
    close(people)
    if days:
        Ticket.objects.filter(pk=people.ticket.pk).update(closed_at=timezone.now() - timedelta(days=days))
    row = inject(letter(text="ещё вопрос"), to=signed(people.anna, people.ticket))
    held = inject(letter(sender="evil@x.test", text="и я"), to=signed(people.anna, people.ticket))
    assert (row.fate, held.fate) == (("request", "request") if days else ("comment", "held_comment"))
    if days:
        assert came_of(Ticket.objects.get(key=row.ticket_key)) == people.ticket


def test_a_mail_older_than_its_request_is_still_looked_at_by_its_twentieth_id(people: Cast, sink: Sink) -> None:
    known = known_id(people.ticket)
    for before, fate in ((19, "comment"), (20, "request")):
        ids = " ".join(f"<{number}@x.test>" for number in range(before))
        raw = letter(text=f"{before}", References=f"{known} {ids}")
        assert inject(aligned(raw, "clinic.test")).fate == fate, before


@pytest.mark.parametrize("pattern", ["evil@x.test", "@x.test"])
def test_a_rule_speaks_of_its_mailbox_and_the_narrower_one_outweighs(people: Cast, sink: Sink, pattern: str) -> None:
    lead, at = Actor(people.lead, "agent"), timezone.now()
    rule_sender(actor=lead, at=at, desk=people.desk, pattern=pattern, verdict="block")
    assert inject(letter(sender="evil@x.test")).fate == "blocked"
    assert inject(letter(sender="evil@sub.x.test")).fate == "request"
    box = Mailbox.objects.get(address="other@desk.test")
    raw = letter(sender="evil@x.test", to="other@desk.test")
    mail = accept(raw=raw, mailbox=box, transport="smtp", envelope_from="", envelope_to="", at=at)
    run_all()
    assert InboundMail.objects.get(pk=mail.pk).fate == "request", "another desk's mail"
    if pattern == "@x.test":
        rule_sender(actor=lead, at=at, desk=people.desk, pattern="good@x.test", verdict="allow")
        assert inject(letter(sender="good@x.test")).fate == "request"


@pytest.mark.parametrize("level", ["proved", "aligned"])
def test_only_who_answers_a_mail_of_ours_shows_that_it_arrived(people: Cast, sink: Sink, level: str) -> None:
    AddressTrouble.objects.create(address="anna@clinic.test", stopped_at=timezone.now(), last_at=timezone.now())
    if level == "proved":
        row = inject(letter(text="Ответ"), to=signed(people.anna, people.ticket))
    else:
        row = inject(aligned(letter(subject="Re: ACCREDO-1", text="Ответ"), "clinic.test"))
    assert (row.fate, row.level) == ("comment", level)
    assert AddressTrouble.objects.filter(address="anna@clinic.test").exists() is (level == "aligned")
