"""From a ticket to the next or previous one of the list that the agent came from."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from otklik.tickets.models import Ticket
from otklik.workspace.back_links import way_back
from otklik.workspace.list_neighbours import listed_keys, neighbour
from otklik.workspace.view_access import for_ticket


@for_ticket("GET")
def next_ticket(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """Redirect to the ticket behind this one; at the list's end to the list, which says so."""
    return _go(request, ticket, forward=True)


@for_ticket("GET")
def previous_ticket(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """Redirect to the ticket before this one; at the list's beginning to the list, which says so."""
    return _go(request, ticket, forward=False)


def _go(request: HttpRequest, ticket: Ticket, *, forward: bool) -> HttpResponse:
    back = way_back(request, ticket.desk)
    if back is None:
        return redirect("workspace:ticket", key=ticket.key)
    key = neighbour(ticket.key, listed_keys(request, ticket.desk, back), forward=forward)
    if key:
        return redirect("workspace:ticket", key=key)
    last, first = _("%(key)s is the last request of this list."), _("%(key)s is the first request of this list.")
    messages.info(request, (last if forward else first) % {"key": ticket.key})
    return redirect(back.url)
