"""Participants of a ticket: whom it is shared with."""

from allauth.core import ratelimit
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.core.ids import typed_id
from otklik.core.upload_views import takes_files
from otklik.notify.mail_budget import mail_will_stay_away
from otklik.people.models import Organization, Person
from otklik.people.queries import typed_address
from otklik.portal.forms.ticket import ShareForm
from otklik.portal.view_access import actor_of, for_ticket, person_of
from otklik.portal.views.card import show_card
from otklik.tickets.access import is_agent_of, may_write
from otklik.tickets.commands.fields import remove_participant
from otklik.tickets.commands.share import (
    may_show_history,
    share_with_address,
    share_with_organization,
    share_with_person,
)
from otklik.tickets.commands.share import unshare_organization as take_off
from otklik.tickets.known_people import acquaintances, found_by_name, shareable_organizations
from otklik.tickets.models import Ticket
from otklik.ui.refusal_words import refusal_words


@for_ticket("GET")
def search(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """Find people the reader knows by a part of the name; nobody else is ever found."""
    person = person_of(request)
    typed_text = request.GET.get("email", "")
    people = found_by_name(person, ticket, typed_text[:100]) if may_write(person, ticket) else []
    return render(request, "portal/_acquaintances.html", {"found": people})


@for_ticket("POST")
def share(request: HttpRequest, ticket: Ticket) -> HttpResponseBase:
    """Share the ticket with a person, by address or by the id of a search result.

    They read later messages, with `history` all of them. 422 with what was typed if the reader shares too often.
    """
    chosen, form = request.POST.get("person", ""), ShareForm(request.POST)
    if not is_agent_of(person_of(request), ticket) and not ratelimit.consume(
        request, action="share", user=person_of(request)
    ):
        form.is_valid()
        form.add_error("email", _("You have shared requests very often within an hour. Wait a little, then try again."))
        return show_card(request, ticket, share=form, status=422)
    if chosen:
        return _share_with_person(request, ticket, chosen)
    if not form.is_valid():
        return show_card(request, ticket, share=form, status=422)
    address, history = form.cleaned_data["email"], form.cleaned_data["history"]
    at, shown = timezone.now(), _shown(request, ticket, history)
    try:
        canonical = typed_address(address)
        new = share_with_address(actor=actor_of(request), at=at, ticket=ticket, address=canonical, history=shown)
    except UnableTo as error:
        form.add_error("email", refusal_words(error))
        return show_card(request, ticket, share=form, status=422)
    if new:
        _say_shared(request, address, address)
    else:
        messages.success(request, _("%(address)s is on the request already.") % {"address": address})
    return redirect("portal:card", ticket.desk_id, ticket.key)


def _say_shared(request: HttpRequest, address: str, shown: str) -> None:
    """Report the share, and warn if the person gets no mail about it, because the reader must tell them then."""
    if address and mail_will_stay_away(address=address, by=person_of(request), at=timezone.now()):
        notice = _(
            "The request is shared with %(address)s, but no mail about it goes out now: too many were sent lately. "
            "Please tell this person yourself."
        )
        messages.warning(request, notice % {"address": shown})
    else:
        messages.success(request, _("The request is shared with %(address)s.") % {"address": shown})


def _shown(request: HttpRequest, ticket: Ticket, history: bool) -> bool:
    """Return whether earlier messages are shared; only the requester may do so."""
    return history and may_show_history(person_of(request), ticket)


def _share_with_person(request: HttpRequest, ticket: Ticket, chosen: str) -> HttpResponseBase:
    known = acquaintances(person_of(request))
    person = known.filter(pk=typed_id(chosen)).first()
    if person is None:
        raise Http404
    history = _shown(request, ticket, "history" in request.POST)
    try:
        share_with_person(actor=actor_of(request), at=timezone.now(), ticket=ticket, person=person, history=history)
    except UnableTo as error:
        messages.warning(request, refusal_words(error))
    else:
        _say_shared(request, person.email or "", person.display_name)
    return redirect("portal:card", ticket.desk_id, ticket.key)


@for_ticket("POST")
@takes_files
def share_organization(request: HttpRequest, ticket: Ticket) -> HttpResponseBase:
    """Share the ticket with one of the reader's organisations; its members see all of it."""
    chosen = typed_id(request.POST.get("organization", ""))
    own = shareable_organizations(person_of(request), ticket)
    organization = next((organization for organization in own if organization.pk == chosen), None)
    if organization is None:
        raise Http404
    share_with_organization(actor=actor_of(request), at=timezone.now(), ticket=ticket, organization=organization)
    messages.success(request, _("The request is shared with %(address)s.") % {"address": organization.name})
    return redirect("portal:card", ticket.desk_id, ticket.key)


@for_ticket("POST")
@takes_files
def unshare_organization(request: HttpRequest, ticket: Ticket, organization_id: int) -> HttpResponseBase:
    """Stop sharing the ticket with an organisation."""
    organization = Organization.objects.filter(pk=organization_id, shared_tickets__ticket=ticket).first()
    if organization is None:
        raise Http404
    try:
        take_off(actor=actor_of(request), at=timezone.now(), ticket=ticket, organization=organization)
    except UnableTo as error:
        messages.warning(request, refusal_words(error))
    else:
        messages.success(request, _("%(name)s is no longer on the request.") % {"name": organization.name})
    return redirect("portal:card", ticket.desk_id, ticket.key)


@for_ticket("POST")
@takes_files
def unshare(request: HttpRequest, ticket: Ticket, person_id: int) -> HttpResponseBase:
    """Remove a participant, or oneself."""
    person = Person.objects.filter(pk=person_id, participations__ticket=ticket, participations__removed_at=None).first()
    if person is None:
        raise Http404
    try:
        remove_participant(actor=actor_of(request), at=timezone.now(), ticket=ticket, person=person)
    except UnableTo as error:
        messages.warning(request, refusal_words(error))
        return redirect("portal:card", ticket.desk_id, ticket.key)
    messages.success(request, _("%(name)s is no longer on the request.") % {"name": person.display_name})
    if person.pk == person_of(request).pk:
        return redirect("portal:requests")
    return redirect("portal:card", ticket.desk_id, ticket.key)
