"""Turn mails about one ticket on or off for the reader."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.core.upload_views import takes_files
from otklik.portal.view_access import actor_of, for_ticket
from otklik.tickets.commands.fields import set_muted
from otklik.tickets.models import Ticket


@for_ticket("POST")
@takes_files
def notifications(request: HttpRequest, ticket: Ticket) -> HttpResponseBase:
    """Turn mails about the ticket off (`muted` 1) or on."""
    muted = request.POST.get("muted") == "1"
    try:
        set_muted(actor=actor_of(request), at=timezone.now(), ticket=ticket, muted=muted)
    except UnableTo:
        messages.warning(request, _("Only people on the request get mails about it."))
    else:
        notice = _("You get no more mails about this request.") if muted else _("You get mails about this request.")
        messages.success(request, notice)
    return redirect("portal:card", ticket.desk_id, ticket.key)
