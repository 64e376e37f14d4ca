"""Add or decline people whom a mail names in Cc."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.core.upload_views import takes_files
from otklik.people.models import Person
from otklik.tickets.access import readable_messages
from otklik.tickets.commands.cc_participants import answer_asked
from otklik.tickets.commands.requester import adopt_claimed_author
from otklik.tickets.models import Ticket
from otklik.ui.refusal_words import refusal_words
from otklik.workspace.undo_offer import former_requester, offer
from otklik.workspace.view_access import actor_of, for_ticket, person_of


@for_ticket("POST")
@takes_files
def add_asked(request: HttpRequest, ticket: Ticket, message_id: int) -> HttpResponse:
    """Add the person with the posted address; "" declines all of them."""
    message = readable_messages(person_of(request), ticket, as_agent=True).filter(pk=message_id).first()
    if message is None:
        raise Http404
    address = request.POST.get("address", "")
    try:
        if answer_asked(actor=actor_of(request), at=timezone.now(), message=message, address=address):
            messages.success(request, _("%(name)s is on the request now.") % {"name": address})
    except UnableTo as refusal:
        messages.error(request, refusal_words(refusal, address))
    return redirect(f"/browse/{ticket.key}#message-{message.pk}")


@for_ticket("POST")
@takes_files
def claim(request: HttpRequest, ticket: Ticket, message_id: int) -> HttpResponse:
    """Make the person whom the mail claims as its author the requester."""
    message = readable_messages(person_of(request), ticket, as_agent=True).filter(pk=message_id).first()
    if message is None:
        raise Http404
    address = request.POST.get("address", "").replace("\0", "")[:320]
    try:
        undo = adopt_claimed_author(actor=actor_of(request), at=timezone.now(), message=message, address=address)
        now = Person.objects.get(requested_tickets=ticket)
        messages.success(request, _("%(name)s is the requester now.") % {"name": now.staff_name})
        if undo is not None:
            offer(request, ticket, former_requester(ticket, undo))
    except UnableTo as refusal:
        messages.error(request, refusal_words(refusal))
    return redirect(f"/browse/{ticket.key}#message-{message.pk}")
