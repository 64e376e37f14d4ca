"""The actor of a command: the person or system part that acts, and through which channel."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from otklik.journal.models import Event
from otklik.people.models import Person


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever runs a command: a person, or Otklik itself (`system`).

    An actor that is neither is anonymous: it is labelled like the system but has no rights at all (ADR 53).

    `via`: mail, portal, agent, cli, demo or system. `cause`: the event that an automatic action reacts to. `batch`: an
    id shared by everything that a single bulk action does. Both are recorded with each event. `held_until`: nobody is
    notified of the action before that time (Event.not_before).
    """

    person: Person | None
    via: str
    is_system: bool = False
    cause: Event | None = None
    batch: UUID | None = None
    held_until: datetime | None = None

    def __post_init__(self) -> None:
        if self.is_system and self.person is not None:
            raise ValueError("A person is not the system.")

    @property
    def label(self) -> str:
        """The actor as text for the journal, which must stay readable after the person is gone: `Name <address>`."""
        if self.person is None:
            return "Otklik"
        return f"{self.person.name} <{self.person.email}>" if self.person.email else self.person.name

    @property
    def name(self) -> str:
        """The name without the address, for texts that customers may read."""
        return self.person.display_name if self.person else "Otklik"

    @property
    def runs_site(self) -> bool:
        """Whether the actor is an active administrator of the site, or the system."""
        return self.is_system or (self.person is not None and self.person.is_active and self.person.is_admin)

    @property
    def id(self) -> int | None:
        return self.person.pk if self.person else None


def system(via: str = "system", *, cause: Event | None = None) -> Actor:
    """Otklik itself as the actor, which may do everything; no request may turn into it.

    `cause`: the event that it reacts to.
    """
    return Actor(None, via, is_system=True, cause=cause)
