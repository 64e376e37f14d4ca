"""Who does something, and by which way."""

from dataclasses import dataclass

from otklik.people.models import Person


@dataclass(frozen=True, slots=True)
class Actor:
    """A person (or the system, where `person` is None) that acts by `via`: mail, portal, agent, cli, demo, system."""

    person: Person | None
    via: str

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
    def id(self) -> int | None:
        return self.person.pk if self.person else None


def system(via: str = "system") -> Actor:
    """The product itself as actor."""
    return Actor(None, via)
