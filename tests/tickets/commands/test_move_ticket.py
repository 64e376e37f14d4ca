"""`move_ticket` moves a ticket to another desk: key, contents, access."""

from collections.abc import Callable

import pytest

from otklik.desks.commands.create import add_desk, set_role
from otklik.desks.models import CustomField, Desk, Field, RequestType, Status, Transition
from otklik.journal.models import Event
from otklik.people.actor import Actor, system
from otklik.people.models import Person
from otklik.tickets.access import ticket_for_agent, ticket_for_customer
from otklik.tickets.answers.display import answer_lines
from otklik.tickets.commands.answers import change_answers
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.fields import assign
from otklik.tickets.commands.former_keys import add_alias
from otklik.tickets.commands.move import move_ticket
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.commands.stale_values import Shown
from otklik.tickets.commands.status import change_status
from otklik.tickets.content import Words
from otklik.tickets.keys import former_keys
from otklik.tickets.models import Approval, Change, Ticket, TicketAlias
from otklik.tickets.move_events import TicketMoved
from tests.acting import LATER, by, refuses, tells
from tests.cast import START, Cast, as_
from tests.meanwhile import at_once, meanwhile
from tests.refusing import refused_as
from tests.tickets.commands.parts import asked


@pytest.fixture
def mover(cast: Cast) -> Person:
    """Return a person who works at both desks."""
    return at_both(cast)


def at_both(cast: Cast) -> Person:
    set_role(actor=system("cli"), at=START, desk=cast.other_desk, person=cast.lead, role="agent")
    return cast.lead


def moved(cast: Cast, mover: Person, desk: Desk | None = None, kind: RequestType | None = None) -> Ticket:
    ticket = Ticket.objects.get(pk=cast.ticket.pk)
    return move_ticket(**by(mover), ticket=ticket, desk=desk or cast.other_desk, request_type=kind).ticket


def field(desk: Desk, number: int, label: str) -> Field:
    custom = CustomField.objects.create(number=number, desk=desk, name=label, kind=Field.Kind.TEXT)
    kind = desk.request_types.order_by("position")[0]
    return Field.objects.create(
        request_type=kind, custom=custom, key=custom.key, kind=Field.Kind.TEXT, label=label, position=9
    )


def opened(desk: Desk) -> Ticket:
    more = {"desk": desk, "channel": "portal", "subject": "x", "words": Words("x"), "requester": None}
    return open_ticket(actor=system(), at=LATER, **more)


def test_it_gets_the_next_number_there_and_is_found_by_the_former_key(cast: Cast, mover: Person) -> None:
    opened(cast.other_desk)
    with tells("ticket.moved"):
        ticket = moved(cast, mover)
    ticket.refresh_from_db()
    assert (ticket.key, ticket.number, ticket.desk) == ("OTHER-2", 2, cast.other_desk)
    assert former_keys(ticket) == ["ACCREDO-1"]
    assert ticket_for_agent(cast.agent_elsewhere, "accredo-1") == ticket
    assert [opened(cast.other_desk).key, opened(cast.desk).key] == ["OTHER-3", "ACCREDO-2"]


def test_the_way_back_gives_the_former_key_back(cast: Cast, mover: Person) -> None:
    moved(cast, mover)
    assert moved(cast, mover, cast.desk).key == "ACCREDO-1"
    assert list(TicketAlias.objects.values_list("key", flat=True)) == ["OTHER-1"]
    assert moved(cast, mover).key == "OTHER-1"
    assert [opened(cast.other_desk).key, opened(cast.desk).key] == ["OTHER-2", "ACCREDO-2"]


def test_a_number_from_another_system_that_it_takes_up_again_is_given_to_no_other(cast: Cast, mover: Person) -> None:
    add_alias(actor=system(), at=START, ticket=cast.ticket, key="OTHER-40", skip_numbers=True)
    assert moved(cast, mover).key == "OTHER-40"
    assert opened(cast.other_desk).key == "OTHER-41"


def test_who_saw_it_by_the_former_desk_alone_sees_it_no_more_and_customers_do(cast: Cast, mover: Person) -> None:
    moved(cast, mover)
    for key in ("ACCREDO-1", "OTHER-1"):
        assert ticket_for_agent(cast.agent, key) is None
        assert ticket_for_agent(cast.agent_elsewhere, key) is not None
        for customer in (cast.anna, cast.boris):
            assert ticket_for_customer(customer, key) is not None
        assert as_(cast.agent).get(f"/browse/{key}").status_code == 404
        assert as_(cast.stranger).get(f"/servicedesk/customer/portal/{cast.desk.pk}/{key}").status_code == 404


