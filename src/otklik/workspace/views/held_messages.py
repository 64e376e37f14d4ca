"""Act on a held message: admit it once, admit its sender, or ask the requester about it."""

from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.core.upload_views import takes_files
from otklik.notify.commands.addresses import ask_for_address
from otklik.people.commands.persons import ensure_person
from otklik.tickets.access import readable_messages
from otklik.tickets.commands.comment import admit_message
from otklik.tickets.commands.share import share_with_address
from otklik.tickets.models import Message, Ticket
from otklik.ui.refusal_words import refusal_words
from otklik.workspace.refusals import WorkspaceRefusal
from otklik.workspace.undo_offer import TakeBack, offer
from otklik.workspace.view_access import actor_of, for_ticket, person_of


@for_ticket("POST")
@takes_files
def admit(request: HttpRequest, ticket: Ticket, message_id: int) -> HttpResponse:
    """Release the message to everybody on the ticket; with `join`, its author becomes a participant."""
    message, at, actor = _held(request, ticket, message_id), timezone.now(), actor_of(request)
    notice = _("The message is part of the conversation now.")
    try:
        with transaction.atomic():
            admit_message(actor=actor, at=at, message=message)
            if "join" in request.POST:
                address = _writer(message)
                if share_with_address(actor=actor, at=at, ticket=ticket, address=address):
                    offer(request, ticket, _off_again(ticket, address, at))
                notice += " " + _("%(name)s is on the request now.") % {"name": address}
        messages.success(request, notice)
    except UnableTo as refusal:
        messages.error(request, refusal_words(refusal))
    return redirect(f"/browse/{ticket.key}#message-{message.pk}")


@for_ticket("POST")
@takes_files
def ask_owner(request: HttpRequest, ticket: Ticket, message_id: int) -> HttpResponse:
    """Mail a link to the From address by which the requester can verify it as theirs. Releases nothing yet."""
    message = _held(request, ticket, message_id)
    try:
        if ticket.requester is None:
            raise UnableTo(WorkspaceRefusal.NO_REQUESTER)
        address = ask_for_address(
            actor=actor_of(request), at=timezone.now(), person=ticket.requester, address=_writer(message)
        )
        sentence = _(
            "A link was sent to %(address)s. When %(name)s opens it, logged in, the address counts as theirs and the "
            "message goes on by itself; it waits here meanwhile."
        )
        messages.success(request, sentence % {"address": address, "name": ticket.requester.staff_name})
    except UnableTo as refusal:
        messages.error(request, refusal_words(refusal))
    return redirect(f"/browse/{ticket.key}#message-{message.pk}")


def _off_again(ticket: Ticket, address: str, at: datetime) -> TakeBack:
    person, _new = ensure_person(address=address, name="", at=at)
    return TakeBack(
        reverse("workspace:remove_participant", args=[ticket.key, person.pk]),
        _("Not somebody for this request?"),
        _("Take %(name)s off it again") % {"name": address},
        {},
    )


def _held(request: HttpRequest, ticket: Ticket, message_id: int) -> Message:
    held = readable_messages(person_of(request), ticket, as_agent=True).filter(pk=message_id)
    message = held.select_related("inbound").first()
    if message is None:
        raise Http404
    return message


def _writer(message: Message) -> str:
    """Return the From address. Raises UnableTo if there is none."""
    address = message.inbound.from_address if message.inbound is not None else ""
    if not address or not message.claimed_author:
        raise UnableTo(WorkspaceRefusal.WRITER_WITHOUT_ADDRESS)
    return address
