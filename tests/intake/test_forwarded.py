"""Forwarded messages: answers from outside are visible to staff only (ADR 109)."""

import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from otklik.core import blobs
from otklik.intake.commands.placement import attach
from otklik.mail import tokens
from otklik.mail.models import InboundMail, OutboundMail
from otklik.mail.secret_scan import blanked
from otklik.people.actor import Actor
from otklik.people.commands.persons import ensure_person
from otklik.people.models import Person
from otklik.privacy.archive import personal_archive
from otklik.tickets.commands.edit_message import withdraw_message
from otklik.tickets.commands.forward import forward_message, note_answer
from otklik.tickets.content import written
from otklik.tickets.models import Forward, Message, Participant, Ticket
from tests.cast import Cast, as_
from tests.portal.helpers import inbound_mail
from tests.postoffice import Sink, answer_to, letter, post, run_all
from tests.tickets.commands.test_forward_message import OUTSIDE, opening, with_file

# What the cast's own story sends.
BEFORE = {"accepted", "added", "shared", "comment"}
WORDS = "Протокол комиссии: сможете открыть?"


def forwarded(cast: Cast, address: str = OUTSIDE, files: tuple[int, ...] = ()) -> Forward:
    made = forward_message(
        actor=Actor(cast.agent, "agent"), at=timezone.now(), message=opening(cast), address=address,
        words=written(WORDS), said="Протокол не открывается, «Петрова»", files=files,
    )  # fmt: skip
    run_all()
    return made


def answered(sink: Sink, intake: int, text: str = "Пришлём завтра", *, sender: str = OUTSIDE, **more: str) -> Message:
    raw = answer_to(sink.to(OUTSIDE)[0], text, sender=sender, **more)
    post(intake, raw, to=str(more.get("to", sink.to(OUTSIDE)[0].message["Reply-To"])), sender=sender)
    run_all()
    return Message.objects.latest("id")


def test_the_mail_has_the_words_the_message_and_the_chosen_file_and_the_number(
    people: Cast, sink: Sink, home: Path
) -> None:
    file = with_file(opening(people))
    made = forwarded(people, files=(file.pk,))
    (mail,) = sink.to(OUTSIDE)
    assert mail.subject == "ACCREDO-1 Не открывается протокол"
    for said in (WORDS, "Протокол не открывается, «Петрова»", "Анна Петрова", "ответ прочитают только сотрудники"):
        assert said in mail.text, said
    assert WORDS in mail.html and "anna@clinic.test" not in mail.text + mail.html
    assert [part.get_filename() for part in mail.message.iter_attachments()] == ["скан.pdf"]
    row = OutboundMail.objects.get(recipient=OUTSIDE)
    assert (row.person, row.about, row.kind, row.state) == (None, made.message_id, "forwarded", "sent")
    assert not Person.objects.filter(email=OUTSIDE).exists() and "unsubscribe" not in mail.text
    page = as_(people.agent).get("/browse/ACCREDO-1").content.decode()
    assert f"Переслано на {OUTSIDE}" in page and "доставлено серверу" in page


def test_the_answer_is_a_note_and_the_agents_are_told(people: Cast, sink: Sink, intake: int) -> None:
    people.ticket.assignee = people.lead
    people.ticket.save()
    forwarded(people)
    note = answered(sink, intake)
    assert (note.kind, note.text, note.author) == (
        "internal",
        "Пришлём завтра",
        None,
    ) and OUTSIDE in note.claimed_author
    mail = InboundMail.objects.latest("id")
    assert (mail.state, mail.fate, mail.level, mail.ticket_key) == ("filed", "note", "proved", "ACCREDO-1")
    told = OutboundMail.objects.filter(kind="forward_answered")
    assert set(told.values_list("recipient", flat=True)) == {"agent@desk.test", "lead@desk.test"}
    customers = OutboundMail.objects.filter(recipient__in=["anna@clinic.test", "boris@clinic.test"])
    assert set(customers.values_list("kind", flat=True)) <= BEFORE and len(sink.to(OUTSIDE)) == 1
    for who in (people.anna, people.boris):
        card = as_(who).get(f"/servicedesk/customer/portal/{people.desk.pk}/ACCREDO-1").content.decode()
        assert "Пришлём завтра" not in card and WORDS not in card and OUTSIDE not in card
    assert "внутренняя заметка" in as_(people.agent).get("/projects/ACCREDO/mail").content.decode()