def test_what_stands_on_it_is_mapped_and_told(cast: Cast, mover: Person) -> None:
    cast.other_desk.statuses.filter(category="new").update(name="Новый")
    assign(**by(cast.agent), ticket=cast.ticket, assignee=cast.agent)
    kind = cast.other_desk.request_types.order_by("position")[1]
    ticket = moved(cast, mover, kind=kind)
    assert (ticket.status.name, ticket.status.desk, ticket.status.category) == ("Новый", cast.other_desk, "new")
    assert (ticket.priority.name, ticket.priority.desk) == (cast.ticket.priority.name, cast.other_desk)
    assert (ticket.request_type, ticket.assignee) == (kind, None)
    told = Event.objects.filter(kind="ticket.moved").get().typed
    assert isinstance(told, TicketMoved)
    assert (told.former_key, told.key, told.from_desk, told.to_desk) == (
        "ACCREDO-1", "OTHER-1", cast.desk.name, cast.other_desk.name,
    )  # fmt: skip
    assert (told.status, told.request_type, told.priority) == ("Новый", kind.name, "")
    facts = {change.field: (change.old, change.new) for change in Change.objects.filter(event__kind="ticket.moved")}
    assert facts["desk"] == (cast.desk.name, cast.other_desk.name)
    assert facts["assignee"] == ("Глеб Орлов", "")
    page = as_(cast.agent_elsewhere).get("/browse/OTHER-1").content.decode()
    assert "ACCREDO-1 → OTHER-1" in page and "Глеб Орлов" in page


def test_who_works_there_too_keeps_it(cast: Cast, mover: Person) -> None:
    assign(**by(cast.lead), ticket=cast.ticket, assignee=cast.lead)
    assert moved(cast, mover).assignee == cast.lead


def test_a_closed_one_stays_closed_as_it_was_closed(cast: Cast, mover: Person) -> None:
    step = Transition.objects.get(desk=cast.desk, source=None)
    closed = change_status(actor=system(), at=LATER, ticket=cast.ticket, transition=step)
    ticket = moved(cast, mover)
    ticket.refresh_from_db()
    assert ticket.status.is_done
    assert (ticket.closed_at, ticket.resolution) == (closed.closed_at, closed.resolution)


def test_answers_go_along_where_the_form_asks_the_same_and_others_stay_readable(cast: Cast, mover: Person) -> None:
    room, floor = field(cast.desk, 10_901, "Кабинет"), field(cast.desk, 10_902, "Этаж")
    there = field(cast.other_desk, 10_903, "Кабинет")
    change_answers(**by(cast.agent), ticket=cast.ticket, answers={room.key: "12", floor.key: "3"})
    ticket = moved(cast, mover, kind=there.request_type)
    assert ticket.answers == {there.key: "12", floor.key: "3"}
    assert [(line.label, line.words) for line in answer_lines(ticket, for_staff=False)] == [
        ("Кабинет", "12"), ("Этаж", "3"),
    ]  # fmt: skip
    assert "Этаж" in as_(cast.agent_elsewhere).get("/browse/OTHER-1").content.decode()
    back = moved(cast, mover, cast.desk, room.request_type)
    assert back.answers == {room.key: "12", floor.key: "3"}


def test_customers_are_told_in_one_plain_line(cast: Cast, mover: Person) -> None:
    moved(cast, mover)
    page = as_(cast.anna).get(f"/servicedesk/customer/portal/{cast.desk.pk}/ACCREDO-1", follow=True)
    assert page.redirect_chain[-1][0] == f"/servicedesk/customer/portal/{cast.other_desk.pk}/OTHER-1"
    assert "Передан в службу «Другая служба»: теперь его номер OTHER-1" in page.content.decode()


def test_what_a_customer_sends_from_the_page_of_before_is_done(cast: Cast, mover: Person) -> None:
    page = f"/servicedesk/customer/portal/{cast.desk.pk}/ACCREDO-1"
    moved(cast, mover)
    as_(cast.anna).post(f"{page}/comment", {"comment": "Ещё одно"})
    ticket = Ticket.objects.get(key="OTHER-1")
    assert ticket.messages.order_by("-id")[0].text == "Ещё одно"
    wrong = f"/servicedesk/customer/portal/{cast.desk.pk}/OTHER-1/comment"
    assert as_(cast.anna).post(wrong, {"comment": "Мимо"}).status_code == 404


@pytest.mark.parametrize("who", ["agent", "agent_elsewhere", "anna"])
def test_only_who_works_at_both_desks_moves(cast: Cast, who: str) -> None:
    with refuses("ticket.moved_elsewhere", "ticket.staff_only"):
        moved(cast, getattr(cast, who))


