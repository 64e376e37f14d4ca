"""Put a ticket back as it stood before an act on many was done to it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import ForeignKey

from otklik.desks.access import is_agent
from otklik.people.actor import Actor
from otklik.tickets.commands.answers import search_by
from otklik.tickets.commands.base import UnableToChange, locked, require_agent, tell, touch
from otklik.tickets.commands.kind import ask_anew
from otklik.tickets.events import ChangeTakenBack
from otklik.tickets.models import Change, Ticket
from otklik.tickets.refusals import TicketRefusal

COLUMNS = {
    "assignee_id", "status_id", "closed_at", "resolution_id", "undelivered_at", "priority_id", "request_type_id",
    "answers", "labels",
}  # fmt: skip


def put_back(*, actor: Actor, at: datetime, ticket: Ticket, before: Mapping[str, Any]) -> Ticket:
    """Give the columns (of COLUMNS) the values that stood there `before`, written as JSON writes them.

    No step of the table is needed for that, and nobody outside the staff is mailed: they were not mailed of what is
    taken back. Only the desk's staff. Raises UnableToChange, too, where a value is gone or in use no longer.
    """
    assert before.keys() <= COLUMNS
    with transaction.atomic():
        ticket = locked(ticket)
        require_agent(actor, ticket)
        former_type, stood = ticket.request_type_id, _shown(ticket)
        for column, value in before.items():
            field = next(field for field in Ticket._meta.concrete_fields if field.attname == column)
            setattr(ticket, column, field.to_python(value))
            if isinstance(field, ForeignKey) and value is not None:
                _require_there(ticket, field)
        if ticket.assignee is not None and "assignee_id" in before and not is_agent(ticket.assignee, ticket.desk):
            raise UnableToChange(TicketRefusal.NOT_A_MEMBER, name=ticket.assignee.display_name)
        taken_back = _told(before, stood, _shown(ticket))
        touch(ticket, at, *(column.removesuffix("_id") for column in before), inside="status_id" not in before)
        if "answers" in before:
            search_by(ticket)
        tell(ticket, taken_back, actor, at)
        if ticket.request_type_id != former_type:
            ask_anew(actor, at, ticket)
    return ticket


def _shown(ticket: Ticket) -> dict[str, str]:
    """What stands in the columns, in words."""
    return {
        "status_id": ticket.status.name,
        "priority_id": ticket.priority.name,
        "request_type_id": ticket.request_type.name if ticket.request_type else "",
        "labels": " ".join(ticket.labels),
        "assignee_id": ticket.assignee.display_name if ticket.assignee else "",
    }


def _told(before: Mapping[str, Any], was: Mapping[str, str], now: Mapping[str, str]) -> ChangeTakenBack:
    column = next(column for column in was if column in before)
    who = {"former": was["assignee_id"], "assignee": now["assignee_id"]} if "assignee_id" in before else {}
    if column == "assignee_id":
        return ChangeTakenBack(field=Change.Field.ASSIGNEE.value, **who)
    field = Change.Field(column.removesuffix("_id")).value
    return ChangeTakenBack(field=field, before=was[column], after=now[column], **who)


def _require_there(ticket: Ticket, field: ForeignKey[Any, Any]) -> None:
    """Raise UnableToChange where the row that the column points to was deleted meanwhile."""
    if not field.related_model._default_manager.filter(pk=getattr(ticket, field.attname)).exists():
        raise UnableToChange(TicketRefusal.FORMER_VALUE_GONE)
