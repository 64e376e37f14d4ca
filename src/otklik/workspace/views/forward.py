"""Forward a message to somebody who is not on the ticket."""

import hashlib
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.core.idempotency import new_nonce, once
from otklik.tickets.access import readable_messages
from otklik.tickets.commands.base import UnableToChange
from otklik.tickets.commands.drafts import Hand, Place, keep_draft
from otklik.tickets.commands.forward import forward_message, is_forwardable, take_back_forward
from otklik.tickets.content import written
from otklik.tickets.drafts import draft_at, part_of, said_in
from otklik.tickets.models import Draft, Forward, Message, Ticket
from otklik.tickets.refusals import TicketRefusal
from otklik.ui.drafts_after_login import bring, keep_posted, settle_posted
from otklik.ui.quotation import plain_words
from otklik.ui.refusal_words import refusal_words
from otklik.workspace.forms.forward import ForwardForm
from otklik.workspace.pages.conversation import file_link
from otklik.workspace.view_access import actor_of, for_ticket, person_of


@for_ticket("GET", "POST")
def forward(request: HttpRequest, ticket: Ticket, message_id: int) -> HttpResponse:
    """Show the message with a form for recipient, text and files; POST sends. What is typed is kept as a draft.

    422 if nothing was sent; 409 if the message changed meanwhile.
    """
    message = _message_or_404(request, ticket, message_id)
    if request.method != "POST":
        place = _place(message)
        bring(request.session, person=person_of(request), at=timezone.now(), page=request.path, place=place)
        return _ask(request, ticket, message, _begun(request, message))
    form = ForwardForm(request.POST, files=_files(message))
    if request.POST.get("shown", mark := _mark(message)) != mark:
        form.add_error(None, refusal_words(UnableToChange(TicketRefusal.FORWARD_CHANGED)))
        return _ask(request, ticket, message, form, status=409)
    if form.is_valid():
        try:
            address = _write(request, ticket, message, form)
        except UnableTo as refusal:
            form.add_error("address", refusal_words(refusal, form.cleaned_data["address"]))
        else:
            messages.success(request, _("Forwarded to %(address)s.") % {"address": form.cleaned_data["address"]})
            return redirect(address)
    return _ask(request, ticket, message, form, status=422)


@for_ticket("POST")
def take_back(request: HttpRequest, ticket: Ticket, message_id: int) -> HttpResponse:
    """Cancel a forward that is not sent yet; its text becomes the author's draft."""
    rows = Forward.objects.filter(message=message_id, message__ticket=ticket)
    sent = rows.select_related("message__ticket__desk", "message__author", "source").first()
    if sent is None:
        raise Http404
    page = reverse("workspace:ticket", args=[ticket.key])
    try:
        with transaction.atomic():
            values = _as_begun(sent)
            take_back_forward(actor=actor_of(request), at=timezone.now(), forward=sent)
            if sent.source is not None and sent.message.author is not None:
                at, place = timezone.now(), _place(sent.source)
                keep_draft(person=sent.message.author, at=at, place=place, words=values, files={}, by=Hand())
    except UnableTo as refusal:
        messages.error(request, refusal_words(refusal))
        return redirect(f"{page}#message-{message_id}")
    if sent.source is None or not is_forwardable(sent.source) or sent.message.author_id != person_of(request).pk:
        messages.success(request, _("Not sent."))
        return redirect(f"{page}#message-{message_id}")
    messages.success(request, _("Not sent. Your words are here again."))
    return redirect("workspace:forward", ticket.key, sent.source.pk)


def _as_begun(forward: Forward) -> dict[str, list[str]]:
    """Return posted values that fill in the form of this forward again."""
    digests = forward.message.attachments.values("digest")
    chosen = forward.source.attachments.filter(digest__in=digests, folded=False) if forward.source is not None else ()
    return {"address": [forward.address], "comment": [forward.message.text], "file": [str(file.pk) for file in chosen]}


def _mark(message: Message) -> str:
    """Return a hash of what the page shows of the message."""
    files = [f"{file.pk} {file.name}" for file in _files(message)]
    return hashlib.sha256("\n".join([plain_words(message), *files]).encode()).hexdigest()[:32]


def _content(_request: HttpRequest, _ticket: Ticket, message: Message, form: ForwardForm) -> list[str]:
    typed = form.cleaned_data
    return [str(message.pk), typed["address"], typed["comment"], *map(str, typed["file"])]


@once(_content)
def _write(request: HttpRequest, ticket: Ticket, message: Message, form: ForwardForm) -> str:
    typed, at = form.cleaned_data, timezone.now()
    with transaction.atomic():
        forward = forward_message(
            actor=actor_of(request),
            at=at,
            message=message,
            address=typed["address"],
            words=written(typed["comment"]),
            said=plain_words(message),
            files=typed["file"],
        )
        settle_posted(person=person_of(request), at=at, place=_place(message), post=request.POST)
    return f"{reverse('workspace:ticket', args=[ticket.key])}#message-{forward.message_id}"


def _begun(request: HttpRequest, message: Message) -> ForwardForm:
    """Return the form with the draft; without one, all files are selected, and for an internal message the sender of
    its mail is the recipient."""
    draft = draft_at(person_of(request), _place(message))
    chosen: Any = draft.words.get("file") if draft is not None and draft.words else None
    if chosen is None:
        chosen = [file.pk for file in _files(message) if draft is None or not draft.words]
    known = getattr(message, "from_address", "") if message.kind == Message.Kind.INTERNAL else ""
    initial = {
        "address": said_in(draft, "address") or known or "",
        "comment": said_in(draft, "comment"),
        "file": chosen,
    }
    return ForwardForm(initial=initial, files=_files(message))


def _files(message: Message) -> list[Any]:
    return [file for file in message.attachments.all() if not file.folded]


def _place(message: Message) -> Place:
    return Place(Draft.Kind.FORWARD, message.pk, message.ticket_id)


def _message_or_404(request: HttpRequest, ticket: Ticket, message_id: int) -> Message:
    readable = readable_messages(person_of(request), ticket, as_agent=True).filter(pk=message_id)
    readable = readable.annotate(from_address=F("inbound__from_address"))
    message = readable.select_related("author").prefetch_related("attachments").first()
    if message is None or not is_forwardable(message):
        raise Http404
    return message


def _ask(
    request: HttpRequest, ticket: Ticket, message: Message, form: ForwardForm, *, status: int = 200
) -> HttpResponse:
    person, place = person_of(request), _place(message)
    if form.is_bound:
        draft = keep_posted(person=person, at=timezone.now(), place=place, post=request.POST)
    else:
        draft = draft_at(person, place)
    chosen = {str(number) for number in form["file"].value() or []}
    context = {
        "ticket": ticket,
        "message": message,
        "said": plain_words(message),
        "shown": _mark(message),
        "form": form,
        "files": [(file.pk, file_link(file), str(file.pk) in chosen) for file in _files(message)],
        "nonce": request.POST.get("nonce") or new_nonce(),
        "draft": part_of(person, place, draft, restored=not form.is_bound),
    }
    return render(request, "workspace/forward.html", context, status=status)
