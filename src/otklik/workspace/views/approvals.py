"""Ask for an approval, and withdraw the request."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.core.upload_views import takes_files
from otklik.people.commands.persons import ensure_person
from otklik.people.queries import typed_address
from otklik.tickets.commands.approve import ask_approval, withdraw_approval
from otklik.tickets.commands.drafts import Place
from otklik.tickets.models import Approval, Draft, Ticket
from otklik.tickets.refusals import TicketRefusal
from otklik.ui.drafts_after_login import keep_posted, settle_posted
from otklik.ui.refusal_words import refusal_words
from otklik.workspace.forms.panel import ApprovalForm
from otklik.workspace.view_access import actor_of, for_ticket, person_of


@for_ticket("POST")
def ask(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """Ask the people with these addresses for approval; unknown people are created. If refused, the draft is kept."""
    form, at, place = ApprovalForm(request.POST), timezone.now(), Place(Draft.Kind.QUESTION, ticket.pk, ticket.pk)
    person = person_of(request)
    try:
        if not form.is_valid():
            raise UnableTo(TicketRefusal.APPROVERS_MISSING)
        cleaned = form.cleaned_data
        with transaction.atomic():
            asked = map(typed_address, cleaned["addresses"])
            people = [ensure_person(address=address, name="", at=at)[0] for address in asked]
            ask_approval(
                actor=actor_of(request),
                at=at,
                ticket=ticket,
                people=people,
                rule=cleaned["rule"],
                question=cleaned["question"],
            )
        settle_posted(person=person, at=at, place=place, post=request.POST)
        messages.success(request, _("The approval is asked for."))
    except UnableTo as refusal:
        keep_posted(person=person, at=at, place=place, post=request.POST)
        messages.error(request, refusal_words(refusal, _without_box(request, ticket)))
    return redirect("workspace:ticket", key=ticket.key)


def _without_box(request: HttpRequest, ticket: Ticket) -> str:
    """Return what was typed, if the next page has no form for it because a colleague asked or closed the ticket."""
    is_asked = Approval.objects.filter(ticket=ticket, state=Approval.State.PENDING).exists()
    if not is_asked and not Ticket.objects.filter(pk=ticket.pk, closed_at__isnull=False).exists():
        return ""
    return ", ".join(filter(None, [request.POST.get("addresses", ""), request.POST.get("question", "")]))


@for_ticket("POST")
@takes_files
def withdraw(request: HttpRequest, ticket: Ticket, approval_id: int) -> HttpResponse:
    """Withdraw the request for approval."""
    approval = Approval.objects.filter(pk=approval_id, ticket=ticket).first()
    if approval is None:
        raise Http404
    try:
        withdraw_approval(actor=actor_of(request), at=timezone.now(), approval=approval)
        messages.success(request, _("The approval is no longer asked for."))
    except UnableTo as refusal:
        messages.error(request, refusal_words(refusal))
    return redirect("workspace:ticket", key=ticket.key)