def test_the_desk_where_it_is_and_foreign_types_and_statuses_are_refused(cast: Cast, mover: Person) -> None:
    own, old = cast.desk.request_types.all()[0], cast.other_desk.request_types.all()[0]
    old.archived = True
    old.save()
    with refuses("ticket.unchanged"):
        moved(cast, mover, cast.desk)
    with refuses("ticket.type_of_other_desk"):
        moved(cast, mover, kind=own)
    with refuses("ticket.type_retired"):
        moved(cast, mover, kind=old)
    ended = Status.objects.filter(desk=cast.other_desk, category="done")
    for status in (cast.ticket.status, ended[0]):
        with refuses("ticket.status_of_other_desk"):
            move_ticket(
                **by(mover), ticket=cast.ticket, desk=cast.other_desk, request_type=None, status=status
            )  # fmt: skip


def test_a_desk_without_a_status_for_what_is_closed_takes_nothing_closed(cast: Cast, mover: Person) -> None:
    step = Transition.objects.get(desk=cast.desk, source=None)
    change_status(actor=system(), at=LATER, ticket=cast.ticket, transition=step)
    Status.objects.filter(desk=cast.other_desk, category="done").update(category="waiting")
    with refuses("ticket.moved_without_status"):
        moved(cast, mover)


def test_an_approval_that_somebody_asked_for_comes_first(cast: Cast, mover: Person) -> None:
    asked(cast)
    with refuses("ticket.moved_awaits_approval"):
        moved(cast, mover)


def test_what_the_former_type_asked_by_itself_is_asked_no_more_and_that_of_the_new_type_is(
    cast: Cast, mover: Person
) -> None:
    kind = cast.other_desk.request_types.all()[0]
    kind.approval_rule = "one"
    kind.save()
    kind.approvers.set([cast.stranger])
    own = Approval.objects.create(ticket=cast.ticket, rule="one", asked_at=START)
    moved(cast, mover, kind=kind)
    own.refresh_from_db()
    assert own.state == Approval.State.WITHDRAWN
    now = Approval.objects.get(ticket=cast.ticket, state=Approval.State.PENDING)
    assert [vote.person for vote in now.votes.all()] == [cast.stranger]


def test_one_that_was_moved_meanwhile_is_not_moved_on_unseen(cast: Cast, mover: Person) -> None:
    moved(cast, mover)
    ticket = Ticket.objects.get(pk=cast.ticket.pk)
    with refuses("ticket.value_changed"):
        move_ticket(**by(mover), ticket=ticket, desk=cast.desk, request_type=None, shown=Shown(cast.desk.pk))


@pytest.mark.parametrize("who", ["agent", "anna"])
def test_a_reply_while_it_is_moved_waits_and_is_for_those_who_may_write_then(people: Cast, who: str) -> None:
    mover, writer = at_both(people), getattr(people, who)
    say: Callable[[], object] = lambda: comment(  # noqa: E731
        actor=Actor(writer, "portal"), at=LATER, ticket=people.ticket, words=Words("Слово")
    )
    with meanwhile(lambda: moved(people, mover)) as other:
        if who == "anna":
            say()
        else:
            with refused_as("ticket.participants_only"):
                say()
    assert other.waited
    ticket = Ticket.objects.get(key="OTHER-1")
    assert ticket.messages.filter(text="Слово").exists() == (who == "anna")


def test_of_two_who_move_in_one_moment_one_does_and_the_other_is_told(people: Cast) -> None:
    mover, said = at_both(people), list[str]()

    def one() -> None:
        try:
            move_ticket(
                **by(mover), ticket=people.ticket, desk=people.other_desk, request_type=None,
                shown=Shown(people.desk.pk),
            )  # fmt: skip
        except Exception as refusal:
            said.append(getattr(refusal, "code", str(refusal)))

    at_once(one, one)
    assert said == ["ticket.value_changed"]
    assert Event.objects.filter(kind="ticket.moved").count() == 1
    assert Ticket.objects.get(pk=people.ticket.pk).key == "OTHER-1"


def test_a_desk_that_begins_with_a_number_taken_up_again_goes_on_behind_it(cast: Cast, mover: Person) -> None:
    """The other system's key is older than the desk, and this ticket is the desk's first."""
    add_alias(actor=system(), at=START, ticket=cast.ticket, key="LATER-40")
    later = add_desk(actor=system("cli"), at=START, key="LATER", name="Позже", address="later@desk.test")
    set_role(actor=system("cli"), at=START, desk=later, person=mover, role="agent")
    assert moved(cast, mover, later).key == "LATER-40"
    assert opened(later).key == "LATER-41"
