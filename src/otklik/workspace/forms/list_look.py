"""Read the posted form in which a person chooses a list's columns, sorting and density."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.http import QueryDict

from otklik.workspace.list_look import COMFORTABLE, COMPACT, Look
from otklik.workspace.pages.list_columns import MOST


@dataclass(frozen=True, slots=True)
class Chosen:
    """The posted settings. `moved`: the column whose arrow was pressed, "" if the form was sent by its button."""

    look: Look
    moved: str


def chosen_in(sent: QueryDict, known: Collection[str], sortings: Sequence[str]) -> Chosen:
    """Return the posted settings, after moving a column if an arrow was pressed. Never raises.

    `known`: names of existing columns; `sortings`: the sortings offered; anything else is ignored. Keeps MOST columns
    at most.
    """
    if "reset" in sent:
        return Chosen(Look(), "")
    columns = [name for name in dict.fromkeys(sent.getlist("column")) if name in known][:MOST]
    moved = sent.get("up", "") or sent.get("down", "")
    if moved in columns:
        place = columns.index(moved)
        target = place - 1 if "up" in sent else place + 1
        columns.insert(max(target, 0), columns.pop(place))
    sorting, density = sent.get("sorting", ""), sent.get("density", "")
    look = Look(
        tuple(columns),
        sorting if sorting in sortings else "",
        density if density in (COMFORTABLE, COMPACT) else "",
    )
    return Chosen(look, moved if moved in known else "")
