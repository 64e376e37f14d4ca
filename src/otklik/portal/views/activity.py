"""Polling endpoint for new activity on an open ticket card."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from otklik.portal.pages.activity import marker_of
from otklik.portal.pages.request_detail import card_page
from otklik.portal.view_access import for_ticket, person_of
from otklik.portal.views.card import folded
from otklik.tickets.drafts import Begun
from otklik.tickets.models import Ticket
from otklik.tickets.read_marks import look
from otklik.ui.conversation_paging import window_of


def activity(request: HttpRequest, desk_id: int, key: str) -> HttpResponseBase:
    """Return the activity if it changed since `?seen=…`, otherwise 204; also 204 once the session has ended."""
    if not request.user.is_authenticated:
        return HttpResponse(status=204)
    return _activity(request, desk_id=desk_id, key=key)


@for_ticket("GET")
def _activity(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    reader = person_of(request)
    if request.GET.get("seen", "") == marker_of(reader, ticket):
        return HttpResponse(status=204)
    now = timezone.now()
    look(person=reader, ticket=ticket, at=now)
    page = card_page(reader, ticket, now, Begun(reader, ticket), window=window_of(request))
    return render(request, "portal/news.html", folded(page, request))
