"""What can be done to many tickets at once. Each act is a command of tickets.commands for every single one.

An act is kept as its `kind` and its fields in JSON (BulkRun). Statuses, priorities and types are a desk's own, so an
act names one row for each desk that has one of that name.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, ClassVar

from otklik.core.batch_cache import remembered
from otklik.core.errors import UnableTo
from otklik.desks.access import is_agent
from otklik.desks.models import Priority, RequestType, Transition
from otklik.desks.queries import transitions_from
from otklik.journal.events import TypedEvent
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.commands.base import UnableToChange
from otklik.tickets.commands.bulk_restore import put_back
from otklik.tickets.commands.fields import assign, change_priority
from otklik.tickets.commands.properties import MOST_LABELS, change_labels
from otklik.tickets.commands.request_type import FIELD, asked_by_type, change_type, people_asked_anew
from otklik.tickets.commands.status import change_status
from otklik.tickets.events import FieldChanged, StatusChanged, TicketAssigned
from otklik.tickets.models import Change, Message, Participant, Ticket
from otklik.tickets.refusals import TicketRefusal

ACTS: dict[str, type["Act"]] = {}
"""Every action by its kind. Packages above add theirs when their modules are imported."""


class Act(ABC):
    """A bulk action with its parameters, which must be JSON-serializable dataclass fields."""

    kind: ClassVar[str] = ""
    columns: ClassVar[tuple[str, ...]] = ()
    """The columns of a ticket that the action may change, and that undoing restores."""
    disturbs: ClassVar[bool] = True
    """Whether undoing could overwrite what others did since; if so it is refused in that case."""

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        if cls.kind:
            ACTS[cls.kind] = cls

    def parameters(self) -> dict[str, Any]:
        """Return the fields, for storing."""
        return asdict(self)  # type: ignore[call-overload,no-any-return]  # each act is a dataclass

    def refusal(self, actor: Actor, ticket: Ticket) -> UnableTo | None:
        """Return why the ticket would stay unchanged, None if the action changes it. Changes nothing."""
        return self.refusals(actor, [ticket])[ticket.pk]

    def refusals(self, actor: Actor, tickets: Sequence[Ticket]) -> dict[int, UnableTo | None]:
        """Like `refusal`, for several tickets, by id. Within `remembering` the number of queries does not grow."""
        works = actor.is_system or actor.person is not None
        theirs = [
            ticket for ticket in tickets if works and (actor.person is None or is_agent(actor.person, ticket.desk))
        ]
        told: dict[int, UnableTo | None] = {ticket.pk: UnableToChange(TicketRefusal.STAFF_ONLY) for ticket in tickets}
        return told | self._refusals(actor, theirs)

    def _refusals(self, actor: Actor, tickets: Sequence[Ticket]) -> dict[int, UnableTo | None]:
        """Like `refusals`, for an actor who works at all the desks."""
        return {ticket.pk: self._refusal(actor, ticket) for ticket in tickets}

    @abstractmethod
    def _refusal(self, actor: Actor, ticket: Ticket) -> UnableTo | None:
        """Like `refusal`, for an actor who works at the desk."""

    @abstractmethod
    def apply(self, actor: Actor, ticket: Ticket) -> TypedEvent | None:
        """Change the object without saving, and return the event that would be recorded; None for none.

        For forecasting mails, only for a ticket without `refusal`.
        """

    def message(self, actor: Actor, ticket: Ticket, at: datetime) -> Message | None:
        """Return the unsaved message that the action would post, for forecasting mails."""
        return None

    def joining(self, ticket: Ticket) -> Participant | None:
        """Return the unsaved participant that the action would add, for forecasting mails."""
        return None

    def asked(self, ticket: Ticket) -> Sequence[Person]:
        """Return whom the action would ask for approval, for forecasting mails."""
        return ()

    @abstractmethod
    def do(self, actor: Actor, at: datetime, ticket: Ticket) -> Mapping[str, Any] | None:
        """Run the command. Returns what `undo` needs in addition to `before`. Raises UnableTo."""

    def before(self, ticket: Ticket) -> dict[str, Any]:
        """Return the present values of the locked ticket's columns, as JSON, for `undo`."""
        return {column: _as_json(getattr(ticket, column)) for column in self.columns}

    def undo(self, actor: Actor, at: datetime, ticket: Ticket, before: Mapping[str, Any]) -> None:
        """Undo what `do` did; nobody has changed the ticket since. Raises UnableTo."""
        put_back(actor=actor, at=at, ticket=ticket, before=before)


