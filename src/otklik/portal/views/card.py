"""The card of one request."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString

from otklik.core.once import new_nonce
from otklik.portal import drafts
from otklik.portal.entrance import for_ticket, person_of
from otklik.portal.forms.ticket import CommentForm, ShareForm
from otklik.portal.pages.approvals import Refused
from otklik.portal.pages.card import card_page
from otklik.tickets.answers.files import owner_of
from otklik.tickets.models import Ticket
from otklik.tickets.seen import look


@for_ticket("GET")
def card(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """Subject, status, activity, details, people. What is on it now is not new to the reader any more."""
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
    """The card with empty forms, or with those that were refused."""
    context = {
        "card": card_page(person_of(request), ticket, timezone.now(), rated=rated, refused=refused),
        "comment": comment or _empty(request),
        "share": share or ShareForm(),
        "preview": SafeString(preview),
    }
    return render(request, "portal/card.html", context, status=status)


def _empty(request: HttpRequest) -> CommentForm:
    """An empty box; what was typed before the login stands in it."""
    begun = {**drafts.taken(request, request.path), "nonce": new_nonce()}
    return CommentForm(initial=begun, owner=owner_of(person_of(request)))
