"""Write a comment on a ticket («Прокомментировать запрос…»), and preview it."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.core.idempotency import once
from otklik.core.upload_views import takes_files
from otklik.portal.forms.ticket import CommentForm
from otklik.portal.view_access import actor_of, for_persons, for_ticket, person_of
from otklik.portal.views.card import refused, settled, show_card
from otklik.tickets.access import is_agent_of
from otklik.tickets.answers.files import owner_of
from otklik.tickets.commands.base import require_involved
from otklik.tickets.commands.comment import comment as add_comment
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import NewFile, written
from otklik.tickets.models import Message, Ticket
from otklik.tickets.refusals import TicketRefusal
from otklik.tickets.reopen_window import closed_for_long
from otklik.ui.markup import words_html
from otklik.ui.refusal_words import refusal_words


@for_ticket("POST")
@takes_files
def comment(request: HttpRequest, ticket: Ticket) -> HttpResponseBase:
    """Add a public comment, once even if it is posted twice. 422 with the text if it is refused. `preview`: only show
    it.

    On a ticket closed too long ago, it opens a new linked ticket, as a mail would.
    """
    form = CommentForm(request.POST, request.FILES, owner=owner_of(person_of(request)))
    if not form.is_valid():
        return refused(request, ticket, form)
    if "preview" in request.POST:
        return show_card(request, ticket, comment=form, preview=_shown(form.cleaned_data["comment"]))
    try:
        place = _say(request, ticket, form)
    except UnableTo as error:
        form.add_error("comment", refusal_words(error))
        return refused(request, ticket, form)
    return redirect(place)


@for_persons("POST")
def preview(request: HttpRequest) -> HttpResponse:
    """Render text for the preview of any composer. Pictures are shown by name, as they are not uploaded yet."""
    return HttpResponse(_shown(request.POST.get("comment", "") or request.POST.get("description", "")))


def _shown(text: str) -> str:
    return f'<div class="prose">{words_html(text, Message.Markup.TYPED)}</div>' if text.strip() else ""


def _content(
    _request: HttpRequest, ticket: Ticket, text: str, files: list[NewFile], _at: datetime, *, late: bool
) -> list[str]:
    return [f"comment {ticket.pk}", text, *(f"{file.name} {file.digest}" for file in files)]


@once(_content)
def _write(request: HttpRequest, ticket: Ticket, text: str, files: list[NewFile], at: datetime, *, late: bool) -> str:
    act = _open_beside if late else _add
    return settled(request, ticket, act(request, ticket, text, files, at))


def _say(request: HttpRequest, ticket: Ticket, form: CommentForm) -> str:
    at, cleaned = timezone.now(), form.cleaned_data
    late = closed_for_long(ticket, at) and not is_agent_of(person_of(request), ticket)
    place = _write(request, ticket, cleaned["comment"], cleaned["attachments"], at, late=late)
    opened = _("A new request is opened, linked to the one that is closed.")
    messages.success(request, opened if late else _("Your comment is added."))
    return place


def _add(request: HttpRequest, ticket: Ticket, text: str, files: list[NewFile], at: datetime) -> str:
    message = add_comment(actor=actor_of(request), at=at, ticket=ticket, words=written(text), files=files)
    return f"{reverse('portal:card', args=[ticket.desk_id, ticket.key])}#message-{message.pk}"


def _open_beside(request: HttpRequest, ticket: Ticket, text: str, files: list[NewFile], at: datetime) -> str:
    actor = actor_of(request)
    require_involved(actor, ticket)
    if not text.strip() and not files:
        raise UnableTo(TicketRefusal.NOTHING_WRITTEN)
    new = open_ticket(
        actor=actor,
        at=at,
        desk=ticket.desk,
        channel=Ticket.Channel.PORTAL,
        subject=ticket.subject,
        words=written(text),
        requester=actor.person,
        request_type=ticket.request_type,
        files=files,
        related=ticket,
        why=_("The request %(key)s has been closed for long.") % {"key": ticket.key},
    )
    return reverse("portal:card", args=[new.desk_id, new.key])