@dataclass(frozen=True)
class Assign(Act):
    """Assign the tickets to a person (by id), or to nobody."""

    assignee: int | None

    kind = "assign"
    columns = ("assignee_id",)

    def _refusal(self, actor: Actor, ticket: Ticket) -> UnableTo | None:
        if ticket.assignee_id == self.assignee:
            return _unchanged()
        if self.assignee is None:
            return None
        person = _person(self.assignee)
        if person is None:
            return UnableToChange(TicketRefusal.PERSON_NOT_CHOSEN)
        is_member = is_agent(person, ticket.desk)
        return None if is_member else UnableToChange(TicketRefusal.NOT_A_MEMBER, name=person.display_name)

    def apply(self, actor: Actor, ticket: Ticket) -> TypedEvent | None:
        person = _person(self.assignee) if self.assignee is not None else None
        ticket.assignee = person
        return TicketAssigned(assignee=person.display_name if person else "")

    def do(self, actor: Actor, at: datetime, ticket: Ticket) -> None:
        assign(actor=actor, at=at, ticket=ticket, assignee=_person(self.assignee) if self.assignee else None)


@dataclass(frozen=True)
class Step(Act):
    """Perform the transition called `name`: one of these ids, of which at most one applies to a ticket."""

    steps: Sequence[int]
    name: str

    kind = "status"
    columns = ("status_id", "closed_at", "resolution_id", "assignee_id", "undelivered_at")

    def _refusal(self, actor: Actor, ticket: Ticket) -> UnableTo | None:
        if self._step(ticket) is not None:
            return None
        targets = {step.target_id for step in _transitions(tuple(self.steps))}
        if ticket.status_id in targets:
            return _unchanged()
        return UnableToChange(TicketRefusal.TRANSITION_NOT_ALLOWED, act=self.name, status=ticket.status.name)

    def apply(self, actor: Actor, ticket: Ticket) -> TypedEvent | None:
        step = self._step(ticket)
        assert step is not None
        before, ticket.status = ticket.status.name, step.target
        done = step.target.is_done
        return StatusChanged(before=before, after=step.target.name, category=step.target.category, closed=done)

    def do(self, actor: Actor, at: datetime, ticket: Ticket) -> None:
        step = self._step(ticket)
        if step is None:
            raise self._refusal(actor, ticket) or _unchanged()
        change_status(actor=actor, at=at, ticket=ticket, transition=step)

    def _step(self, ticket: Ticket) -> Transition | None:
        """Return the transition that staff may perform now, if any."""
        allowed = (step for step in transitions_from(ticket.status) if step.for_agents)
        return next((step for step in allowed if step.pk in self.steps), None)


@dataclass(frozen=True)
class Prioritize(Act):
    """Set the priority called `name`: one of these ids, at most one per desk."""

    priorities: Sequence[int]
    name: str

    kind = "priority"
    columns = ("priority_id",)

    def _refusal(self, actor: Actor, ticket: Ticket) -> UnableTo | None:
        priority = self._priority(ticket)
        if priority is None:
            return UnableToChange(TicketRefusal.NOT_AT_THIS_DESK, name=self.name)
        return _unchanged() if ticket.priority_id == priority.pk else None

    def apply(self, actor: Actor, ticket: Ticket) -> TypedEvent | None:
        before, priority = ticket.priority.name, self._priority(ticket)
        assert priority is not None
        ticket.priority = priority
        return FieldChanged(field=Change.Field.PRIORITY.value, before=before, after=priority.name)

    def do(self, actor: Actor, at: datetime, ticket: Ticket) -> None:
        priority = self._priority(ticket)
        if priority is None:
            raise UnableToChange(TicketRefusal.NOT_AT_THIS_DESK, name=self.name)
        change_priority(actor=actor, at=at, ticket=ticket, priority=priority)

    def _priority(self, ticket: Ticket) -> Priority | None:
        return _priorities(tuple(self.priorities)).get(ticket.desk_id)


