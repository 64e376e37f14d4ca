"""The result of an act in the side panel, shown beside its button or list."""

from dataclasses import dataclass

# What the panel shows under a part of it, in the order of the page.
PLACES = ("status", "resolution", "assignee", "priority", "due", "labels", "links")


@dataclass(frozen=True, slots=True)
class Undo:
    """A form that takes it back: `name` gets `value` again, if `before` still stands there."""

    url: str
    name: str
    value: str
    before: str
    # What `before` is called in the form.
    named: str = "before"


@dataclass(frozen=True, slots=True)
class Note:
    """`place`: which of PLACES; `wrong`: it was refused."""

    place: str
    words: str
    wrong: bool = False
    undo: Undo | None = None
