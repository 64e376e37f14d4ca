"""The values that a query can name: desks, statuses, priorities, request types and resolutions.

A caller that has loaded them already hands them over as a `Catalogue`, and compiling a stored query then reads nothing.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Named:
    """A row that a query can name.

    `names`: its names in all languages; `label`: the name in the reader's language, "" in a catalogue, which serves all
    readers. `desk`, `key`: id and key of the desk that it belongs to, 0 and "" if it belongs to the site. `level`: a
    priority's rank; `category`: a status's category, where known.
    """

    pk: int
    names: tuple[str, ...]
    label: str = ""
    desk: int = 0
    level: int = 0
    category: str = ""
    key: str = ""

    @property
    def full_names(self) -> tuple[str, ...]:
        """The names prefixed with the desk's key, as Jira writes request types: "ACCREDO/Ошибка"."""
        return tuple(f"{self.key}/{name}" for name in self.names) if self.key else ()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The named rows of the desks whose tickets a query covers.

    `of_some`: a shared query may also name rows of desks where this reader does not work. An id that is not in the
    catalogue is then no mistake; it merely matches no ticket.
    """

    desks: tuple[Named, ...]
    statuses: tuple[Named, ...]
    priorities: tuple[Named, ...]
    request_types: tuple[Named, ...]
    resolutions: tuple[Named, ...]
    of_some: bool = False
