"""Send a message on to somebody who is not on the request."""

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
from otklik.tickets.commands.drafts import Place
from otklik.tickets.commands.forward import forward_message, is_forwardable
from otklik.tickets.content import written
from otklik.tickets.drafts import draft_at, part_of, said_in
from otklik.tickets.models import Draft, Message, Ticket
from otklik.ui.quoted import plain_words
from otklik.ui.refusal_words import refusal_words
from otklik.ui.unsent import bring, keep_posted, settle_posted
from otklik.workspace.entrance import actor_of, for_ticket, person_of
from otklik.workspace.forms.forward import ForwardForm
from otklik.workspace.pages.entries import file_link


@for_ticket("GET", "POST")
def forward(request: HttpRequest, ticket: Ticket, message_id: int) -> HttpResponse:
    """The address, own words and files above the message as it will be read; what was typed is a draft until it goes.

    422 where nothing was sent.
    """
    message = _message_or_404(request, ticket, message_id)
    if request.method != "POST":
        place = _place(message)
        bring(request.session, person=person_of(request), at=timezone.now(), page=request.path, place=place)
        return _ask(request, ticket, message, _begun(request, message))
    form = ForwardForm(request.POST, files=_files(message))
    if form.is_valid():
        try:
            address = _write(request, ticket, message, form)
        except UnableTo as refusal:
            form.add_error("address", refusal_words(refusal, form.cleaned_data["address"]))
        else:
            messages.success(request, _("Forwarded to %(address)s.") % {"address": form.cleaned_data["address"]})
            return redirect(address)
    return _ask(request, ticket, message, form, status=422)


def _content(_request: HttpRequest, _ticket: Ticket, message: Message, form: ForwardForm) -> list[str]:
    typed = form.cleaned_data
    return [str(message.pk), typed["address"], typed["comment"], *map(str, typed["file"])]


@once(_content)
def _write(request: HttpRequest, ticket: Ticket, message: Message, form: ForwardForm) -> str:
    typed, at = form.cleaned_data, timezone.now()
    with transaction.atomic():
        made = forward_message(
            actor=actor_of(request),
            at=at,
            message=message,
            address=typed["address"],
            words=written(typed["comment"]),
            said=plain_words(message),
            files=typed["file"],
        )
        settle_posted(person=person_of(request), at=at, place=_place(message), post=request.POST)
    return f"{reverse('workspace:ticket', args=[ticket.key])}#message-{made.message_id}"


def _begun(request: HttpRequest, message: Message) -> ForwardForm:
    """What was begun; else all files are chosen, and who is answered is the address."""
    row = draft_at(person_of(request), _place(message))
    chosen: Any = row.words.get("file") if row is not None and row.words else None
    if chosen is None:
        chosen = [file.pk for file in _files(message) if row is None or not row.words]
    known = getattr(message, "from_address", "") if message.kind == Message.Kind.INTERNAL else ""
    initial = {"address": said_in(row, "address") or known or "", "comment": said_in(row, "comment"), "file": chosen}
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
        row = keep_posted(person=person, at=timezone.now(), place=place, post=request.POST)
    else:
        row = draft_at(person, place)
    chosen = {str(one) for one in form["file"].value() or []}
    context = {
        "ticket": ticket,
        "message": message,
        "said": plain_words(message),
        "form": form,
        "files": [(file.pk, file_link(file), str(file.pk) in chosen) for file in _files(message)],
        "nonce": request.POST.get("nonce") or new_nonce(),
        "draft": part_of(person, place, row, restored=not form.is_bound),
    }
    return render(request, "workspace/forward.html", context, status=status)
