"""Reopen a ticket that was closed by a mail command, by the link in that mail. GET changes nothing."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.desks.texts import text_of
from otklik.people.actor import Actor
from otklik.portal.secret_pages import sealed
from otklik.portal.view_access import for_everybody
from otklik.tickets.commands.status import change_status, customer_transitions
from otklik.tickets.models import Participant
from otklik.tickets.ratings import reopener_of
from otklik.tickets.reopen_window import closed_for_long


@for_everybody("GET", "POST")
def reopen_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """GET: ask. POST: reopen. Says so if the ticket is open already or was closed too long ago."""
    participant = reopener_of(token)
    if participant is None:
        raise Http404
    done = request.method == "POST" and _reopened(participant)
    participant.ticket.refresh_from_db()
    is_open = participant.ticket.closed_at is None
    possible = not is_open and not closed_for_long(participant.ticket, timezone.now())
    desk = text_of(participant.ticket.desk, "name")
    context = {"key": participant.ticket.key, "desk": desk, "done": done, "is_open": is_open, "possible": possible}
    return sealed(render(request, "portal/reopen.html", context))


def _reopened(participant: Participant) -> bool:
    ticket, at = participant.ticket, timezone.now()
    wanted = next((transition for transition in customer_transitions(ticket) if not transition.target.is_done), None)
    if ticket.closed_at is None or wanted is None or closed_for_long(ticket, at):
        return False
    try:
        change_status(
            actor=Actor(participant.person, "mail"),
            at=at,
            ticket=ticket,
            transition=wanted,
            why=_("by the link of a mail"),
            as_customer=True,
        )
    except UnableTo:
        return False
    return True
