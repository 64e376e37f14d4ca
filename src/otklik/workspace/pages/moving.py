"""Where a message may be moved: requests of the same desk, by number or words, each with enough to know it by."""

from dataclasses import dataclass

from otklik.people.models import Person
from otklik.tickets.access import tickets_at
from otklik.tickets.finding import cleaned, numbered, sought
from otklik.tickets.models import Ticket
from otklik.workspace.pages.rows import TicketRow, row_of
from otklik.workspace.queries import found, rows_of

MOST = 8


@dataclass(frozen=True, slots=True)
class Targets:
    """Newest change first; `searched`: something was typed."""

    rows: list[TicketRow]
    searched: bool


def targets_for(person: Person, ticket: Ticket, typed: str) -> Targets:
    """What the words name or hold, but the request itself. `person` works at its desk: the caller has asked."""
    words = cleaned(typed)
    if not words:
        return Targets([], searched=False)
    named = rows_of(numbered(tickets_at([ticket.desk_id]), words)).order_by("-updated_at", "-id")[: MOST + 1]
    understood = sought(words)
    rows = list(named) or (found(person, words, understood, desk_ids=[ticket.desk_id]) if understood else [])
    return Targets([row_of(row) for row in rows if row.id != ticket.pk][:MOST], searched=True)
