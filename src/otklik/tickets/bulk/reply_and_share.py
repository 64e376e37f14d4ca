"""Acts on many that bring words or people onto each ticket."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from otklik.core.batch_cache import remembered
from otklik.core.errors import UnableTo
from otklik.core.locks import lock
from otklik.desks.queries import own_addresses
from otklik.journal.events import TypedEvent
from otklik.journal.models import LONGEST_HOLD
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.people.queries import person_by_address
from otklik.tickets.bulk.acts import Act
from otklik.tickets.commands.base import UnableToChange
from otklik.tickets.commands.fields import remove_participant
from otklik.tickets.commands.pending import drop_draft, hold_reply, undo_reply
from otklik.tickets.commands.share import share_with_address
from otklik.tickets.content import written
from otklik.tickets.events import ParticipantAdded, TicketCommented
from otklik.tickets.models import Message, Participant, PendingReply, Ticket
from otklik.tickets.refusals import TicketRefusal


@dataclass(frozen=True)
class Reply(Act):
    """Post the same public reply on each ticket, as a pending reply that can be undone."""

    text: str

    kind = "reply"
    disturbs = False

    def _refusal(self, actor: Actor, ticket: Ticket) -> UnableTo | None:
        return UnableToChange(TicketRefusal.PEOPLE_ONLY) if actor.person is None else None

    def apply(self, actor: Actor, ticket: Ticket) -> TypedEvent | None:
        return TicketCommented(message=0, message_kind=Message.Kind.PUBLIC.value, moved="")

    def message(self, actor: Actor, ticket: Ticket, at: datetime) -> Message | None:
        kind, side = Message.Kind.PUBLIC, Message.Side.STAFF
        return Message(ticket=ticket, author=actor.person, kind=kind, side=side, text=self.text, created_at=at)

    def do(self, actor: Actor, at: datetime, ticket: Ticket) -> Mapping[str, Any]:
        due = at + LONGEST_HOLD
        return {"reply": hold_reply(actor=actor, at=at, ticket=ticket, words=written(self.text), due_at=due).pk}

    def undo(self, actor: Actor, at: datetime, ticket: Ticket, before: Mapping[str, Any]) -> None:
        """Cancel the reply and delete its draft: the text is stored with the run."""
        reply = undo_reply(actor=actor, at=at, reply=lock(PendingReply, before["reply"]))
        drop_draft(actor=actor, reply=reply)


@dataclass(frozen=True)
class Share(Act):
    """Add the person with this canonical address as a participant; with `history` they can read earlier messages."""

    address: str
    history: bool = False

    kind = "participant"
    disturbs = False

    def _refusal(self, actor: Actor, ticket: Ticket) -> UnableTo | None:
        if self.address in own_addresses():
            return UnableToChange(TicketRefusal.DESK_ADDRESS)
        return UnableToChange(TicketRefusal.UNCHANGED) if ticket.pk in _shared_with(self.address) else None

    def apply(self, actor: Actor, ticket: Ticket) -> TypedEvent | None:
        person = self._person()
        return ParticipantAdded(person=person.pk or 0, name=person.display_name)

    def joining(self, ticket: Ticket) -> Participant | None:
        return Participant(ticket=ticket, person=self._person(), person_id=self._person().pk or 0)

    def do(self, actor: Actor, at: datetime, ticket: Ticket) -> Mapping[str, Any]:
        address, history = self.address, self.history
        if not share_with_address(actor=actor, at=at, ticket=ticket, address=address, history=history):
            raise UnableToChange(TicketRefusal.UNCHANGED)
        person = person_by_address(self.address)
        return {"person": person.pk if person is not None else 0}

    def undo(self, actor: Actor, at: datetime, ticket: Ticket, before: Mapping[str, Any]) -> None:
        """Remove the person, unless they have written on the ticket since."""
        person = Person.objects.filter(pk=before["person"]).first()
        if person is not None:
            _require_silent(person, ticket)
            remove_participant(actor=actor, at=at, ticket=ticket, person=person)

    def _person(self) -> Person:
        """Return the person, or an unsaved one if the address is unknown."""
        return _by_address(self.address) or Person(pk=0, email=self.address, name=self.address)


def _require_silent(person: Person, ticket: Ticket) -> None:
    joined = Participant.objects.filter(ticket=ticket, person=person, removed_at=None).first()
    since = Message.objects.filter(ticket=ticket, author=person, created_at__gte=joined.added_at) if joined else None
    if since is not None and since.exists():
        raise UnableToChange(TicketRefusal.CHANGED_SINCE, who=person.display_name)


@remembered
def _by_address(address: str) -> Person | None:
    return person_by_address(address)


@remembered
def _shared_with(address: str) -> frozenset[int]:
    """Return the ids of the tickets that the person takes part in."""
    person = person_by_address(address)
    if person is None:
        return frozenset()
    return frozenset(Participant.objects.filter(person=person, removed_at=None).values_list("ticket_id", flat=True))
