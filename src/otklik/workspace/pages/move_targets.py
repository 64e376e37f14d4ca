"""Where a message may be moved, or a mail attached: requests by number or words, seen before they are chosen."""

from dataclasses import dataclass

from otklik.people.models import Person
from otklik.tickets.access import tickets_at
from otklik.tickets.search.query import cleaned, numbered, parse_search
from otklik.workspace.queries import found_places, rows_at
from otklik.workspace.ticket_row import TicketRow, rows_of

MOST = 8


@dataclass(frozen=True, slots=True)
class Targets:
    """Candidate tickets, last changed first; `searched`: whether something was typed."""

    rows: list[TicketRow]
    searched: bool


def targets_for(person: Person, desk_id: int, typed: str, *, but: int = 0) -> Targets:
    """Return up to MOST tickets of the desk found by key or words, except the ticket with the id `but`.

    `person` works at the desk; this is not checked.
    """
    text = cleaned(typed)
    if not text:
        return Targets([], searched=False)
    named = rows_of(numbered(tickets_at([desk_id]), text).order_by("-updated_at", "-id")[: MOST + 1])
    understood = parse_search(text, with_signs=True)
    rows = named or (rows_at(found_places(person, [desk_id], text, understood, most=MOST + 1)) if understood else [])
    return Targets([ticket for ticket in rows if ticket.id != but][:MOST], searched=True)
