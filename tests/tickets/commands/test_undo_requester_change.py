"""`undo_requester_change` restores the former requester."""

from dataclasses import replace

from django.db import connection

from otklik.mail.models import InboundMail
from otklik.people.models import Person
from otklik.tickets.commands.fields import set_muted
from otklik.tickets.commands.requester import (
    RequesterUndo,
    adopt_claimed_author,
    change_requester,
    undo_requester_change,
)
from otklik.tickets.models import Message, Participant
from tests.acting import by, refuses, tells
from tests.cast import START, Cast
from tests.tickets.commands.parts import mailed
from tests.tickets.test_links import other


def given(cast: Cast) -> RequesterUndo:
    undo = change_requester(**by(cast.agent), ticket=cast.ticket, person=cast.stranger)
    assert undo is not None
    return undo


def test_both_stand_as_before_with_one_event(cast: Cast) -> None:
    undo = given(cast)
    with tells("ticket.requester_changed"):
        row = undo_requester_change(**by(cast.agent), ticket=cast.ticket, undo=undo)
    on_it = Participant.objects.filter(ticket=cast.ticket, removed_at=None)
    assert row.requester == cast.anna and on_it.filter(person=cast.anna, muted=False).exists()
    assert not on_it.filter(person=cast.stranger).exists()


def test_whoever_turned_the_mails_off_meanwhile_gets_none(cast: Cast) -> None:
    undo = given(cast)
    set_muted(**by(cast.anna), ticket=cast.ticket, muted=True)
    undo_requester_change(**by(cast.agent), ticket=cast.ticket, undo=undo)
    assert Participant.objects.get(ticket=cast.ticket, person=cast.anna).muted


def test_customers_other_tickets_and_what_was_changed_since_are_refused(cast: Cast) -> None:
    undo = given(cast)
    with refuses("ticket.staff_only"):
        undo_requester_change(**by(cast.anna), ticket=cast.ticket, undo=undo)
    with refuses("ticket.person_not_chosen"):
        undo_requester_change(**by(cast.agent), ticket=cast.ticket, undo=replace(undo, ticket=undo.ticket + 1))
    change_requester(**by(cast.agent), ticket=cast.ticket, person=cast.boris)
    with refuses("ticket.value_changed"):
        undo_requester_change(**by(cast.agent), ticket=cast.ticket, undo=undo)


def test_who_was_on_the_request_before_stays_and_sees_as_much_as_before(cast: Cast) -> None:
    on_it = Participant.objects.filter(ticket=cast.ticket, person=cast.boris)
    for since in (START, None):
        on_it.update(sees_from=since)
        undo = change_requester(**by(cast.agent), ticket=cast.ticket, person=cast.boris)
        assert undo is not None and on_it.get().sees_from is None
        undo_requester_change(**by(cast.agent), ticket=cast.ticket, undo=undo)
        assert (on_it.get().sees_from, on_it.get().removed_at) == (since, None)
        assert Participant.objects.get(ticket=cast.ticket, person=cast.anna).sees_from is None


def test_what_others_may_read_and_other_requests_stay_as_they_were(cast: Cast) -> None:
    elsewhere = other(cast)
    Participant.objects.create(ticket=cast.ticket, person=cast.stranger, added_at=START, sees_from=None)
    Participant.objects.filter(ticket=cast.ticket, person=cast.boris).update(sees_from=START)
    undo = change_requester(**by(cast.agent), ticket=cast.ticket, person=cast.boris)
    assert undo is not None
    undo_requester_change(**by(cast.agent), ticket=cast.ticket, undo=undo)
    assert Participant.objects.get(ticket=cast.ticket, person=cast.stranger).sees_from is None
    assert Participant.objects.get(ticket=elsewhere, person=cast.boris).sees_from is None


def test_who_was_on_another_request_alone_is_taken_off_again(cast: Cast) -> None:
    Participant.objects.create(ticket=other(cast), person=cast.stranger, added_at=START)
    undo = given(cast)
    assert undo.since is None
    undo_requester_change(**by(cast.agent), ticket=cast.ticket, undo=undo)
    assert Participant.objects.get(ticket=cast.ticket, person=cast.stranger).removed_at is not None


def test_whom_the_change_itself_silenced_gets_mails_again_and_the_words_are_theirs(cast: Cast) -> None:
    message = mailed(cast)
    InboundMail.objects.filter(pk=message.inbound_id).update(silent="robot")
    Message.objects.filter(pk=message.pk).update(claims=[{"address": "vera@clinic.test", "name": "Вера"}])
    undo = adopt_claimed_author(
        **by(cast.agent), message=Message.objects.get(pk=message.pk), address="vera@clinic.test"
    )
    assert undo is not None and undo.silenced
    undo_requester_change(**by(cast.agent), ticket=cast.ticket, undo=undo)
    assert not Participant.objects.get(ticket=cast.ticket, person=cast.anna).muted
    assert Message.objects.get(pk=message.pk).author == cast.anna


def test_a_former_requester_who_was_switched_off_gets_nothing_back(cast: Cast) -> None:
    undo = given(cast)
    Person.objects.filter(pk=cast.anna.pk).update(is_active=False)
    with refuses("ticket.account_off"):
        undo_requester_change(**by(cast.agent), ticket=cast.ticket, undo=undo)


def test_an_author_whose_account_was_merged_away_is_no_more_named(cast: Cast) -> None:
    """The signed state outlives the person: the former requester then becomes the author."""
    made = change_requester(**by(cast.agent), ticket=cast.ticket, person=cast.stranger)
    assert made is not None
    opening = cast.ticket.messages.get(opening=True)
    opening.author = cast.stranger
    opening.save()
    undo_requester_change(**by(cast.agent), ticket=cast.ticket, undo=replace(made, author=2**40))
    opening.refresh_from_db()
    assert opening.author == cast.anna
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
