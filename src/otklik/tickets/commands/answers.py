"""Change the answers to a request's form."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.answers.display import fields_of, words_of
from otklik.tickets.answers.field_types import label_of
from otklik.tickets.answers.search_text import searched_words
from otklik.tickets.commands.base import ChangedMeanwhile, found_besides, locked, require_agent, tell, touch
from otklik.tickets.events import AnswerChange, AnswersChanged
from otklik.tickets.models import Attachment, Message, Ticket
from otklik.tickets.refusals import TicketRefusal
from otklik.tickets.timeline import news_for


def change_answers(
    *, actor: Actor, at: datetime, ticket: Ticket, answers: Mapping[str, Any], seen: int | None = None
) -> Ticket:
    """Change answers of the ticket's form. For the desk's staff.

    `answers`: stored values by field key; None removes an answer, keys that are not named stay, unknown keys are
    ignored. Records one event with each change. `seen`: the last event that the page showed; raises ChangedMeanwhile if
    others changed answers after it. Raises UnableToChange.
    """
    with transaction.atomic():
        ticket = locked(ticket)
        require_agent(actor, ticket)
        if seen is not None and actor.person is not None:
            _require_unchanged(actor.person, ticket, seen)
        before = dict(ticket.answers)
        ticket.answers = {**before, **answers}
        fields = {field.key: field for field in fields_of(ticket)}
        ticket.answers = {key: value for key, value in ticket.answers.items() if value is not None and key in fields}
        changes = tuple(
            AnswerChange(
                field=key,
                label=label_of(field),
                before=words_of(field, before[key]) if key in before else "",
                after=words_of(field, ticket.answers[key]) if key in ticket.answers else "",
            )
            for key, field in fields.items()
            if before.get(key) != ticket.answers.get(key)
        )
        if changes:
            touch(ticket, at, "answers")
            search_by(ticket)
            tell(ticket, AnswersChanged(changes=changes), actor, at)
    return ticket


def _require_unchanged(person: Person, ticket: Ticket, seen: int) -> None:
    first = news_for(person, ticket, seen).filter(AnswersChanged.where()).last()
    if first is not None:
        raise ChangedMeanwhile(TicketRefusal.ANSWERS_CHANGED, who=first.actor.partition(" <")[0])


def search_by(ticket: Ticket) -> bool:
    """Update the search text of the answers; return whether it changed.

    For commands and the pump, which hold the ticket's lock. Records no event, as nobody sees a difference.
    """
    opening = Message.objects.filter(ticket=ticket, opening=True)
    names = Attachment.objects.filter(message__in=opening).order_by("id").values_list("name", flat=True)
    besides = found_besides(names, searched_words(fields_of(ticket), ticket.answers))
    return bool(opening.exclude(besides=besides).update(besides=besides))
