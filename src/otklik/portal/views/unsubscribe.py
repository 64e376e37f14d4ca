"""Unsubscribe from one ticket by the link in each mail. GET changes nothing (RFC 8058)."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from otklik.desks.texts import text_of
from otklik.people.actor import Actor
from otklik.portal.address_masking import masked
from otklik.portal.secret_pages import sealed
from otklik.portal.view_access import for_everybody
from otklik.tickets.commands.fields import set_muted
from otklik.tickets.ratings import stopper_of


# Mail programs POST here without cookies (RFC 8058); the token only allows muting and unmuting.
@csrf_exempt
@for_everybody("GET", "POST")
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET: ask. POST: mute mails about the ticket, or unmute them with `resume`."""
    participant = stopper_of(token)
    if participant is None:
        raise Http404
    if request.method == "POST":
        muted = "resume" not in request.POST
        if participant.muted != muted:
            set_muted(
                actor=Actor(participant.person, "mail"), at=timezone.now(), ticket=participant.ticket, muted=muted
            )
            participant.muted = muted
    desk, address = text_of(participant.ticket.desk, "name"), masked(participant.person.email)
    context = {"key": participant.ticket.key, "desk": desk, "muted": participant.muted, "address": address}
    return sealed(render(request, "portal/unsubscribe.html", context))
