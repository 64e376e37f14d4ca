"""A reply that waits: look at it, take it back, send it now, give it another time. Each act is one command."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.core.uploads import takes_files
from otklik.tickets.commands.pending import drop_draft, move_reply, send_reply_now, undo_reply
from otklik.tickets.models import PendingReply, Ticket
from otklik.tickets.refusals import refusal_words
from otklik.workspace.entrance import actor_of, for_ticket, person_of
from otklik.workspace.forms.message import SendAtForm
from otklik.workspace.pending import draft_of, reply_of


@for_ticket("GET")
def waiting(request: HttpRequest, ticket: Ticket, reply_id: int) -> HttpResponse:
    """Where it stands now: itself while it waits, the message when it has gone."""
    return _back(ticket, _anchor(_loaded(ticket, reply_id)))


@for_ticket("POST")
@takes_files
def undo(request: HttpRequest, ticket: Ticket, reply_id: int) -> HttpResponse:
    """Take it back; its words are in the editor again, where they are one's own."""
    reply = _loaded(ticket, reply_id)
    if not _done(request, lambda: undo_reply(actor=actor_of(request), at=timezone.now(), reply=reply)):
        return _back(ticket, _anchor(_loaded(ticket, reply_id)))
    if reply.author_id == person_of(request).pk:
        messages.success(request, _("Not sent. Your words are in the editor again."))
        return redirect(f"{reverse('workspace:ticket', args=[ticket.key])}?draft={reply.pk}#composer")
    messages.success(request, _("Not sent. The words wait as a draft of their author."))
    return _back(ticket, "composer")


@for_ticket("POST")
@takes_files
def now(request: HttpRequest, ticket: Ticket, reply_id: int) -> HttpResponse:
    """Do not wait any longer."""
    reply = _loaded(ticket, reply_id)
    if _done(request, lambda: send_reply_now(actor=actor_of(request), at=timezone.now(), reply=reply)):
        messages.success(request, _("The reply is on its way."))
    return _back(ticket, _anchor(_loaded(ticket, reply_id)))


@for_ticket("POST")
def move(request: HttpRequest, ticket: Ticket, reply_id: int) -> HttpResponse:
    """Another time."""
    reply, form = _loaded(ticket, reply_id), SendAtForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("This is not a date and time. The reply keeps its time."))
        return _back(ticket, _anchor(reply))
    due = form.cleaned_data["send_at"]
    if _done(request, lambda: move_reply(actor=actor_of(request), at=timezone.now(), reply=reply, due_at=due)):
        messages.success(request, _("The reply has a new time."))
    return _back(ticket, _anchor(reply))


@for_ticket("POST")
def drop(request: HttpRequest, ticket: Ticket, reply_id: int) -> HttpResponse:
    """Throw a draft of one's own away."""
    draft = draft_of(person_of(request), ticket, reply_id)
    if draft is None:
        raise Http404
    drop_draft(actor=actor_of(request), reply=draft)
    return _back(ticket, "composer")


def _loaded(ticket: Ticket, reply_id: int) -> PendingReply:
    reply = reply_of(ticket, reply_id)
    if reply is None:
        raise Http404
    return reply


def _done(request: HttpRequest, act: Callable[[], object]) -> bool:
    try:
        act()
    except UnableTo as refusal:
        messages.error(request, refusal_words(refusal))
        return False
    return True


def _anchor(reply: PendingReply) -> str:
    return f"message-{reply.message_id}" if reply.message_id else f"reply-{reply.pk}"


def _back(ticket: Ticket, anchor: str) -> HttpResponse:
    return redirect(f"{reverse('workspace:ticket', args=[ticket.key])}#{anchor}")
