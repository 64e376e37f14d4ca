"""The act on many that moves tickets to another desk."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from otklik.core.batch_cache import remembered
from otklik.core.errors import UnableTo
from otklik.desks.models import Desk, RequestType
from otklik.desks.texts import name_of
from otklik.journal.events import TypedEvent
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.bulk.acts import Act
from otklik.tickets.commands.base import UnableToChange
from otklik.tickets.commands.move import (
    COLUMNS,
    Standing,
    awaiting_approval,
    move_back,
    move_refusal,
    move_ticket,
    same_type,
    standing_at,
)
from otklik.tickets.commands.request_type import asked_by_type, people_asked_anew
from otklik.tickets.models import Ticket
from otklik.tickets.move_events import TicketMoved
from otklik.tickets.refusals import TicketRefusal


@dataclass(frozen=True)
class Move(Act):
    """Move the tickets to a desk (id).

    Each gets the type with the same name as its own, otherwise `request_type` (id; None for no type).
    """

    desk: int
    request_type: int | None

    kind = "move"
    columns = COLUMNS

    def _refusal(self, actor: Actor, ticket: Ticket) -> UnableTo | None:
        desk = _desk(self.desk)
        if desk is None:
            return UnableToChange(TicketRefusal.FORMER_VALUE_GONE)
        awaiting = awaiting_approval(ticket.desk_id)
        if (refusal := move_refusal(actor, ticket, desk, awaiting)) is not None:
            return refusal
        try:
            self.standing(ticket)
        except UnableToChange as refusal:
            return refusal
        return None

    def apply(self, actor: Actor, ticket: Ticket) -> TypedEvent | None:
        desk, standing, before = _desk(self.desk), self.standing(ticket), ticket.desk
        assert desk is not None
        ticket.desk, ticket.status, ticket.assignee = desk, standing.status, standing.assignee
        return TicketMoved(former_key=ticket.key, from_desk=before.name, to_desk=desk.name)

    def asked(self, ticket: Ticket) -> list[Person]:
        kind = self._type(ticket)
        return people_asked_anew(ticket, kind) if kind is not None else []

    def do(self, actor: Actor, at: datetime, ticket: Ticket) -> None:
        desk = _desk(self.desk)
        if desk is None:
            raise UnableToChange(TicketRefusal.FORMER_VALUE_GONE)
        move_ticket(actor=actor, at=at, ticket=ticket, desk=desk, request_type=self._type(ticket))

    def before(self, ticket: Ticket) -> dict[str, Any]:
        return {**super().before(ticket), "asked": asked_by_type(ticket)}

    def undo(self, actor: Actor, at: datetime, ticket: Ticket, before: Mapping[str, Any]) -> None:
        move_back(actor=actor, at=at, ticket=ticket, before=before, untold=True)

    @property
    def desk_name(self) -> str:
        """Return the desk's name in the active language; "" if it was deleted."""
        desk = _desk(self.desk)
        return name_of(desk) if desk is not None else ""

    def standing(self, ticket: Ticket) -> Standing:
        """Return the values this ticket would have at the desk. Raises UnableToChange."""
        desk = _desk(self.desk)
        assert desk is not None
        return standing_at(ticket, desk, self._type(ticket))

    def _type(self, ticket: Ticket) -> RequestType | None:
        types = _types(self.desk)
        same = same_type(ticket, types)
        return same or next((kind for kind in types if kind.pk == self.request_type), None)


@remembered
def _desk(pk: int) -> Desk | None:
    return Desk.objects.filter(pk=pk).first()


@remembered
def _types(desk: int) -> list[RequestType]:
    return list(RequestType.objects.filter(desk=desk, archived=False).order_by("position", "id"))