def test_who_answers_the_notice_is_not_told_of_the_own_answer(people: Cast, sink: Sink, intake: int) -> None:
    people.ticket.assignee = people.lead
    people.ticket.save()
    forwarded(people)
    answered(sink, intake)
    told = OutboundMail.objects.filter(kind="forward_answered")
    notice = sink.to("agent@desk.test")[-1]
    raw = answer_to(notice, "Спасибо, ждём", sender="agent@desk.test")
    post(intake, raw, to=str(notice.message["Reply-To"]), sender="agent@desk.test")
    run_all()
    assert Message.objects.latest("id").kind == "internal"
    assert sorted(told.values_list("recipient", flat=True)) == ["agent@desk.test", "lead@desk.test", "lead@desk.test"]


def test_who_only_writes_the_agents_address_keeps_nothing_from_them(people: Cast, sink: Sink, intake: int) -> None:
    forwarded(people)
    answered(sink, intake, sender="agent@desk.test")
    assert OutboundMail.objects.filter(kind="forward_answered", recipient="agent@desk.test").exists()


@pytest.mark.parametrize(
    "sender", ["colleague@supplier.test", "agent@desk.test", "anna@clinic.test", "boris@clinic.test"]
)
def test_ab_48_whoever_answers_it_says_nothing_in_public(people: Cast, sink: Sink, intake: int, sender: str) -> None:
    """Not even an agent or a customer to whom the mail was passed on: what it quotes is for staff."""
    forwarded(people)
    note = answered(sink, intake, sender=sender)
    assert (note.kind, note.author) == ("internal", None)
    assert "@other_writer" in note.why
    assert not Message.objects.filter(text__contains="Пришлём", kind="public").exists()
    assert InboundMail.objects.latest("id").level == "claimed"


def test_ab_48_the_thread_goes_on_inside_without_the_address(people: Cast, sink: Sink, intake: int) -> None:
    forwarded(people)
    to_desk = "accredo@desk.test"
    by_our_id = answered(sink, intake, "По номеру письма", to=to_desk)
    assert by_our_id.kind == "internal"
    last = InboundMail.objects.latest("id").message_id
    raw = letter(sender="agent@desk.test", subject="Re: ACCREDO-1", In_Reply_To=f"<{last}>", text="Сколько это стоит?")
    post(intake, raw, sender="agent@desk.test")
    run_all()
    later = Message.objects.latest("id")
    assert (later.kind, later.text, later.ticket) == ("internal", "Сколько это стоит?", people.ticket)


def test_ab_20_nobody_joins_and_no_order_counts(people: Cast, sink: Sink, intake: int) -> None:
    forwarded(people)
    known, status = Participant.objects.count(), Ticket.objects.get(pk=people.ticket.pk).status_id
    note = answered(sink, intake, "закрыть", Cc="third@supplier.test")
    assert (Participant.objects.count(), note.asked, note.claims) == (known, [], [])
    assert Ticket.objects.get(pk=people.ticket.pk).status_id == status


def test_an_out_of_office_note_is_filed_and_moves_nothing(people: Cast, sink: Sink, intake: int) -> None:
    forwarded(people)
    messages = Message.objects.count()
    answered(sink, intake, "Я в отпуске", Auto_Submitted="auto-replied")
    mail = InboundMail.objects.latest("id")
    assert (Message.objects.count(), mail.fate, mail.ticket_key) == (messages, "auto_reply", "ACCREDO-1")


