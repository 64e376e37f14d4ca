"""Act on a held message: admit it once, admit its sender, take that back, or ask the requester about it."""

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.core.errors import UnableTo
from otklik.core.upload_views import takes_files
from otklik.notify.commands.addresses import ask_for_address
from otklik.people.commands.persons import ensure_person
from otklik.people.models import Person
from otklik.tickets.access import readable_messages
from otklik.tickets.commands.comment import admit_message
from otklik.tickets.commands.fields import remove_participant
from otklik.tickets.commands.hold_again import hold_again
from otklik.tickets.commands.share import share_with_address
from otklik.tickets.models import Message, Participant, Ticket
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
            offer(request, ticket, _held_again(ticket, message))
            if "join" in request.POST:
                address = _writer(message)
                if share_with_address(actor=actor, at=at, ticket=ticket, address=address):
                    person, _new = ensure_person(address=address, name="", at=at)
                    offer(request, ticket, _held_again(ticket, message, off=person))
                notice += " " + _("%(name)s is on the request now.") % {"name": address}
        messages.success(request, notice)
    except UnableTo as refusal:
        messages.error(request, refusal_words(refusal))
    return redirect(f"/browse/{ticket.key}#message-{message.pk}")


@for_ticket("POST")
@takes_files
def hold(request: HttpRequest, ticket: Ticket, message_id: int) -> HttpResponse:
    """Take the admission of the message back; with `off`, also the participant that joined with it."""
    message, at, actor = _held(request, ticket, message_id), timezone.now(), actor_of(request)
    try:
        with transaction.atomic():
            left = hold_again(actor=actor, at=at, message=message)
            for link in _joined(ticket, request.POST.get("off", "")):
                remove_participant(actor=actor, at=at, ticket=ticket, person=link.person)
        notice = _("Only the staff sees the message again.")
        if left:
            gone = ngettext("%(n)s mail about it had left already.", "%(n)s mails about it had left already.", left)
            notice += " " + gone % {"n": left}
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


def _held_again(ticket: Ticket, message: Message, off: Person | None = None) -> TakeBack:
    url = reverse("workspace:hold", args=[ticket.key, message.pk])
    if off is None:
        return TakeBack(url, _("Admitted by mistake?"), _("Hold it again"), {})
    label = _("Hold it again, and take %(name)s off the request") % {"name": off.staff_name}
    return TakeBack(url, _("Admitted by mistake?"), label, {"off": str(off.pk)})


def _joined(ticket: Ticket, person_id: str) -> QuerySet[Participant]:
    links = Participant.objects.filter(ticket=ticket, removed_at=None).select_related("person")
    return links.filter(person_id=int(person_id)) if person_id.isascii() and person_id.isdecimal() else links.none()


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
