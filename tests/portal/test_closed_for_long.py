"""A comment on a ticket closed for long opens a linked one; before that it reopens the ticket."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from otklik.desks.models import Transition
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.commands.approve import ask_approval
from otklik.tickets.commands.status import change_status
from otklik.tickets.models import Attachment, Draft, Message, Ticket
from tests.cast import Cast, came_of
from tests.portal.helpers import as_, card, nonce


def closed_days_ago(cast: Cast, days: float) -> None:
    step = Transition.objects.get(desk=cast.desk, name="Закрыть")
    change_status(actor=Actor(cast.agent, "agent"), at=timezone.now(), ticket=cast.ticket, transition=step)
    Ticket.objects.filter(pk=cast.ticket.pk).update(closed_at=timezone.now() - timedelta(days=days))


def old(cast: Cast) -> Ticket:
    return Ticket.objects.get(pk=cast.ticket.pk)


@pytest.mark.parametrize("who", ["anna", "boris"])
def test_late_words_open_a_new_request_linked_to_the_closed_one_and_only_one(
    cast: Cast, who: str, home: object
) -> None:
    writer: Person = getattr(cast, who)
    closed_days_ago(cast, cast.desk.reopen_days + 0.1)
    client, place = as_(writer), f"comment:{cast.ticket.pk}"
    client.post("/servicedesk/customer/user/drafts", {"comment": "Опять", "draft.place": place})
    words = {"comment": "Опять не открывается", "nonce": nonce(client.get(card(cast)).content.decode())}
    answers = [
        client.post(
            card(cast, "/comment"),
            {**words, "draft.place": place, "attachments": SimpleUploadedFile("снимок.txt", b"abc")},
        )
        for _ in range(2)
    ]
    made = Ticket.objects.exclude(pk=cast.ticket.pk).get()
    assert {answer["Location"] for answer in answers} == {f"/servicedesk/customer/portal/{cast.desk.pk}/{made.key}"}
    assert (came_of(made), made.requester, made.subject) == (cast.ticket, writer, cast.ticket.subject)
    assert made.request_type_id == cast.ticket.request_type_id
    assert Message.objects.get(ticket=made).text == "Опять не открывается"
    assert Attachment.objects.get().message.ticket_id == made.pk
    assert old(cast).closed_at is not None and not Draft.objects.exclude(words={}).exists()


def test_words_in_time_open_the_request_again(cast: Cast) -> None:
    closed_days_ago(cast, cast.desk.reopen_days - 0.1)
    assert as_(cast.anna).post(card(cast, "/comment"), {"comment": "Опять"}).status_code == 302
    assert old(cast).closed_at is None and Ticket.objects.count() == 1


def test_an_agent_who_writes_late_on_the_portal_writes_on_the_request_itself(cast: Cast) -> None:
    closed_days_ago(cast, cast.desk.reopen_days + 1)
    as_(cast.agent).post(card(cast, "/comment"), {"comment": "Для порядка"})
    assert Ticket.objects.count() == 1 and Message.objects.latest("id").text == "Для порядка"


def test_nothing_written_late_opens_nothing(cast: Cast) -> None:
    closed_days_ago(cast, cast.desk.reopen_days + 1)
    for words in ("", "  \n "):
        assert as_(cast.anna).post(card(cast, "/comment"), {"comment": words}).status_code == 422
    assert Ticket.objects.count() == 1


def test_who_was_only_asked_for_an_approval_opens_nothing_beside(cast: Cast) -> None:
    ask_approval(
        actor=Actor(cast.agent, "agent"), at=timezone.now(), ticket=cast.ticket, people=[cast.stranger], rule="one"
    )
    closed_days_ago(cast, cast.desk.reopen_days + 1)
    refused = as_(cast.stranger).post(card(cast, "/comment"), {"comment": "И я"})
    assert refused.status_code in {404, 422} and Ticket.objects.count() == 1
