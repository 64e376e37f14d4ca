"""What a row of a list may be given in place, and the row after such an act."""

from dataclasses import asdict
from typing import Any

from django.http import Http404, HttpRequest, JsonResponse

from otklik.tickets.models import Ticket
from otklik.workspace.desk_context import standing
from otklik.workspace.pages.action_result import Note
from otklik.workspace.pages.list_columns import list_columns
from otklik.workspace.pages.row_choices import Choices, assignees, moves, priorities
from otklik.workspace.templatetags.ticket_rows import ticket_rows
from otklik.workspace.ticket_row import rows_of
from otklik.workspace.view_access import for_ticket, person_of


@for_ticket("GET")
def assignee_choices(request: HttpRequest, ticket: Ticket) -> JsonResponse:
    """Return the people that the ticket can be assigned to, as JSON."""
    return _answer(assignees(ticket, person_of(request)))


@for_ticket("GET")
def priority_choices(request: HttpRequest, ticket: Ticket) -> JsonResponse:
    """Return the priorities that the ticket can be given, as JSON."""
    return _answer(priorities(ticket, standing(request)))


@for_ticket("GET")
def status_choices(request: HttpRequest, ticket: Ticket) -> JsonResponse:
    """Return the statuses that the ticket can be moved to now, as JSON."""
    return _answer(moves(ticket, standing(request)))


def _answer(choices: Choices) -> JsonResponse:
    return JsonResponse(asdict(choices))


def row_answer(request: HttpRequest, ticket: Ticket, note: Note) -> JsonResponse:
    """Return JSON with the rendered row, with the posted `columns`, and the result of the action.

    Raises Http404 if the person no longer works at the ticket's desk.
    """
    at_work = Ticket.objects.filter(pk=ticket.pk, desk__in=standing(request).desk_ids)
    row = next(iter(rows_of(at_work)), None)
    if row is None:
        raise Http404
    names = request.POST.get("columns", "")[:2000].split(",")
    listed = list_columns(standing(request).desk_ids, names)
    data: dict[str, Any] = {"words": note.words, "wrong": note.wrong, "undo": asdict(note.undo) if note.undo else None}
    drawn = ticket_rows(listed.heads(), listed.rows([row]), tick="tick" in names)
    return JsonResponse({"row": drawn, **data})
