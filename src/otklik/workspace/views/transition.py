"""Move a ticket along the transition table."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.core.upload_views import takes_files
from otklik.desks.models import Transition
from otklik.desks.texts import name_of
from otklik.tickets.commands.base import ChangedMeanwhile
from otklik.tickets.commands.status import change_status
from otklik.tickets.models import Ticket
from otklik.workspace.forms.panel import SeenForm, seen_in
from otklik.workspace.pages.action_result import Note
from otklik.workspace.view_access import actor_of, for_ticket
from otklik.workspace.views.panel_response import answered


@for_ticket("POST")
@takes_files
def transition(request: HttpRequest, ticket: Ticket, transition_id: int) -> HttpResponse:
    """Do the transition; refused if there is a message that the page did not show (RL-34)."""
    step = Transition.objects.filter(desk_id=ticket.desk_id, pk=transition_id).select_related("target").first()
    if step is None:
        raise Http404
    try:
        seen = seen_in(SeenForm(request.POST))
        moved = change_status(actor=actor_of(request), at=timezone.now(), ticket=ticket, transition=step, seen=seen)
    except ChangedMeanwhile:
        notice = _("Something changed on the request meanwhile. Look at it and press again.")
        return answered(request, ticket, Note("status", notice, wrong=True), messages.WARNING)
    except UnableTo:
        notice = _("“%(name)s” cannot be done now: the status has changed meanwhile.")
        return answered(request, ticket, Note("status", notice % {"name": name_of(step)}, wrong=True), messages.ERROR)
    return answered(request, ticket, Note("status", _done(ticket, moved)))


def _done(before: Ticket, after: Ticket) -> str:
    notice = _("Status: %(status)s.") % {"status": name_of(after.status)}
    if after.assignee is None or after.assignee_id == before.assignee_id:
        return notice
    return f"{notice} " + _("Assignee: %(name)s.") % {"name": after.assignee.display_name}
