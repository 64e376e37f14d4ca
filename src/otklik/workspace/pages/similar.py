"""Requests about the same, beside a request: what was answered when it was asked before."""

from dataclasses import dataclass

from django.urls import reverse

from otklik.tickets.models import Message, Ticket
from otklik.tickets.search.similar import similar, solved_with
from otklik.tickets.typed_marks import sign_places
from otklik.workspace.desk_context import Standing
from otklik.workspace.queries import rows_with_ids
from otklik.workspace.ticket_row import TicketRow

SHOWN = 6
ANSWER_LENGTH = 280


@dataclass(frozen=True, slots=True)
class SimilarTicket:
    """A similar ticket; `answer`: the beginning of the reply that solved it, "" if there is none."""

    row: TicketRow
    answer: str


@dataclass(frozen=True, slots=True)
class SimilarPage:
    """The template's context for the page of similar tickets."""

    key: str
    subject: str
    back_url: str
    similar: list[SimilarTicket]


def similar_page(stands: Standing, ticket: Ticket) -> SimilarPage:
    """Return tickets similar to this one at all desks where the person works, the ticket's own included."""
    ids = similar(ticket, stands.desk_ids, most=SHOWN)
    answers = {pk: _begun(text, markup) for pk, text, markup in solved_with(tickets=ids)} if ids else {}
    return SimilarPage(
        key=ticket.key,
        subject=ticket.subject,
        back_url=reverse("workspace:ticket", args=[ticket.key]),
        similar=[SimilarTicket(row, answers.get(row.id, "")) for row in rows_with_ids(ids)],
    )


def _begun(text: str | None, markup: str | None) -> str:
    """Return the beginning of the answer in one line, without formatting marks."""
    start = (text or "")[: ANSWER_LENGTH * 2]
    signs = sign_places(start) if markup == Message.Markup.TYPED else set[int]()
    line = " ".join("".join(character for index, character in enumerate(start) if index not in signs).split())
    return line if len(line) <= ANSWER_LENGTH else f"{line[:ANSWER_LENGTH].rsplit(' ', 1)[0]} …"
