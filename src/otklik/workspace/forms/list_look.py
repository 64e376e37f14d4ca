"""What a list shows, chosen on a page of its own."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.http import QueryDict

from otklik.workspace.list_look import COMFORTABLE, COMPACT, Look
from otklik.workspace.pages.list_columns import MOST


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was sent; `moved`: the column whose place was changed by its arrow, "" where the whole form was sent."""

    look: Look
    moved: str


def chosen_in(sent: QueryDict, known: Collection[str], sortings: Sequence[str]) -> Chosen:
    """`known`: the columns that there are. Whatever was sent, the answer is a look: unknown words count as not sent."""
    if "reset" in sent:
        return Chosen(Look(), "")
    columns = [name for name in dict.fromkeys(sent.getlist("column")) if name in known][:MOST]
    moved = sent.get("up", "") or sent.get("down", "")
    if moved in columns:
        place = columns.index(moved)
        there = place - 1 if "up" in sent else place + 1
        columns.insert(max(there, 0), columns.pop(place))
    sorting, density = sent.get("sorting", ""), sent.get("density", "")
    look = Look(
        tuple(columns),
        sorting if sorting in sortings else "",
        density if density in (COMFORTABLE, COMPACT) else "",
    )
    return Chosen(look, moved if moved in known else "")
