"""Who does something, and by which way."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from otklik.journal.models import Event
from otklik.people.models import Person


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, or the product itself (`system`), that acts by `via`: mail, portal, agent, cli, demo, system.

    Neither a person nor the system is nobody: they are named like the system, and have no right to anything (ADR 53).
    `cause`: the event that the act follows from, where nobody asked for it; `batch`: the same for all that one press of
    a button does to many things. Both go into the journal with every event of the act. `held_until`: nobody is told of
    the act before (Event.not_before).
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
        """Plain text for the journal that stays true after the person is gone."""
        if self.person is None:
            return "Otklik"
        return f"{self.person.name} <{self.person.email}>" if self.person.email else self.person.name

    @property
    def name(self) -> str:
        """The name without the address, for words that customers may come to read."""
        return self.person.display_name if self.person else "Otklik"

    @property
    def runs_site(self) -> bool:
        """Whether this is an administrator of the site who is not switched off, or the product itself."""
        return self.is_system or (self.person is not None and self.person.is_active and self.person.is_admin)

    @property
    def id(self) -> int | None:
        return self.person.pk if self.person else None


def system(via: str = "system", *, cause: Event | None = None) -> Actor:
    """The product itself as actor: whoever says this may do everything. `cause`: the event that it reacts to."""
    return Actor(None, via, is_system=True, cause=cause)
