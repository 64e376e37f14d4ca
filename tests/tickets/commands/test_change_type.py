"""`change_type` changes the request type."""

from otklik.tickets.commands.approve import answer_approval, ask_of_type
from otklik.tickets.commands.request_type import change_type
from otklik.tickets.commands.stale_values import Shown
from otklik.tickets.models import Approval
from tests.acting import LATER, by, refuses, tells
from tests.cast import Cast
from tests.tickets.commands.parts import asked


def test_staff_give_a_type_of_their_desk_and_giving_it_again_is_no_news(cast: Cast) -> None:
    other = cast.desk.request_types.exclude(pk=cast.ticket.request_type_id)[0]
    with tells("ticket.fields_changed"):
        for _ in range(2):
            row = change_type(**by(cast.agent), ticket=cast.ticket, request_type=other)
    assert row.request_type == other


def test_a_type_of_another_desk_one_out_of_use_and_a_customers_wish_are_refused(cast: Cast) -> None:
    known, old = cast.desk.request_types.exclude(pk=cast.ticket.request_type_id)[:2]
    old.archived = True
    old.save()
    elsewhere = cast.other_desk.request_types.all()[0]
    for who, kind in ((cast.agent, elsewhere), (cast.agent, old), (cast.anna, known)):
        with refuses("ticket.type_of_other_desk", "ticket.type_retired", "ticket.staff_only"):
            change_type(**by(who), ticket=cast.ticket, request_type=kind)


def test_a_type_that_the_page_did_not_show_is_not_replaced(cast: Cast) -> None:
    one, other = cast.desk.request_types.exclude(pk=cast.ticket.request_type_id)[:2]
    change_type(**by(cast.lead), ticket=cast.ticket, request_type=one)
    with refuses("ticket.value_changed"):
        change_type(**by(cast.agent), ticket=cast.ticket, request_type=other, shown=Shown(cast.ticket.request_type_id))


def test_what_an_agent_asked_is_waited_for_all_the_same(cast: Cast) -> None:
    other = cast.desk.request_types.exclude(pk=cast.ticket.request_type_id)[0]
    other.approval_rule = "one"
    other.save()
    other.approvers.set([cast.stranger])
    approval = asked(cast)
    change_type(**by(cast.agent), ticket=cast.ticket, request_type=other)
    assert list(Approval.objects.values_list("pk", "state")) == [(approval.pk, Approval.State.PENDING)]


def test_what_the_former_type_asked_is_asked_anew_unless_it_was_answered(cast: Cast) -> None:
    kinds = list(cast.desk.request_types.all()[:2])
    for kind, approver in zip(kinds, (cast.boris, cast.stranger), strict=True):
        kind.approval_rule = "one"
        kind.save()
        kind.approvers.set([approver])
    for kind in kinds:
        cast.ticket.refresh_from_db()
        cast.ticket.request_type = kind
        cast.ticket.save()
        ask_of_type(at=LATER, ticket=cast.ticket)
        approval = Approval.objects.get(ticket=cast.ticket, state=Approval.State.PENDING)
        if kind == kinds[0]:
            answer_approval(**by(cast.boris), approval=approval, approved=True)
    change_type(**by(cast.agent), ticket=cast.ticket, request_type=kinds[0])
    states = list(Approval.objects.order_by("pk").values_list("state", flat=True))
    assert states == [Approval.State.APPROVED, Approval.State.WITHDRAWN, Approval.State.PENDING]
