"""`hold_reply` stores a reply to be sent later."""

from datetime import timedelta

from otklik.desks.models import Transition
from otklik.journal.models import Event
from otklik.people.actor import Actor, system
from otklik.tickets.commands.pending import hold_reply
from otklik.tickets.content import Words
from otklik.tickets.models import PendingReply
from otklik.tickets.pumps.pending_replies import release_next
from tests.acting import LATER, by, refuses, tells
from tests.cast import START, Cast
from tests.refusing import refused_as
from tests.tickets.commands.parts import waiting_reply
from tests.tickets.test_edges import held
from tests.tickets.test_take import step


def test_only_people_write_a_reply_for_later(cast: Cast) -> None:
    with refused_as("ticket.people_only"):
        hold_reply(actor=system(), at=START, ticket=cast.ticket, words=Words("Позже"), due_at=START)
    assert not PendingReply.objects.exists()


def test_a_delayed_reply_takes_for_its_author(cast: Cast) -> None:
    hold_reply(
        actor=Actor(cast.agent, "agent"), at=LATER, ticket=cast.ticket, words=Words("Берусь"),
        step=step(cast, "Взять в работу"), due_at=LATER,
    )  # fmt: skip
    assert release_next(LATER + timedelta(minutes=1))
    cast.ticket.refresh_from_db()
    assert (cast.ticket.assignee, cast.ticket.status.name) == (cast.agent, "В работе")
    assert Event.objects.get(kind="ticket.commented", data__assigned="Глеб Орлов")


def test_a_step_that_is_not_offered_here_holds_no_reply(cast: Cast) -> None:
    row = Transition.objects.filter(desk=cast.other_desk, for_agents=True)[0]
    with refused_as("ticket.step_unknown"):
        held(cast, timedelta(minutes=1), step=row)


def test_nothing_of_the_reply_is_public_before_its_time(cast: Cast) -> None:
    messages = cast.ticket.messages.count()
    with tells("ticket.reply_held"):
        reply = waiting_reply(cast)
    cast.ticket.refresh_from_db()
    assert reply.state == PendingReply.State.WAITING and cast.ticket.messages.count() == messages
    assert cast.ticket.shown_at == START


def test_customers_and_empty_words_and_times_gone_by_are_refused(cast: Cast) -> None:
    for who, text, due in ((cast.anna, "x", LATER), (cast.agent, " ", LATER), (cast.agent, "x", START)):
        with refuses("ticket.staff_only", "ticket.nothing_written", "ticket.time_passed"):
            hold_reply(**by(who), ticket=cast.ticket, words=Words(text), due_at=due)