def test_the_same_answer_by_two_ways_is_one_note(people: Cast, sink: Sink, intake: int) -> None:
    forwarded(people)
    first = answered(sink, intake, Message_ID="<one@supplier.test>")
    answered(sink, intake, Message_ID="<one@supplier.test>", subject=f"[repairs] Re: {sink.to(OUTSIDE)[0].subject}")
    assert Message.objects.latest("id") == first
    assert InboundMail.objects.latest("id").fate == "copy"


def test_a_closed_request_takes_the_answer_and_stays_closed(people: Cast, sink: Sink, intake: int) -> None:
    forwarded(people)
    done = people.desk.statuses.filter(category="done")[0]
    long_ago = timezone.now() - timedelta(days=400)
    Ticket.objects.filter(pk=people.ticket.pk).update(status=done, closed_at=long_ago)
    assert answered(sink, intake).ticket == people.ticket
    assert Ticket.objects.get(pk=people.ticket.pk).status == done and Ticket.objects.count() == 1


def test_withdrawn_before_it_went_it_never_goes(people: Cast, sink: Sink) -> None:
    people.desk.edit_minutes = 60
    people.desk.save()
    made = forward_message(
        actor=Actor(people.agent, "agent"), at=timezone.now(), message=opening(people), address=OUTSIDE,
        words=written("Секрет"), said="Слова",
    )  # fmt: skip
    withdraw_message(actor=Actor(people.agent, "agent"), at=timezone.now(), message=made.message)
    run_all()
    assert not sink.to(OUTSIDE)


def test_an_agent_puts_the_answer_on_another_request_in_public(people: Cast, sink: Sink, intake: int) -> None:
    forwarded(people)
    note = answered(sink, intake)
    people.ticket.pk, people.ticket.number = None, 77
    other = Ticket.objects.get(key="ACCREDO-1")
    assert note.inbound is not None
    post(intake, letter(subject="Другое"))
    run_all()
    target = Ticket.objects.exclude(pk=other.pk).get()
    moved = attach(actor=Actor(people.agent, "agent"), at=timezone.now(), mail=note.inbound, ticket=target)
    assert (moved.kind, moved.ticket) == ("public", target) and not Message.objects.filter(pk=note.pk).exists()


def test_the_signed_address_is_hidden_where_it_is_quoted(people: Cast, sink: Sink, intake: int) -> None:
    forwarded(people)
    signed = str(sink.to(OUTSIDE)[0].message["Reply-To"])
    assert signed.partition("+")[2] and blanked(f"Пишите на {signed}") == "Пишите на accredo+…@desk.test"
    assert signed not in Message.objects.latest("id").text + answered(sink, intake, f"Кому: {signed}").text


def test_a_token_is_of_one_forward_and_of_no_participant(people: Cast) -> None:
    token = tokens.sign_forward(5)
    assert tokens.forward_of(token) == 5 and tokens.forward_of(token.upper()) == 5
    altered = token[:-1] + ("e" if token[-1] == "a" else "a")
    assert tokens.forward_of(tokens.sign(5, 1)) is None and tokens.forward_of(altered) is None
    assert tokens.participant_of(token) not in set(Participant.objects.values_list("pk", flat=True))
    assert len(tokens.sign_forward(2**40)) <= 40


def test_an_address_that_takes_no_mail_is_told_on_the_request(people: Cast, sink: Sink) -> None:
    sink.answer("RCPT", "550 5.1.1 no such user", to=OUTSIDE)
    forwarded(people)
    page = as_(people.agent).get("/browse/ACCREDO-1").content.decode()
    assert "Не доставлено" in page and OUTSIDE in page


def test_ab_14_a_copied_id_takes_no_mail_of_another_request_along(people: Cast, sink: Sink, intake: int) -> None:
    """Whoever knows the Message-ID of a public mail and has a forwarded one may reuse the first in the second."""
    post(intake, letter(subject="Другое", Message_ID="<public@clinic.test>"))
    run_all()
    other = Ticket.objects.exclude(pk=people.ticket.pk).get()
    forwarded(people)
    assert answered(sink, intake, "Подделка", Message_ID="<public@clinic.test>").ticket == people.ticket
    raw = letter(subject="Re: Другое", In_Reply_To="<public@clinic.test>", text="Моё дополнение")
    post(intake, raw)
    run_all()
    mine = Message.objects.latest("id")
    mail = InboundMail.objects.latest("id")
    assert (mine.text, mine.ticket, mail.ticket_id, mail.fate) == ("Моё дополнение", other, other.pk, "held_comment")


