"""Act on a pending reply: view, withdraw, send now, reschedule. Each act is one command."""

from collections.abc import Callable

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.core.upload_views import takes_files
from otklik.tickets.commands.drafts import Files, Hand, Place, Words, throw_draft
from otklik.tickets.commands.pending import drop_draft, move_reply, send_reply_now, undo_reply
from otklik.tickets.content import NewFile
from otklik.tickets.drafts import draft_at, files_of, hand_of, kept_files_of, said_in, typed
from otklik.tickets.models import Draft, PendingReply, Ticket
from otklik.ui.refusal_words import refusal_words
from otklik.workspace.forms.message import SendAtForm
from otklik.workspace.pending import draft_of, kept_of, reply_of
from otklik.workspace.view_access import actor_of, for_ticket, person_of

# Form fields that identify the draft.
_OF_DRAFT = frozenset({"draft", "keep"})


@for_ticket("GET")
def waiting(request: HttpRequest, ticket: Ticket, reply_id: int) -> HttpResponse:
    """Redirect to the reply on the ticket's page: to the pending one, or to the message once it was sent."""
    return _back(ticket, _anchor(_loaded(ticket, reply_id)))


@for_ticket("POST")
@takes_files
def undo(request: HttpRequest, ticket: Ticket, reply_id: int) -> HttpResponse:
    """Stop sending. The author's text goes back into the editor; for others it becomes the author's draft."""
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
    """Send it now."""
    reply = _loaded(ticket, reply_id)
    if _done(request, lambda: send_reply_now(actor=actor_of(request), at=timezone.now(), reply=reply)):
        messages.success(request, _("The reply is on its way."))
    return _back(ticket, _anchor(_loaded(ticket, reply_id)))


@for_ticket("POST")
def move(request: HttpRequest, ticket: Ticket, reply_id: int) -> HttpResponse:
    """Change the time."""
    reply, form = _loaded(ticket, reply_id), SendAtForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("This is not a date and time. The reply keeps its time."))
        return _back(ticket, _anchor(reply))
    due = form.cleaned_data["send_at"]
    if _done(request, lambda: move_reply(actor=actor_of(request), at=timezone.now(), reply=reply, due_at=due)):
        messages.success(request, _("The reply has a new time."))
    return _back(ticket, _anchor(reply))


@for_ticket("POST")
@takes_files
def drop(request: HttpRequest, ticket: Ticket, reply_id: int) -> HttpResponse:
    """Discard one's own draft; its last text is kept as the draft's former text, which can be restored."""
    person, at, place = person_of(request), timezone.now(), Place(Draft.Kind.REPLY, ticket.pk, ticket.pk)
    draft = draft_of(person, ticket, reply_id)
    if draft is None:
        raise Http404
    words, files = _written_on(request, draft, place)
    hand = hand_of(request.POST)
    by = Hand(hand.writer, max(hand.stamp, int(at.timestamp() * 1000)), hand.base)
    with transaction.atomic():
        throw_draft(person=person, at=at, place=place, words=words, files=files, by=by)
        drop_draft(actor=actor_of(request), reply=draft)
    return _back(ticket, "composer")


def _written_on(request: HttpRequest, draft: PendingReply, place: Place) -> tuple[Words, Files]:
    """Return the reply's present text and files: as posted, else as saved in the draft, else as it was when taken
    back."""
    person = person_of(request)
    words, files = typed(request.POST, place.kind), kept_files_of(request.POST, person)
    stored_draft = draft_at(person, place)
    if not words and stored_draft is not None and said_in(stored_draft, "draft") == str(draft.pk):
        words, files = stored_draft.words, files_of(stored_draft)
    posted = words or {"comment": [draft.text]}
    text = {name: values for name, values in posted.items() if name not in _OF_DRAFT}
    return text, {**files, "attachments": [*_own_files(draft), *files.get("attachments", [])]}


def _own_files(draft: PendingReply) -> list[NewFile]:
    try:
        return kept_of(draft, range(len(draft.files)))
    except UnableTo:
        return []  # files that can no longer be read cannot be restored either


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
