"""The response to an act in the ticket's panel: for htmx, the changed parts of the page, so that typed text is kept."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from otklik.tickets.access import ticket_at
from otklik.tickets.models import Ticket
from otklik.ui.unsaved_side_fields import wait_still
from otklik.workspace.desk_context import standing
from otklik.workspace.pages.action_result import Note, Undo
from otklik.workspace.view_access import person_of
from otklik.workspace.views.row_edits import row_answer
from otklik.workspace.views.ticket import live


def not_done(request: HttpRequest, ticket: Ticket, place: str, message: str) -> HttpResponse:
    """Answer that the action was refused, next to its control; what was typed is kept."""
    if "row" not in request.POST and place in request.POST and not request.headers.get("HX-Request"):
        wait_still(request, person_of(request), reverse("workspace:ticket", args=[ticket.key]), place)
    return answered(request, ticket, Note(place, message, wrong=True), messages.ERROR)


def undo_of(request: HttpRequest, ticket: Ticket, act: str, name: str, before: str, now: str) -> Undo | None:
    """Return the form that sets `name` back through the view `act`.

    None if nothing changed, or if this action itself was an undo.
    """
    if before == now or "undo" in request.POST:
        return None
    return Undo(reverse(f"workspace:{act}", args=[ticket.key]), name, before, now)


def answered(request: HttpRequest, ticket: Ticket, note: Note, level: int = messages.SUCCESS) -> HttpResponse:
    """Answer with the result: a row for lists (`row` was posted), parts of the page for htmx, otherwise a redirect.

    `level`: the level of the message after a redirect.
    """
    if "row" in request.POST:
        return row_answer(request, ticket, note)
    if not request.headers.get("HX-Request"):
        messages.add_message(request, level, note.words)
        return redirect("workspace:ticket", key=ticket.key)
    now = ticket_at(standing(request).desks, ticket.key)
    if now is None:
        raise Http404
    return live(request, now, request.POST, note)
