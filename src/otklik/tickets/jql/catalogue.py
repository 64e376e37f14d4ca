"""What desks are made of, for texts in their stored form: a caller that has it at hand saves the reads."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Named:
    """A row and what it is called, in all languages and in the reader's (`label`, "" in a catalogue, which is for all
    readers). `desk`: 0 for a row of the site, else with its `key`; `level`: of a priority; `category`: of a status,
    where it is known."""

    pk: int
    names: tuple[str, ...]
    label: str = ""
    desk: int = 0
    level: int = 0
    category: str = ""
    key: str = ""

    @property
    def full_names(self) -> tuple[str, ...]:
        """With the key of the desk, as Jira writes request types: "ACCREDO/Ошибка"."""
        return tuple(f"{self.key}/{name}" for name in self.names) if self.key else ()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All of the desks that are looked at. `of_some`: the text may name rows of other desks, too, where this reader
    does not work; what has such a number is none of the tickets that are looked at."""

    desks: tuple[Named, ...]
    statuses: tuple[Named, ...]
    priorities: tuple[Named, ...]
    request_types: tuple[Named, ...]
    resolutions: tuple[Named, ...]
    of_some: bool = False
