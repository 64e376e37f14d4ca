"""The answer to an act in a ticket's panel: for htmx the parts of the page anew, so that nothing typed is lost."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from otklik.tickets.access import ticket_at
from otklik.tickets.models import Ticket
from otklik.workspace.pages.note import Note
from otklik.workspace.standing import standing
from otklik.workspace.views.ticket import live


def answered(request: HttpRequest, ticket: Ticket, note: Note, level: int = messages.SUCCESS) -> HttpResponse:
    """Say what became of it; `level` is the message's, where the whole page comes back."""
    if not request.headers.get("HX-Request"):
        messages.add_message(request, level, note.words)
        return redirect("workspace:ticket", key=ticket.key)
    now = ticket_at(standing(request).desks, ticket.key)
    if now is None:
        raise Http404
    return live(request, now, request.POST, note)
