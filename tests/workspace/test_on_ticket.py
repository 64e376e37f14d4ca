"""The one statement for a ticket's participants and everything else about it is complete."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from otklik.mail.models import AddressTrouble, OutboundMail
from otklik.people.actor import Actor
from otklik.people.models import Phone
from otklik.tickets.approvals import approvals_of
from otklik.tickets.attachments import load_attachments, with_files_known
from otklik.tickets.commands.approve import ask_approval
from otklik.tickets.commands.pending import hold_reply
from otklik.tickets.content import Words
from otklik.tickets.models import Attachment, Draft, Message, Participant, PendingReply, Ticket
from otklik.workspace.pages.ticket_people import Beside, OnIt, on_ticket
from tests.cast import Cast
from tests.fast_read_cases import NEXT_YEAR
from tests.statement_caps import statements_at_most
from tests.workspace.test_queue import more_tickets


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    (ticket,) = more_tickets(cast, 1)
    return ticket


def here(cast: Cast, ticket: Ticket) -> OnIt:
    return on_ticket(ticket, cast.agent, timezone.now())


def test_of_a_plain_ticket_there_is_nothing_else(cast: Cast, ticket: Ticket) -> None:
    OutboundMail.objects.all().delete()
    here(cast, ticket)
    with statements_at_most("on a ticket"):
        around = here(cast, ticket)
    assert around.beside == Beside(approvals=False, mails=False, replies=False, drafts=False, others=False)
    assert [link.person for link in around.people] == [cast.anna] and not around.phones and not around.refusing


def test_an_approval_is_told_until_it_is_withdrawn(cast: Cast, ticket: Ticket) -> None:
    actor, at = Actor(cast.agent, "agent"), timezone.now()
    approval = ask_approval(actor=actor, at=at, ticket=ticket, people=[cast.stranger], rule="one", question="Да?")
    assert here(cast, ticket).beside.approvals and approvals_of(ticket)
    approval.state, approval.settled_at = approval.State.WITHDRAWN, at
    approval.save()
    assert not here(cast, ticket).beside.approvals and not approvals_of(ticket)


def test_a_reply_is_told_until_it_is_sent(cast: Cast, ticket: Ticket) -> None:
    at = timezone.now() + timedelta(minutes=1)
    hold_reply(actor=Actor(cast.agent, "agent"), at=at, ticket=ticket, words=Words("Позже"), due_at=NEXT_YEAR)
    assert here(cast, ticket).beside.replies
    PendingReply.objects.update(state=PendingReply.State.SENT, message=ticket.messages.get(), text="")
    assert not here(cast, ticket).beside.replies


def test_a_draft_is_told_to_who_has_begun_it(cast: Cast, ticket: Ticket) -> None:
    draft = {"kind": "comment", "subject_id": ticket.pk, "ticket": ticket, "updated_at": timezone.now()}
    Draft.objects.create(person=cast.anna, words={"text": ["Ещё"]}, **draft)
    assert not here(cast, ticket).beside.drafts
    Draft.objects.create(person=cast.agent, words={"text": ["Ещё"]}, **draft)
    assert here(cast, ticket).beside.drafts


def test_phones_and_refused_addresses_come_along(cast: Cast, ticket: Ticket) -> None:
    for number in ("+79161112233", "+79990001122"):
        Phone.objects.create(person=cast.anna, number=number)
    trouble = AddressTrouble.objects.create(address=cast.anna.email, last_at=timezone.now())
    around = here(cast, ticket)
    assert around.phones == {cast.anna.pk: ["+79161112233", "+79990001122"]} and not around.refusing
    AddressTrouble.objects.update(stopped_at=timezone.now())
    assert here(cast, ticket).refusing == {cast.anna.email: trouble}


def test_who_asked_can_be_called_though_they_are_not_on_it_any_more(cast: Cast, ticket: Ticket) -> None:
    Phone.objects.create(person=cast.anna, number="+79161112233")
    Participant.objects.filter(ticket=ticket).delete()
    around = here(cast, ticket)
    assert around.people == [] and around.phones == {cast.anna.pk: ["+79161112233"]}
    assert around.beside == Beside(), "nobody knows, so all of it is read"


def test_a_page_shows_the_files_of_each_message_that_has_some(cast: Cast, ticket: Ticket) -> None:
    first = ticket.messages.get()
    second = Message.objects.create(ticket=ticket, text="Без файла", created_at=timezone.now(), side="customer")
    Attachment.objects.create(message=first, created_at=timezone.now(), name="a.txt", size=1, digest="0" * 64)
    messages = list(with_files_known(Message.objects.filter(ticket=ticket).order_by("pk")))
    with statements_at_most("files of messages"):
        load_attachments(messages)
        assert [[file.name for file in message.attachments.all()] for message in messages] == [["a.txt"], []]
    with CaptureQueriesContext(connection) as asked:
        load_attachments([message for message in messages if message.pk == second.pk])
    assert not asked.captured_queries
