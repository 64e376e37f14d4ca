"""RL-34: a form sends what its page showed, and the command refuses if others changed the ticket meanwhile."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from otklik.desks.models import Transition
from otklik.journal.models import Event
from otklik.people.actor import Actor
from otklik.tickets.commands.base import Seen
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.pending import hold_reply, say
from otklik.tickets.commands.status import change_status
from otklik.tickets.content import Words
from otklik.tickets.models import Message, PendingReply, Ticket
from tests.cast import START, Cast
from tests.refusing import refused_as

Act = Callable[[Cast, Actor, Seen | None], object]


def step(cast: Cast) -> Transition:
    return Transition.objects.filter(desk=cast.desk, name="Закрыть", for_agents=True)[0]


def reply(cast: Cast, actor: Actor, seen: Seen | None) -> object:
    return comment(actor=actor, at=START, ticket=cast.ticket, words=Words("Слова"), seen=seen)


def note(cast: Cast, actor: Actor, seen: Seen | None) -> object:
    return comment(actor=actor, at=START, ticket=cast.ticket, words=Words("Слова"), kind="internal", seen=seen)


def reply_with_step(cast: Cast, actor: Actor, seen: Seen | None) -> object:
    return say(actor=actor, at=START, ticket=cast.ticket, words=Words("Слова"), step=step(cast), seen=seen)


def reply_for_later(cast: Cast, actor: Actor, seen: Seen | None) -> object:
    due = START + timedelta(hours=1)
    return hold_reply(actor=actor, at=START, ticket=cast.ticket, words=Words("Слова"), due_at=due, seen=seen)


def move(cast: Cast, actor: Actor, seen: Seen | None) -> object:
    return change_status(actor=actor, at=START, ticket=cast.ticket, transition=step(cast), seen=seen)


ACTS = pytest.mark.parametrize("act", [reply, note, reply_with_step, reply_for_later, move])


def page(cast: Cast) -> Seen:
    return Seen(Ticket.objects.get(pk=cast.ticket.pk).version, Event.objects.latest("id").pk)


def written(cast: Cast) -> tuple[int, int, int]:
    replies = PendingReply.objects.filter(ticket=cast.ticket).count()
    return Message.objects.filter(ticket=cast.ticket).count(), replies, Event.objects.count()


@ACTS
def test_rl_34_an_act_upon_a_page_that_others_made_old_is_refused(cast: Cast, act: Act) -> None:
    seen = page(cast)
    comment(actor=Actor(cast.anna, "portal"), at=START, ticket=cast.ticket, words=Words("Ещё вопрос"))
    before = written(cast)
    with refused_as("ticket.changed_meanwhile"):
        act(cast, Actor(cast.agent, "agent"), seen)
    assert written(cast) == before
    act(cast, Actor(cast.agent, "agent"), page(cast))
    assert written(cast) != before


@ACTS
def test_rl_34_own_acts_in_another_window_are_no_surprise(cast: Cast, act: Act) -> None:
    seen = page(cast)
    comment(actor=Actor(cast.agent, "agent"), at=START, ticket=cast.ticket, words=Words("Сам"), kind="internal")
    act(cast, Actor(cast.agent, "agent"), seen)


@ACTS
def test_who_does_not_say_what_was_seen_acts(cast: Cast, act: Act) -> None:
    comment(actor=Actor(cast.anna, "portal"), at=START, ticket=cast.ticket, words=Words("Ещё вопрос"))
    act(cast, Actor(cast.agent, "agent"), None)
