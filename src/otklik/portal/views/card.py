"""The ticket card."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from otklik.core.idempotency import new_nonce
from otklik.people.models import Person
from otklik.portal.forms.ticket import CommentForm, ShareForm
from otklik.portal.pages.activity import Entry, MessageEntry
from otklik.portal.pages.approvals import Refused
from otklik.portal.pages.request_detail import Card, card_page
from otklik.portal.view_access import for_ticket, person_of
from otklik.tickets.answers.files import owner_of
from otklik.tickets.commands.drafts import Place
from otklik.tickets.drafts import Begun, files_of, said_in
from otklik.tickets.models import Draft, Ticket
from otklik.tickets.read_marks import look
from otklik.ui.conversation_paging import conversation_page, window_of
from otklik.ui.drafts_after_login import bring, keep_posted, settle_posted

COMMENT = Draft.Kind.COMMENT

# Session key of the ticket that the reader has just closed; its card offers to reopen it.
CLOSED = "closed_now"


@for_ticket("GET")
def card(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """Show the ticket, and mark it as read."""
    shown = show_card(request, ticket)
    look(person=person_of(request), ticket=ticket, at=timezone.now())
    return shown


def show_card(
    request: HttpRequest,
    ticket: Ticket,
    *,
    comment: CommentForm | None = None,
    share: ShareForm | None = None,
    preview: str = "",
    rated: str = "",
    refused: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render the card with its drafts, or with refused forms."""
    person, at = person_of(request), timezone.now()
    begun = begun_on(request, person, ticket, at)
    page = card_page(person, ticket, at, begun, rated=rated, refused=refused, window=window_of(request))
    closed = request.session.pop(CLOSED, "") == ticket.key
    writing = _writing(request, page, begun, share=share, rated=rated, refused=refused)
    context = {
        **folded(page, request),
        "writing": writing,
        "carrier": _carrier(page, writing),
        "undo": next((act for act in page.acts if act.reopens), None) if closed else None,
        "comment": comment or _begun(person, begun.row(COMMENT)),
        "share": share or ShareForm(),
        "preview": SafeString(preview),
        "draft": begun.part(COMMENT, restored=comment is None),
    }
    return render(request, "portal/card.html", context, status=status)


def folded(page: Card, request: HttpRequest) -> dict[str, Any]:
    """Return the context for the activity: the card with the entries to show, and what is folded."""
    window = window_of(request)
    paging = conversation_page(
        page.entries,
        window,
        message=lambda entry: entry.id if isinstance(entry, MessageEntry) else 0,
        drawn=lambda entry: not isinstance(entry, MessageEntry) or entry.drawn,
        is_pinned=lambda entry: _is_asked(page, entry),
    )
    return {"card": replace(page, entries=paging.shown), "paging": paging, "window": window}


def _is_asked(page: Card, entry: Entry) -> bool:
    """Return whether it is the question that the card's header links to."""
    return isinstance(entry, MessageEntry) and entry.id == page.now.question_id


def _writing(
    request: HttpRequest,
    card: Card,
    begun: Begun,
    *,
    share: ShareForm | None,
    rated: str,
    refused: Refused | None,
) -> str:
    """Return which form is open in browsers without scripts.

    A refused form, the one that the URL asks for, otherwise a pending approval or the comment.
    """
    if share is not None or rated or refused is not None:
        return "share" if share is not None else "rating" if rated else "approval"
    wanted = request.GET.get("write", "")
    if card.can_write and wanted in {"comment", "share"}:
        return wanted
    if wanted == "rating" and card.rating is not None and card.rating.open:
        return wanted
    if wanted == "approval" and _awaited(card):
        return wanted
    return "approval" if _awaited(card) and begun.row(COMMENT) is None else "comment"


def _carrier(card: Card, writing: str) -> str:
    """Return the id of the form that other buttons submit along (the template tag `carried`), "" for none."""
    if not card.can_write:
        return ""
    ids = {"comment": "comment", "rating": "rating-form", "approval": f"answer-{_awaited(card)}"}
    return ids.get(writing, "")


def _awaited(card: Card) -> int:
    """Return the id of the approval that waits for the reader, 0 for none."""
    return next((block.id for block in card.approvals if block.approve_url), 0)


def refused(request: HttpRequest, ticket: Ticket, comment: CommentForm) -> HttpResponse:
    """Show the card with a refused comment, which becomes the draft. 422."""
    person, place = person_of(request), comment_place(ticket)
    files = comment.kept_files()
    keep_posted(person=person, at=timezone.now(), place=place, post=request.POST, uploaded=files)
    return show_card(request, ticket, comment=comment, status=422)


def settled(request: HttpRequest, ticket: Ticket, result: str = "") -> str:
    """Remove the draft of the comment that was sent. Returns `result`."""
    settle_posted(person=person_of(request), at=timezone.now(), place=comment_place(ticket), post=request.POST)
    return result


def begun_on(request: HttpRequest, person: Person, ticket: Ticket, at: datetime) -> Begun:
    """Return the reader's drafts on the card, including what was typed before the login."""
    card_url = reverse("portal:card", args=[ticket.desk_id, ticket.key])
    bring(request.session, person=person, at=at, page=card_url, place=comment_place(ticket))
    return Begun(person, ticket)


def comment_place(ticket: Ticket) -> Place:
    """Return the place of the draft of the card's comment."""
    return Place(COMMENT, ticket.pk, ticket.pk)


def _begun(person: Person, draft: Draft | None) -> CommentForm:
    texts, files = {"comment": said_in(draft, "comment")}, files_of(draft).get("attachments", [])
    return CommentForm(initial={**texts, "nonce": new_nonce()}, owner=owner_of(person), kept=files)
