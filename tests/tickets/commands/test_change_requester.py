"""`change_requester` changes the requester."""

from otklik.people.models import Person
from otklik.tickets.commands.approve import answer_approval, ask_approval
from otklik.tickets.commands.requester import change_requester
from otklik.tickets.commands.stale_values import Shown
from otklik.tickets.models import Message, Participant, Ticket
from tests.acting import LATER, by, refuses, tells
from tests.cast import Cast
from tests.tickets.commands.parts import asked
from tests.tickets.test_links import other


def test_another_person_asks_from_now_on_and_the_former_one_stays(cast: Cast) -> None:
    with tells("ticket.requester_changed"):
        for _ in range(2):
            change_requester(**by(cast.agent), ticket=cast.ticket, person=cast.stranger)
    cast.ticket.refresh_from_db()
    assert cast.ticket.requester == cast.stranger
    on_it = Participant.objects.filter(ticket=cast.ticket, removed_at=None)
    assert on_it.filter(person=cast.anna).exists() and on_it.get(person=cast.stranger).sees_from is None


def test_the_former_requester_can_be_taken_off(cast: Cast) -> None:
    change_requester(**by(cast.agent), ticket=cast.ticket, person=cast.boris, former_stays=False)
    assert Participant.objects.get(ticket=cast.ticket, person=cast.anna).removed_at == LATER


def test_customers_give_no_request_away_and_nobody_who_left_or_approves_gets_one(cast: Cast) -> None:
    asked(cast)
    Person.objects.filter(pk=cast.stranger.pk).update(is_active=False)
    cast.stranger.refresh_from_db()
    for who, whom in ((cast.anna, cast.lead), (cast.agent, cast.stranger), (cast.agent, cast.boris)):
        with refuses("ticket.staff_only", "ticket.account_off", "ticket.approver_cannot_request"):
            change_requester(**by(who), ticket=cast.ticket, person=whom)


def test_a_requester_whom_the_page_did_not_show_is_not_replaced(cast: Cast) -> None:
    change_requester(**by(cast.lead), ticket=cast.ticket, person=cast.boris)
    with refuses("ticket.value_changed"):
        change_requester(**by(cast.agent), ticket=cast.ticket, person=cast.stranger, shown=Shown(cast.anna.pk))


def test_what_was_written_down_for_a_caller_is_the_new_requesters_and_what_somebody_wrote_stays_theirs(
    cast: Cast,
) -> None:
    opening, elsewhere = Message.objects.get(ticket=cast.ticket, opening=True), other(cast)
    change_requester(**by(cast.agent), ticket=cast.ticket, person=cast.boris)
    assert Message.objects.get(pk=opening.pk).author == cast.anna
    Ticket.objects.filter(pk=cast.ticket.pk).update(channel=Ticket.Channel.PHONE)
    change_requester(**by(cast.agent), ticket=cast.ticket, person=cast.stranger)
    assert Message.objects.get(pk=opening.pk).author == cast.anna, "she is not who asked before"
    Message.objects.filter(pk=opening.pk).update(author=cast.stranger)
    Message.objects.filter(ticket=elsewhere, opening=True).update(author=cast.stranger)
    others = Message.objects.exclude(pk=opening.pk).order_by("pk").values_list("author", flat=True)
    before = list(others)
    change_requester(**by(cast.agent), ticket=cast.ticket, person=cast.boris)
    assert Message.objects.get(pk=opening.pk).author == cast.boris and list(others.all()) == before


def test_who_approved_this_request_or_is_asked_about_another_one_may_ask(cast: Cast) -> None:
    ask_approval(**by(cast.agent), ticket=other(cast), people=[cast.stranger], rule="one")
    answer_approval(**by(cast.boris), approval=asked(cast), approved=True)
    for person in (cast.boris, cast.stranger):
        assert change_requester(**by(cast.agent), ticket=cast.ticket, person=person)


def test_who_is_taken_off_can_answer_by_mail_no_more_and_the_others_stay(cast: Cast) -> None:
    before = Participant.objects.get(ticket=cast.ticket, person=cast.anna).epoch
    elsewhere = other(cast)
    change_requester(**by(cast.agent), ticket=cast.ticket, person=cast.stranger, former_stays=False)
    assert Participant.objects.get(ticket=cast.ticket, person=cast.anna).epoch == before + 1
    assert Participant.objects.get(ticket=cast.ticket, person=cast.boris).removed_at is None
    assert not Participant.objects.filter(ticket=elsewhere).exclude(removed_at=None).exists()


def test_what_the_others_may_read_stays_as_it_was(cast: Cast) -> None:
    for person in (cast.stranger, cast.boris):
        Participant.objects.filter(ticket=cast.ticket, person=person).delete()
        Participant.objects.create(ticket=cast.ticket, person=person, sees_from=LATER, added_at=LATER)
    change_requester(**by(cast.agent), ticket=cast.ticket, person=cast.stranger)
    assert Participant.objects.get(ticket=cast.ticket, person=cast.stranger).sees_from is None
    assert Participant.objects.get(ticket=cast.ticket, person=cast.boris).sees_from == LATER
