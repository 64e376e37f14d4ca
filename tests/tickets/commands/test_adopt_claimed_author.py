"""`adopt_claimed_author` makes a person named in a mail the requester."""

import pytest

from otklik.mail.models import InboundMail
from otklik.people.models import Person
from otklik.tickets.commands.requester import adopt_claimed_author
from otklik.tickets.models import Message, Participant, Ticket
from tests.acting import by, refuses, tells
from tests.cast import Cast
from tests.tickets.commands.parts import asked, mailed


def claimed(cast: Cast) -> Message:
    message = mailed(cast)
    message.claims = [{"address": "vera@clinic.test", "name": "Вера"}]
    message.save(update_fields=["claims"])
    return message


def test_the_named_author_becomes_the_requester_once(cast: Cast) -> None:
    message = claimed(cast)
    with tells("ticket.requester_changed"):
        for _ in range(2):
            adopt_claimed_author(**by(cast.agent), message=message, address="vera@clinic.test")
    message.refresh_from_db()
    row = Ticket.objects.get(pk=cast.ticket.pk)
    assert row.requester is not None and row.requester.email == "vera@clinic.test" and message.author == row.requester
    assert Participant.objects.filter(ticket=row, person=cast.anna, removed_at=None, muted=False).exists()


def test_where_nobody_answers_mail_the_former_requester_is_muted(cast: Cast) -> None:
    message = claimed(cast)
    InboundMail.objects.filter(pk=message.inbound_id).update(silent="robot")
    adopt_claimed_author(**by(cast.agent), message=Message.objects.get(pk=message.pk), address="vera@clinic.test")
    assert Participant.objects.get(ticket=cast.ticket, person=cast.anna).muted


def test_only_staff_take_a_claim_and_only_one_that_the_mail_makes(cast: Cast) -> None:
    message = claimed(cast)
    for who, address in ((cast.anna, "vera@clinic.test"), (cast.agent, "other@clinic.test")):
        with refuses("ticket.staff_only", "ticket.address_not_in_mail"):
            adopt_claimed_author(**by(who), message=message, address=address)


@pytest.mark.parametrize("why", ["switched off", "asked for the approval"])
def test_who_cannot_be_the_requester_does_not_become_it_by_a_claim(cast: Cast, why: str) -> None:
    message = claimed(cast)
    Message.objects.filter(pk=message.pk).update(claims=[{"address": cast.boris.email, "name": "Борис"}])
    if why == "switched off":
        Person.objects.filter(pk=cast.boris.pk).update(is_active=False)
    else:
        asked(cast, cast.boris)
    with refuses("ticket.account_off", "ticket.approver_cannot_request"):
        adopt_claimed_author(
            **by(cast.agent), message=Message.objects.get(pk=message.pk), address=cast.boris.email or ""
        )
    assert Ticket.objects.get(pk=cast.ticket.pk).requester == cast.anna


def test_a_claim_of_a_later_message_leaves_its_author_and_a_muted_requester_is_not_silenced_anew(cast: Cast) -> None:
    message = claimed(cast)
    InboundMail.objects.filter(pk=message.inbound_id).update(silent="robot")
    Message.objects.filter(pk=message.pk).update(opening=False)
    Participant.objects.filter(ticket=cast.ticket, person=cast.anna).update(muted=True)
    undo = adopt_claimed_author(
        **by(cast.agent), message=Message.objects.get(pk=message.pk), address="vera@clinic.test"
    )
    assert undo is not None and not undo.silenced
    assert Message.objects.get(pk=message.pk).author == message.author
    assert not Participant.objects.get(ticket=cast.ticket, person=cast.boris).muted


def test_a_mail_that_is_answered_leaves_the_former_requesters_mails_on(cast: Cast) -> None:
    undo = adopt_claimed_author(**by(cast.agent), message=claimed(cast), address="vera@clinic.test")
    assert undo is not None and not undo.silenced
