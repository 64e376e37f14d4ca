"""Comments: permissions, effects on status, visibility."""

from datetime import timedelta

import pytest

from otklik.desks.models import Status
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.access import readable_messages
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.fields import add_participant, remove_participant
from otklik.tickets.commands.status import allowed_transitions, change_status, customer_transitions
from otklik.tickets.content import Words
from otklik.tickets.models import Message, Participant, Ticket
from tests.cast import NOTE_CANARY, START, Cast
from tests.refusing import refused_as

AT = START + timedelta(hours=2)


def say(person: Person, ticket: Ticket, text: str = "слова", **more: object) -> Message:
    return comment(actor=Actor(person, "portal"), at=AT, ticket=ticket, words=Words(text), **more)  # type: ignore[arg-type]


def move(person: Person, ticket: Ticket, name: str) -> Ticket:
    actor = Actor(person, "agent")
    ticket.refresh_from_db()
    row = next(row for row in allowed_transitions(actor, ticket) if row.name == name)
    return change_status(actor=actor, at=AT, ticket=ticket, transition=row)


def test_stranger_and_other_desks_agent_may_not_write(cast: Cast) -> None:
    for person in (cast.stranger, cast.agent_elsewhere):
        with refused_as("ticket.participants_only"):
            say(person, cast.ticket)
    assert cast.ticket.messages.count() == 3


def test_customer_may_not_write_an_internal_note(cast: Cast) -> None:
    with refused_as("ticket.staff_only"):
        say(cast.anna, cast.ticket, kind=Message.Kind.INTERNAL)


def test_empty_comment_is_refused(cast: Cast) -> None:
    with refused_as("ticket.nothing_written"):
        say(cast.anna, cast.ticket, "  \n ")


@pytest.mark.parametrize(
    ("before", "after"),
    [("Ждать ответа заявителя", "Открытый"), ("Закрыть", "Открытый"), ("Взять в работу", "В работе")],
)
def test_customers_words_move_the_ticket_as_the_table_says(cast: Cast, before: str, after: str) -> None:
    move(cast.agent, cast.ticket, before)
    say(cast.anna, cast.ticket)
    cast.ticket.refresh_from_db()
    assert (cast.ticket.status.name, cast.ticket.closed_at) == (after, None)


def test_agents_words_do_not_reopen(cast: Cast) -> None:
    move(cast.agent, cast.ticket, "Закрыть")
    say(cast.agent, cast.ticket)
    cast.ticket.refresh_from_db()
    assert cast.ticket.status.category == Status.Category.DONE
    assert cast.ticket.closed_at == AT


def test_customer_may_close_and_reopen_and_nothing_else(cast: Cast) -> None:
    assert [row.name for row in customer_transitions(cast.ticket)] == ["Закрыть"]
    closed = move(cast.anna, cast.ticket, "Закрыть")
    assert [row.name for row in customer_transitions(closed)] == ["Открыть снова"]
    with pytest.raises(StopIteration):
        move(cast.anna, cast.ticket, "Взять в работу")


def test_ab_48_customers_never_read_notes(cast: Cast) -> None:
    for person in (cast.anna, cast.boris, cast.agent):
        texts = "".join(m.text for m in readable_messages(person, cast.ticket, as_agent=False))
        assert NOTE_CANARY not in texts
    assert not readable_messages(cast.anna, cast.ticket, as_agent=True).exists()


def test_ab_01_who_joins_late_reads_only_what_comes_after(cast: Cast) -> None:
    add_participant(actor=Actor(cast.anna, "portal"), at=AT, ticket=cast.ticket, person=cast.stranger)
    assert list(readable_messages(cast.stranger, cast.ticket, as_agent=False)) == []
    later = comment(
        actor=Actor(cast.agent, "agent"), at=AT + timedelta(minutes=1), ticket=cast.ticket, words=Words("теперь")
    )
    assert list(readable_messages(cast.stranger, cast.ticket, as_agent=False)) == [later]


def test_ab_01_only_the_requester_and_the_staff_may_share_the_history(cast: Cast) -> None:
    for who in (cast.boris, cast.stranger, cast.agent_elsewhere):
        actor = Actor(who, "portal")
        with refused_as("ticket.staff_only"):
            add_participant(actor=actor, at=AT, ticket=cast.ticket, person=cast.stranger, sees_all=True)
    assert add_participant(
        actor=Actor(cast.anna, "portal"), at=AT, ticket=cast.ticket, person=cast.stranger, sees_all=True
    )


def test_ab_07_removed_participant_loses_the_ticket_and_the_old_address(cast: Cast) -> None:
    before = Participant.objects.get(ticket=cast.ticket, person=cast.boris).epoch
    remove_participant(actor=Actor(cast.anna, "portal"), at=AT, ticket=cast.ticket, person=cast.boris)
    after = Participant.objects.get(ticket=cast.ticket, person=cast.boris)
    assert (after.epoch, after.removed_at) == (before + 1, AT)
    with refused_as("ticket.participants_only"):
        say(cast.boris, cast.ticket)


def test_request_counts_as_verified_once_its_requester_speaks_on_it(cast: Cast) -> None:
    Ticket.objects.filter(pk=cast.ticket.pk).update(sender_unverified=True)
    for person, still in ((cast.agent, True), (cast.boris, True), (cast.anna, False)):
        say(person, cast.ticket)
        cast.ticket.refresh_from_db()
        assert cast.ticket.sender_unverified is still
