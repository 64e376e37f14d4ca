"""`ask_of_type` asks for the approval that the request type requires."""

from otklik.people.models import Person
from otklik.tickets.commands.approve import ask_of_type
from otklik.tickets.models import Approval
from tests.acting import LATER, tells
from tests.cast import Cast


def test_the_types_people_are_asked_but_for_the_requester_and_who_left(cast: Cast) -> None:
    kind = cast.ticket.request_type
    assert kind is not None
    kind.approval_rule = "all"
    kind.save()
    kind.approvers.set([cast.anna, cast.boris, cast.stranger])
    Person.objects.filter(pk=cast.stranger.pk).update(is_active=False)
    with tells("ticket.approval_asked"):
        ask_of_type(at=LATER, ticket=cast.ticket)
    approval = Approval.objects.get()
    assert [vote.person for vote in approval.votes.all()] == [cast.boris] and approval.asked_by is None


def test_a_type_that_names_nobody_asks_nobody(cast: Cast) -> None:
    with tells():
        ask_of_type(at=LATER, ticket=cast.ticket)
    assert not Approval.objects.exists()
