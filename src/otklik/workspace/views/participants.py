"""Add people to a ticket, and remove them from it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.core.upload_views import takes_files
from otklik.people.commands.persons import ensure_person
from otklik.people.queries import typed_address
from otklik.people.refusals import PersonRefusal
from otklik.tickets.commands.fields import add_participant, remove_participant
from otklik.tickets.models import Participant, Ticket
from otklik.ui.refusal_words import refusal_words
from otklik.ui.unsaved_side_fields import wait_still
from otklik.workspace.forms.panel import ParticipantForm
from otklik.workspace.view_access import actor_of, for_ticket, person_of


@for_ticket("POST")
def add(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """Add the person with the address as a participant; an unknown person is created."""
    form = ParticipantForm(request.POST)
    try:
        if not form.is_valid():
            raise UnableTo(PersonRefusal.BAD_ADDRESS)
        at = timezone.now()
        person, _made = ensure_person(address=typed_address(form.cleaned_data["address"]), name="", at=at)
        new = add_participant(
            actor=actor_of(request), at=at, ticket=ticket, person=person, sees_all=form.cleaned_data["history"]
        )
    except UnableTo as refusal:
        for name in ("address", "history"):
            wait_still(request, person_of(request), reverse("workspace:ticket", args=[ticket.key]), name)
        messages.error(request, refusal_words(refusal, request.POST.get("address", "")))
    else:
        notice = _("%(name)s is on the request now.") if new else _("%(name)s was on the request already.")
        messages.success(request, notice % {"name": person.staff_name})
    return redirect("workspace:ticket", key=ticket.key)


@for_ticket("POST")
@takes_files
def remove(request: HttpRequest, ticket: Ticket, person_id: int) -> HttpResponse:
    """Remove a participant; the requester cannot be removed."""
    link = Participant.objects.filter(ticket=ticket, person_id=person_id).select_related("person").first()
    if link is None:
        raise Http404
    try:
        remove_participant(actor=actor_of(request), at=timezone.now(), ticket=ticket, person=link.person)
        messages.success(request, _("%(name)s is off the request.") % {"name": link.person.staff_name})
    except UnableTo as refusal:
        messages.error(request, refusal_words(refusal))
    return redirect("workspace:ticket", key=ticket.key)