@dataclass(frozen=True)
class Retype(Act):
    """Set the request type called `name`: one of these ids, at most one per desk."""

    types: Sequence[int]
    name: str

    kind = "type"
    columns = ("request_type_id", "answers")

    def _refusal(self, actor: Actor, ticket: Ticket) -> UnableTo | None:
        request_type = self._type(ticket)
        if request_type is None:
            return UnableToChange(TicketRefusal.NOT_AT_THIS_DESK, name=self.name)
        if ticket.request_type_id == request_type.pk:
            return _unchanged()
        return UnableToChange(TicketRefusal.TYPE_RETIRED) if request_type.archived else None

    def apply(self, actor: Actor, ticket: Ticket) -> TypedEvent | None:
        return FieldChanged(field=FIELD, before="", after=self.name)

    def asked(self, ticket: Ticket) -> Sequence[Person]:
        request_type = self._type(ticket)
        return people_asked_anew(ticket, request_type) if request_type is not None else ()

    def do(self, actor: Actor, at: datetime, ticket: Ticket) -> None:
        request_type = self._type(ticket)
        if request_type is None:
            raise UnableToChange(TicketRefusal.NOT_AT_THIS_DESK, name=self.name)
        change_type(actor=actor, at=at, ticket=ticket, request_type=request_type)

    def before(self, ticket: Ticket) -> dict[str, Any]:
        return {**super().before(ticket), "asked": asked_by_type(ticket)}

    def _type(self, ticket: Ticket) -> RequestType | None:
        return _types(tuple(self.types)).get(ticket.desk_id)


@dataclass(frozen=True)
class Label(Act):
    """Add labels to the tickets, and remove others."""

    add: Sequence[str] = ()
    remove: Sequence[str] = ()

    kind = "labels"
    columns = ("labels",)

    def _refusal(self, actor: Actor, ticket: Ticket) -> UnableTo | None:
        labels = self._labels(ticket)
        if labels == ticket.labels:
            return _unchanged()
        too_many = len(labels) > MOST_LABELS
        return UnableToChange(TicketRefusal.TOO_MANY_LABELS, most=MOST_LABELS) if too_many else None

    def apply(self, actor: Actor, ticket: Ticket) -> TypedEvent | None:
        ticket.labels = self._labels(ticket)
        return FieldChanged(field=Change.Field.LABELS.value, before="", after=" ".join(ticket.labels))

    def do(self, actor: Actor, at: datetime, ticket: Ticket) -> None:
        change_labels(actor=actor, at=at, ticket=ticket, labels=self._labels(ticket))

    def _labels(self, ticket: Ticket) -> list[str]:
        return sorted((set(ticket.labels) | set(self.add)) - set(self.remove))


def act_of(kind: str, parameters: Mapping[str, Any]) -> Act:
    """Build an action from its stored form. Raises KeyError or TypeError if another version stored it."""
    return ACTS[kind](**parameters)


def _as_json(value: Any) -> Any:
    """Return datetimes as ISO text in full precision; other column values are JSON already."""
    return value.isoformat() if isinstance(value, datetime) else value


def _unchanged() -> UnableToChange:
    return UnableToChange(TicketRefusal.UNCHANGED)


@remembered
def _person(pk: int) -> Person | None:
    return Person.objects.filter(pk=pk).first()


@remembered
def _transitions(pks: tuple[int, ...]) -> list[Transition]:
    return list(Transition.objects.filter(pk__in=pks))


@remembered
def _priorities(pks: tuple[int, ...]) -> dict[int, Priority]:
    return {priority.desk_id: priority for priority in Priority.objects.filter(pk__in=pks)}


@remembered
def _types(pks: tuple[int, ...]) -> dict[int, RequestType]:
    return {kind.desk_id: kind for kind in RequestType.objects.filter(pk__in=pks)}
