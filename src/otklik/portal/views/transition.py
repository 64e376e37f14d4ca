"""A customer moves the request: close it, open it again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.portal.entrance import actor_of, for_ticket
from otklik.tickets.commands.status import change_status, customer_transitions
from otklik.tickets.models import Ticket


@for_ticket("POST")
def transition(request: HttpRequest, ticket: Ticket, transition_id: int) -> HttpResponseBase:
    """Do one of the customers' transitions; one that is gone meanwhile changes nothing and says so."""
    wanted = next((row for row in customer_transitions(ticket) if row.pk == transition_id), None)
    try:
        if wanted is None:
            raise UnableTo
        moved = change_status(actor=actor_of(request), at=timezone.now(), ticket=ticket, transition=wanted)
    except UnableTo:
        messages.warning(request, _("The request has changed meanwhile. Look at its status and try again."))
    else:
        messages.success(request, _("The status is now «%(status)s».") % {"status": moved.status.name})
    return redirect("portal:card", ticket.desk_id, ticket.key)
