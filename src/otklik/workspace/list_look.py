"""A person's own look of a ticket list: its columns and their order, its sorting, and the density of its rows."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from otklik.core.fast_reads import fast_read
from otklik.desks.models import Queue, QueueChoice
from otklik.people.models import Person

COMFORTABLE, COMPACT = QueueChoice.Density.COMFORTABLE, QueueChoice.Density.COMPACT


@dataclass(frozen=True, slots=True)
class Look:
    """A person's settings of a list; an empty value means the list's default."""

    columns: tuple[str, ...] = ()
    sorting: str = ""
    density: str = ""

    @property
    def dense(self) -> bool:
        return self.density == COMPACT


def look_of(person: Person, queue: int) -> Look:
    """Return the person's settings for a queue, or for the lists of all filters if `queue` is 0. One query."""
    rows = _looks(person=person.pk, queue=queue, of_filters=not queue)
    return next((Look(tuple(columns), sorting, density) for columns, sorting, density in rows), Look())


@fast_read("person", "queue")
def _looks(*, person: int, queue: int, of_filters: bool) -> QuerySet[QueueChoice, tuple[list[str], str, str]]:
    chosen = QueueChoice.objects.filter(person=person)
    chosen = chosen.filter(queue=None) if of_filters else chosen.filter(queue=queue)
    return chosen.values_list("columns", "sorting", "density")


def keep_look(person: Person, queue: int, columns: Sequence[str], sorting: str, density: str) -> None:
    """Save the person's settings for a queue, or for the lists of all filters if `queue` is 0."""
    look = {"columns": list(columns), "sorting": sorting, "density": density}
    QueueChoice.objects.update_or_create(person=person, queue=Queue(pk=queue) if queue else None, defaults=look)
