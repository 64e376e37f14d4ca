"""Senders behind a rewritten From: shown and one click away, but never trusted (AB-12, AB-91)."""

import pytest
from django.test import Client

from otklik.mail.models import OutboundMail
from otklik.people.models import Person
from otklik.tickets.models import Participant, Ticket
from tests.cast import Cast
from tests.intake.test_decisions import inject, signed
from tests.postoffice import Sink, letter, run_all

OURS = "'Вера' via Support <accredo@desk.test>"


@pytest.mark.parametrize(
    ("sender", "more"),
    [
        (OURS, {"Reply_To": "Вера <vera@far.test>", "List_Id": "<x.desk.test>", "Precedence": "list"}),
        (OURS, {"X_Original_From": "Вера <vera@far.test>", "Reply_To": "accredo@desk.test"}),
        (OURS, {"X_Original_Sender": "vera@far.test"}),
        ("Форма <accredo+form@desk.test>", {"Reply_To": "vera@far.test"}),
        ("Другой <other@desk.test>", {"Reply_To": "vera@far.test"}),
        ("Сайт <noreply@clinic.test>", {"Reply_To": "vera@far.test"}),
        ("Сайт <site@clinic.test>", {"Reply_To": "Вера <vera@far.test>"}),
        ("Список <list@clinic.test>", {"X_Mailinglist_Original_From": "vera@far.test"}),
        ("Вера via Список <list@clinic.test>", {"X_MailFrom": "vera@far.test", "List_Id": "<x.clinic.test>"}),
        ("Форма <form@clinic.test>", {"X_Form_From": "vera@far.test"}),
        ("Форма <form@clinic.test>", {"X_Sender": "vera@far.test"}),
        ("Список <list@clinic.test>", {"Mail_Reply_To": "Вера <vera@far.test>"}),
        ("Список <list@clinic.test>", {"Old_From": "Вера <vera@far.test>"}),
        ("vera@far.test via Forms <noreply@clinic.test>", {}),
        ("Форма <form@clinic.test>", {"Author": "Вера <vera@far.test>"}),
        ("Вера Ильина via Список <list@clinic.test>", {"Cc": "Вера Ильина <vera@far.test>, other@far.test"}),
        ("accredo@desk.test", {"Sender": "Вера <vera@far.test>"}),
        ("accredo@desk.test", {"Return_Path": "<vera@far.test>"}),
        ('"Вера (vera@far.test)" <noreply@clinic.test>', {}),
        ("Список <vera=40far.test@dmarc.clinic.test>", {}),
        ("Вера <vera=far.test@fwd.clinic.test>", {}),
        ("Вера <SRS0=a1b2=XY=far.test=vera@fwd.clinic.test>", {}),
        ("Пересылка <fwd@clinic.test>", {"Original_From": "vera@far.test", "Reply_To": "fwd@clinic.test"}),
    ],
)
def test_ab_12_a_claimed_author_is_shown_and_becomes_the_requester_by_a_click(
    people: Cast, sink: Sink, client: Client, sender: str, more: dict[str, str]
) -> None:
    row = inject(letter(sender=sender, **more), sender="bounce@far.test")
    ticket = Ticket.objects.get(key=row.ticket_key)
    assert row.fate == "request" and not sink.to("vera@far.test")
    assert not Person.objects.filter(email__startswith="accredo").exists()
    assert not Person.objects.filter(email="vera@far.test").exists()
    message = ticket.messages.get()
    client.force_login(people.agent)
    page = client.get(f"/browse/{ticket.key}").content.decode()
    assert "vera@far.test" in page and f"/messages/{message.pk}/claim" in page
    client.post(f"/browse/{ticket.key}/messages/{message.pk}/claim", {"address": "vera@far.test"})
    ticket.refresh_from_db()
    message.refresh_from_db()
    assert ticket.requester is not None and ticket.requester.email == "vera@far.test"
    assert message.author == ticket.requester
    assert Participant.objects.get(ticket=ticket, person=ticket.requester).sees_from is None
    assert f"/messages/{message.pk}/claim" not in client.get(f"/browse/{ticket.key}").content.decode()


@pytest.mark.parametrize(
    "sender", ["vera@far.test", "SRS0=a1b2=XY=far.test=vera@fwd.test", "fwd+vera=far.test@fwd.test"]
)
def test_ab_12_the_envelope_tells_who_wrote_where_nothing_else_does(people: Cast, sink: Sink, sender: str) -> None:
    row = inject(letter(sender="accredo@desk.test"), sender=sender)
    message = Ticket.objects.get(key=row.ticket_key).messages.get()
    assert [one["address"] for one in message.claims] == ["vera@far.test"]
    row = inject(letter(sender="accredo@desk.test", text="Другое"), sender="bounces+x@list.test")
    assert Ticket.objects.get(key=row.ticket_key).messages.get().claims == []


@pytest.mark.parametrize(
    ("sender", "more"),
    [
        ("anna via Все <all@list.test>", {"Reply_To": "anna@clinic.test", "X_Original_From": "anna@clinic.test"}),
        ("'anna@clinic.test' via Support <accredo@desk.test>", {"X_Original_Sender": "anna@clinic.test"}),
        ("anna@clinic.test <anna=clinic.test@fwd.test>", {"Sender": "anna@clinic.test"}),
    ],
)
def test_ab_12_a_held_answer_names_the_requester_whom_the_mail_names(
    people: Cast, sink: Sink, client: Client, sender: str, more: dict[str, str]
) -> None:
    to = signed(people.anna, people.ticket)
    row = inject(letter(sender=sender, to=to, **more), to=to, sender="bounce@list.test")
    message = people.ticket.messages.get(inbound=row)
    client.force_login(people.agent)
    page = client.get(f"/browse/{people.ticket.key}").content.decode()
    assert message.held and "anna@clinic.test" in page.partition(f"/messages/{message.pk}/claim")[2][:400]
    assert 'name="address" value="anna@clinic.test"' not in page


def test_ab_12_only_an_address_that_the_mail_claims_is_taken(people: Cast, sink: Sink, client: Client) -> None:
    row = inject(letter(sender="site@clinic.test", Reply_To="vera@far.test"))
    ticket = Ticket.objects.get(key=row.ticket_key)
    client.force_login(people.agent)
    client.post(f"/browse/{ticket.key}/messages/{ticket.messages.get().pk}/claim", {"address": "evil@x.test"})
    ticket.refresh_from_db()
    assert ticket.requester is not None and ticket.requester.email == "site@clinic.test"


def test_ab_91_our_mail_that_lost_its_mark_is_known_by_its_id(people: Cast, sink: Sink) -> None:
    run_all()
    ours = OutboundMail.objects.filter(kind="comment")[0]
    row = inject(letter(sender="accredo@desk.test", Message_ID=ours.message_id))
    assert (row.state, row.fate, Ticket.objects.count()) == ("held", "own", 1)


def test_ab_12_our_address_in_from_speaks_for_nobody_on_a_request(people: Cast, sink: Sink) -> None:
    to = signed(people.anna, people.ticket)
    row = inject(letter(sender=OURS, to=to, Reply_To="anna@clinic.test"), to=to)
    message = people.ticket.messages.get(inbound=row)
    assert row.fate == "held_comment" and message.held and "anna@clinic.test" in message.claimed_author
