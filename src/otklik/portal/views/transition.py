"""Let a customer close or reopen a ticket, with an optional comment."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.core.upload_views import takes_files
from otklik.desks.texts import name_of
from otklik.portal.forms.ticket import CommentForm
from otklik.portal.refusals import PortalRefusal
from otklik.portal.view_access import actor_of, for_ticket, person_of
from otklik.portal.views.card import CLOSED, refused, settled
from otklik.tickets.answers.files import owner_of
from otklik.tickets.commands.base import UnableToChange
from otklik.tickets.commands.status import change_status, customer_transitions
from otklik.tickets.content import written
from otklik.tickets.models import Ticket
from otklik.ui.refusal_words import refusal_words


@for_ticket("POST")
@takes_files
def transition(request: HttpRequest, ticket: Ticket, transition_id: int) -> HttpResponseBase:
    """Do one of the customers' transitions, with the comment and files in the same step.

    If it is no longer possible, nothing changes and the text stays in the form.
    """
    form = CommentForm(request.POST, request.FILES, owner=owner_of(person_of(request)))
    if not form.is_valid():
        return refused(request, ticket, form)
    wanted = next((step for step in customer_transitions(ticket) if step.pk == transition_id), None)
    try:
        if wanted is None:
            raise UnableToChange(PortalRefusal.STEP_GONE)
        moved = change_status(
            actor=actor_of(request),
            at=timezone.now(),
            ticket=ticket,
            transition=wanted,
            words=written(form.cleaned_data["comment"]),
            files=form.cleaned_data["attachments"],
        )
    except UnableTo as error:
        if isinstance(error, UnableToChange):
            error = UnableToChange(PortalRefusal.STEP_GONE)
        message = refusal_words(error)
        if form.cleaned_data["comment"].strip():
            form.add_error("comment", message)
            return refused(request, ticket, form)
        messages.warning(request, message)
    else:
        if form.cleaned_data["comment"].strip() or form.cleaned_data["attachments"]:
            settled(request, ticket)
        messages.success(request, _("The status is now «%(status)s».") % {"status": name_of(moved.status)})
        if moved.status.is_done:
            request.session[CLOSED] = ticket.key
    return redirect("portal:card", ticket.desk_id, ticket.key)
