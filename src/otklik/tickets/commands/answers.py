"""Change the answers to a request's form."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.answers.kinds import label_of
from otklik.tickets.answers.searched import searched_words
from otklik.tickets.answers.words import fields_of, words_of
from otklik.tickets.commands.base import ChangedMeanwhile, found_besides, locked, require_agent, tell, touch
from otklik.tickets.events import AnswerChange, AnswersChanged
from otklik.tickets.models import Attachment, Message, Ticket
from otklik.tickets.refusals import TicketRefusal
from otklik.tickets.timeline import news_for


def change_answers(
    *, actor: Actor, at: datetime, ticket: Ticket, answers: Mapping[str, Any], seen: int | None = None
) -> Ticket:
    """Give these answers, by field key, in the kept form; None takes one away, keys not named stay as they are.

    Keys that no field of the desk has are left out. Only the desk's staff (UnableToChange). One event names each
    change before and after in words. `seen`: the last event that the page knew of; ChangedMeanwhile when others changed
    answers after it.
    """
    with transaction.atomic():
        row = locked(ticket)
        require_agent(actor, row)
        if seen is not None and actor.person is not None:
            _require_unchanged(actor.person, row, seen)
        before = dict(row.answers)
        row.answers = {**before, **answers}
        fields = {one.key: one for one in fields_of(row)}
        row.answers = {key: value for key, value in row.answers.items() if value is not None and key in fields}
        changes = tuple(
            AnswerChange(
                field=key,
                label=label_of(one),
                before=words_of(one, before[key]) if key in before else "",
                after=words_of(one, row.answers[key]) if key in row.answers else "",
            )
            for key, one in fields.items()
            if before.get(key) != row.answers.get(key)
        )
        if changes:
            touch(row, at, "answers")
            search_by(row)
            tell(row, AnswersChanged(changes=changes), actor, at)
    return row


def _require_unchanged(person: Person, ticket: Ticket, seen: int) -> None:
    first = news_for(person, ticket, seen).filter(AnswersChanged.where()).last()
    if first is not None:
        raise ChangedMeanwhile(TicketRefusal.ANSWERS_CHANGED, who=first.actor.partition(" <")[0])


def search_by(ticket: Ticket) -> bool:
    """Let the ticket be found by its answers as they read now; returns whether that changed anything. For commands and
    the pump, which hold the lock; customers and staff see nothing of it, so no event tells."""
    opening = Message.objects.filter(ticket=ticket, opening=True)
    names = Attachment.objects.filter(message__in=opening).order_by("id").values_list("name", flat=True)
    besides = found_besides(names, searched_words(fields_of(ticket), ticket.answers))
    return bool(opening.exclude(besides=besides).update(besides=besides))
