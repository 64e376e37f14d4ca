"""Restore a ticket's state from before a bulk act."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import ForeignKey, Model

from otklik.core.batch_cache import remembered
from otklik.desks.access import is_agent
from otklik.people.actor import Actor
from otklik.tickets.commands.answers import search_by
from otklik.tickets.commands.base import UnableToChange, locked, require_agent, tell, touch
from otklik.tickets.commands.request_type import ask_as_before
from otklik.tickets.events import ChangeTakenBack
from otklik.tickets.models import Change, Ticket
from otklik.tickets.refusals import TicketRefusal

COLUMNS = {
    "assignee_id", "status_id", "closed_at", "resolution_id", "undelivered_at", "priority_id", "request_type_id",
    "answers", "labels",
}  # fmt: skip


def put_back(*, actor: Actor, at: datetime, ticket: Ticket, before: Mapping[str, Any]) -> Ticket:
    """Set columns (of COLUMNS) back to the values in `before`, as stored in JSON. For the desk's staff.

    The approval that the type had asked for (`asked` in `before`) is pending again.

    Ignores the transition table, and mails nobody outside the staff, since they were not told of the action either.
    Raises UnableToChange, also if a value was deleted or retired.
    """
    asked = before.get("asked", ())
    before = {column: value for column, value in before.items() if column != "asked"}
    assert before.keys() <= COLUMNS
    with transaction.atomic():
        ticket = locked(ticket)
        require_agent(actor, ticket)
        former_type, stood = ticket.request_type_id, _shown(ticket, before)
        for column, value in before.items():
            field = next(field for field in Ticket._meta.concrete_fields if field.attname == column)
            if isinstance(field, ForeignKey):
                setattr(ticket, field.name, None if value is None else _pointed_to(field, value))
            else:
                setattr(ticket, column, field.to_python(value))
        if ticket.assignee is not None and "assignee_id" in before and not is_agent(ticket.assignee, ticket.desk):
            raise UnableToChange(TicketRefusal.NOT_A_MEMBER, name=ticket.assignee.display_name)
        taken_back = _told(before, stood, _shown(ticket, before))
        touch(ticket, at, *(column.removesuffix("_id") for column in before), inside="status_id" not in before)
        if "answers" in before:
            search_by(ticket)
        tell(ticket, taken_back, actor, at)
        if ticket.request_type_id != former_type:
            ask_as_before(actor, at, ticket, asked)
    return ticket


def _shown(ticket: Ticket, columns: Iterable[str]) -> dict[str, str]:
    """Return the values of these columns as text."""
    words: dict[str, Callable[[], str]] = {
        "status_id": lambda: ticket.status.name,
        "priority_id": lambda: ticket.priority.name,
        "request_type_id": lambda: ticket.request_type.name if ticket.request_type else "",
        "labels": lambda: " ".join(ticket.labels),
        "assignee_id": lambda: ticket.assignee.display_name if ticket.assignee else "",
    }
    return {column: text_of() for column, text_of in words.items() if column in columns}


def _told(before: Mapping[str, Any], was: Mapping[str, str], now: Mapping[str, str]) -> ChangeTakenBack:
    column = next(column for column in was if column in before)
    who = {"former": was["assignee_id"], "assignee": now["assignee_id"]} if "assignee_id" in before else {}
    if column == "assignee_id":
        return ChangeTakenBack(field=Change.Field.ASSIGNEE.value, **who)
    field = Change.Field(column.removesuffix("_id")).value
    return ChangeTakenBack(field=field, before=was[column], after=now[column], **who)


def _pointed_to(field: ForeignKey[Any, Any], pk: int) -> Model:
    """Return the row with this key. Raises UnableToChange if it was deleted."""
    row = _row(field.related_model, pk)
    if row is None:
        raise UnableToChange(TicketRefusal.FORMER_VALUE_GONE)
    return row


@remembered
def _row(model: type[Model], pk: int) -> Model | None:
    return model._default_manager.filter(pk=pk).first()
