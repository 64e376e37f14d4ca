"""The result of an act in the side panel, shown beside its button or list."""

from dataclasses import dataclass

# Parts of the panel that show a result, in the order of the page.
PLACES = ("status", "resolution", "assignee", "priority", "due", "labels", "links")


@dataclass(frozen=True, slots=True)
class Undo:
    """A form that sets the field `name` back to `value`, if it still has the value `before`."""

    url: str
    name: str
    value: str
    before: str
    # The name of the form field with `before`.
    named: str = "before"


@dataclass(frozen=True, slots=True)
class Note:
    """The result of an action. `place`: one of PLACES; `wrong`: whether it was refused."""

    place: str
    words: str
    wrong: bool = False
    undo: Undo | None = None
