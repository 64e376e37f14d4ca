"""Let a held message in."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.tickets.access import readable_messages
from otklik.tickets.commands.comment import admit_message
from otklik.tickets.models import Ticket
from otklik.tickets.refusals import refusal_words
from otklik.workspace.entrance import actor_of, for_ticket, person_of


@for_ticket("POST")
def admit(request: HttpRequest, ticket: Ticket, message_id: int) -> HttpResponse:
    """From now on everybody on the ticket reads the message."""
    message = readable_messages(person_of(request), ticket, as_agent=True).filter(pk=message_id).first()
    if message is None:
        raise Http404
    try:
        admit_message(actor=actor_of(request), at=timezone.now(), message=message)
        messages.success(request, _("The message is part of the conversation now."))
    except UnableTo as refusal:
        messages.error(request, refusal_words(refusal))
    return redirect(f"/browse/{ticket.key}#message-{message.pk}")
