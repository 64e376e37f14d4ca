"""Write a public reply or an internal note. Two URLs, so that one can never become the other."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from otklik.core.date_inputs import moment_typed, next_day_at
from otklik.core.errors import UnableTo
from otklik.core.idempotency import once
from otklik.core.upload_views import takes_files
from otklik.desks.models import ReplyChoice
from otklik.desks.queries import hold_time
from otklik.tickets.answers.files import owner_of
from otklik.tickets.commands.base import ChangedMeanwhile
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.drafts import Place
from otklik.tickets.commands.pending import drop_draft, hold_reply, say
from otklik.tickets.content import NewFile, Recipients, written
from otklik.tickets.models import Draft, Message, PendingReply, Ticket
from otklik.ui.drafts_after_login import keep_posted, settle_posted
from otklik.ui.refusal_words import refusal_words
from otklik.workspace.forms.message import MessageForm
from otklik.workspace.forms.panel import seen_in
from otklik.workspace.pending import draft_of, kept_of, step_for
from otklik.workspace.reply_choice import keep_reply_choice, page_after_reply
from otklik.workspace.reply_warnings import warnings_about
from otklik.workspace.view_access import actor_of, for_ticket, person_of
from otklik.workspace.views.ticket import show

# The hour of the button that sends tomorrow.
MORNING = 9


@for_ticket("POST")
@takes_files
def reply(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """Write a public reply, which the requester and all participants can read."""
    return _say(request, ticket, Message.Kind.PUBLIC)


@for_ticket("POST")
@takes_files
def note(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """Write an internal note, which only the desk's staff can read."""
    return _say(request, ticket, Message.Kind.INTERNAL)


def _say(request: HttpRequest, ticket: Ticket, kind: str) -> HttpResponse:
    noting = kind == Message.Kind.INTERNAL
    owner = owner_of(person_of(request))
    form = MessageForm(_posted(request), request.FILES, auto_id="note_%s" if noting else "reply_%s", owner=owner)
    again = partial(_again, request, ticket, form, noting=noting)
    if form.is_valid() and not noting:
        form.warn(warnings_about(ticket, form.cleaned_data["comment"], form.cleaned_data["added"]))
    if not form.is_valid():
        return again(status=422)
    try:
        goal = "" if noting else page_after_reply(request, ticket, form.cleaned_data["after"])
        stands_at = _write(request, ticket, kind, form, *_sent(request, ticket, kind, form))
        return _onwards(request, ticket, stands_at, goal)
    except ChangedMeanwhile:
        ticket.refresh_from_db()
        # Ctrl+Enter then sends it: what is new stands right above.
        form.fields["comment"].widget.attrs["autofocus"] = True
        return again(status=409, fresh_after=form.cleaned_data["seen"] or 0)
    except UnableTo as refusal:
        form.add_error("comment", refusal_words(refusal))
        return again(status=422)


def _onwards(request: HttpRequest, ticket: Ticket, stands_at: str, goal: str) -> HttpResponse:
    """Redirect to what was written, or to the goal, where a message leads back to it."""
    if goal:
        link = format_html('<a href="{}">{}</a>', stands_at, ticket.key)
        waits = "#reply-" in stands_at
        words = _("Answered: {ticket}. There it can be undone until it goes.") if waits else _("Answered: {ticket}.")
        messages.success(request, format_html(words, ticket=link))
    return redirect(goal or stands_at)


def _posted(request: HttpRequest) -> QueryDict:
    """Return what was posted, with the time that the button "tomorrow" means: a refused reply keeps it."""
    if "tomorrow" not in request.POST:
        return request.POST
    post = request.POST.copy()
    post["send_at"] = moment_typed(next_day_at(MORNING, timezone.now()))
    return post


def _again(request: HttpRequest, ticket: Ticket, form: MessageForm, *, noting: bool, **how: Any) -> HttpResponse:
    """Show the page with the refused text, which is stored as the draft."""
    place, files = _place(ticket, noting=noting), form.kept_files()
    keep_posted(person=person_of(request), at=timezone.now(), place=place, post=_posted(request), uploaded=files)
    return show(request, ticket, note=form if noting else None, reply=None if noting else form, **how)


def _place(ticket: Ticket, *, noting: bool) -> Place:
    return Place(Draft.Kind.NOTE if noting else Draft.Kind.REPLY, ticket.pk, ticket.pk)


def _sent(
    request: HttpRequest, ticket: Ticket, kind: str, form: MessageForm
) -> tuple[list[NewFile], PendingReply | None]:
    """Return the files to send, and the draft that the reply was."""
    cleaned = form.cleaned_data
    draft = draft_of(person_of(request), ticket, cleaned["draft"]) if kind == Message.Kind.PUBLIC else None
    return [*kept_of(draft, cleaned["keep"]), *cleaned["attachments"]], draft


def _content(
    _request: HttpRequest, ticket: Ticket, kind: str, form: MessageForm, files: list[NewFile], _draft: object
) -> list[str]:
    cleaned = form.cleaned_data
    values = [cleaned["comment"], str(cleaned["step"] or ""), str(cleaned["send_at"] or "")]
    to = [*(f"-{left_out}" for left_out in sorted(cleaned["left_out"])), *(f"+{added}" for added in cleaned["added"])]
    return [ticket.key, kind, *values, *to, *(f"{file.name}/{file.digest}" for file in files)]


@once(_content)
def _write(
    request: HttpRequest, ticket: Ticket, kind: str, form: MessageForm, files: list[NewFile], draft: PendingReply | None
) -> str:
    with transaction.atomic():
        if draft is not None:
            drop_draft(actor=actor_of(request), reply=draft)
        if kind == Message.Kind.PUBLIC:
            anchor = _reply(request, ticket, form, files)
        else:
            anchor = _note(request, ticket, form, files)
        place = _place(ticket, noting=kind != Message.Kind.PUBLIC)
        settle_posted(person=person_of(request), at=timezone.now(), place=place, post=request.POST)
    return f"{reverse('workspace:ticket', args=[ticket.key])}#{anchor}"


def _note(request: HttpRequest, ticket: Ticket, form: MessageForm, files: list[NewFile]) -> str:
    note = comment(
        actor=actor_of(request),
        at=timezone.now(),
        ticket=ticket,
        words=written(form.cleaned_data["comment"]),
        kind=Message.Kind.INTERNAL,
        files=files,
        seen=seen_in(form),
    )
    return f"message-{note.pk}"


def _reply(request: HttpRequest, ticket: Ticket, form: MessageForm, files: list[NewFile]) -> str:
    """Send the reply at once if the desk holds nothing back; otherwise store it as pending."""
    typed, at = form.cleaned_data, timezone.now()
    step = step_for(ticket, typed["step"])
    keep_reply_choice(person_of(request), ticket.desk, step, typed["after"] or ReplyChoice.After.STAY)
    actor, words, seen = actor_of(request), written(typed["comment"]), seen_in(form)
    hold = hold_time(ticket.desk)
    to = Recipients(tuple(typed["left_out"]), tuple(typed["added"]))
    said: dict[str, Any] = {"words": words, "files": files, "step": step, "recipients": to, "seen": seen}
    if typed["send_at"] is None and not hold:
        return f"message-{say(actor=actor, at=at, ticket=ticket, **said).pk}"
    waiting = hold_reply(
        actor=actor,
        at=at,
        ticket=ticket,
        due_at=typed["send_at"] or at + hold,
        scheduled=typed["send_at"] is not None,
        unless_answered=typed["unless_answered"],
        **said,
    )
    return f"reply-{waiting.pk}"