def test_ab_48_an_agent_who_answers_the_notice_says_nothing_in_public(
    people: Cast, sink: Sink, intake: int, settings: Settings
) -> None:
    settings.TRUSTED_AUTHSERV = "mx.desk.test"
    forwarded(people)
    answered(sink, intake)
    (notice,) = [mail for mail in sink.to("agent@desk.test") if "Пришёл ответ" in mail.text]
    proof = (
        b"Authentication-Results: mx.desk.test; dmarc=pass header.from=desk.test; spf=pass smtp.mailfrom=desk.test\r\n"
    )
    for to in (str(notice.message["Reply-To"]), "accredo@desk.test"):
        post(
            intake,
            proof + answer_to(notice, f"Дорого, {to}", sender="agent@desk.test"),
            to=to,
            sender="agent@desk.test",
        )
        run_all()
        last = Message.objects.latest("id")
        assert ("Дорого" in last.text, last.kind, last.ticket) == (True, "internal", people.ticket)
        assert InboundMail.objects.latest("id").level == "aligned"


def test_ab_91_a_machine_that_answers_again_and_again_floods_no_agent(
    people: Cast, sink: Sink, settings: Settings
) -> None:
    settings.LOOP_MAILS = 2
    made = forwarded(people)
    for number in range(5):
        note_answer(
            at=timezone.now(), forward=made, words=written(f"Ответ {number}"), claimed_author=OUTSIDE,
            inbound=inbound_mail(f"Subject: {number}\r\n\r\nx".encode()), why="@forwarded",
        )  # fmt: skip
        InboundMail.objects.filter(state="waiting").update(state="filed", settled_at=timezone.now())
        run_all()
    told = OutboundMail.objects.filter(kind="forward_answered", recipient="agent@desk.test")
    assert (told.count(), made.answers.count()) == (2, 5), "all are kept"


def test_ones_own_data_have_what_was_forwarded_to_the_own_address(people: Cast, sink: Sink, intake: int) -> None:
    forwarded(people)
    answered(sink, intake, "Пришлём завтра")
    answered(sink, intake, "Слово коллеги", sender="colleague@supplier.test")
    supplier, _made = ensure_person(address=OUTSIDE, name="", at=timezone.now())
    with CaptureQueriesContext(connection) as asked:
        digest, _size = personal_archive(supplier, timezone.now())
    assert not [query["sql"] for query in asked if '"raw"' in query["sql"]], "whole originals are read"
    with zipfile.ZipFile(blobs.path_of(digest)) as archive:
        (told,) = json.loads(archive.read("data.json"))["forwarded_to_you"]
    assert (told["address"], told["request"], told["text"]) == (OUTSIDE, "ACCREDO-1", WORDS)
    assert told["forwarded"] == "Протокол не открывается, «Петрова»"
    assert [one["text"] for one in told["answers"]] == ["Пришлём завтра"]
    other, _size = personal_archive(people.boris, timezone.now())
    with zipfile.ZipFile(blobs.path_of(other)) as archive:
        assert json.loads(archive.read("data.json"))["forwarded_to_you"] == []
    Message.objects.filter(forward__isnull=False).update(
        withdrawn_at=timezone.now(), **dict.fromkeys(("text", "html", "layout", "quoted", "besides"), "")
    )
    taken_back, _size = personal_archive(supplier, timezone.now())
    with zipfile.ZipFile(blobs.path_of(taken_back)) as archive:
        assert json.loads(archive.read("data.json"))["forwarded_to_you"] == [], "it never left the house"
