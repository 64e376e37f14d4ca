"""Edit or withdraw one's own reply or note while that is possible."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.upload_views import takes_files
from otklik.tickets.commands.edit_message import correctable_until
from otklik.tickets.drafts import draft_at
from otklik.tickets.models import Message, Ticket
from otklik.ui.drafts_after_login import bring
from otklik.ui.edit_message_form import EditForm, edit_place, own_message, withdrawn
from otklik.workspace.view_access import actor_of, for_ticket, person_of


@for_ticket("GET", "POST")
def edit(request: HttpRequest, ticket: Ticket, message_id: int) -> HttpResponse:
    """Edit the text; former versions are kept."""
    message = _own_or_404(request, ticket, message_id)
    at, person = timezone.now(), person_of(request)
    bring(request.session, person=person, at=at, page=request.path, place=edit_place(message))
    form = EditForm(request.POST if request.method == "POST" else None, message, draft_at(person, edit_place(message)))
    if form.changes(actor=actor_of(request), at=at):
        messages.success(request, _("The message is changed."))
        return redirect(f"/browse/{ticket.key}#message-{message.pk}")
    until = correctable_until(person_of(request), ticket, message)
    internal = message.kind == Message.Kind.INTERNAL
    context = {"form": form, "draft": form.part(person, at), "ticket": ticket, "until": until, "internal": internal}
    return render(request, "workspace/edit_message.html", context, status=422 if form.is_bound else 200)


@for_ticket("POST")
@takes_files
def withdraw(request: HttpRequest, ticket: Ticket, message_id: int) -> HttpResponse:
    """Withdraw the message; customers then see only that there was one."""
    message = _own_or_404(request, ticket, message_id)
    refused = withdrawn(actor=actor_of(request), at=timezone.now(), message=message)
    if refused:
        messages.error(request, refused)
    else:
        messages.success(request, _("The message is withdrawn."))
    return redirect(f"/browse/{ticket.key}#message-{message.pk}")


def _own_or_404(request: HttpRequest, ticket: Ticket, message_id: int) -> Message:
    message = own_message(person_of(request), ticket, message_id, as_agent=True)
    if message is None:
        raise Http404
    return message
