"""Move a request to another desk, and take that back."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.core.ids import typed_id
from otklik.core.upload_views import takes_files
from otklik.desks.models import Desk
from otklik.desks.queries import hold_time
from otklik.desks.texts import name_of
from otklik.tickets.commands.move import Moved, move_back, move_ticket
from otklik.tickets.commands.stale_values import Shown
from otklik.tickets.models import Ticket
from otklik.tickets.refusals import TicketRefusal
from otklik.ui.refusal_words import refusal_words
from otklik.workspace.desk_context import standing
from otklik.workspace.htmx_fragments import fragment
from otklik.workspace.pages.desk_move import chosen_of, move_plan
from otklik.workspace.undo_offer import TakeBack, offer, sign_data, verified_data
from otklik.workspace.view_access import actor_of, for_ticket

TEMPLATE = "workspace/move_ticket.html"
UNTOLD = timedelta(minutes=1)
"""So long nobody is told of a move, at least: the page that follows it offers to take it back."""


@for_ticket("GET", "POST")
@takes_files
def move_to_desk(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """GET: choose the desk and preview the effects. POST: move, or revert a move. 422 if it is refused."""
    if request.method != "POST":
        return _page(request, ticket, request.GET.get("desk", ""))
    try:
        moved = _taken_back(request, ticket) if "stood" in request.POST else _moved(request, ticket)
    except UnableTo as refusal:
        return _page(request, ticket, request.POST.get("desk", ""), refusal_words(refusal))
    words = {"desk": name_of(moved.desk), "key": ticket.key, "now": moved.key}
    messages.success(request, _("The request was moved to “%(desk)s”: %(key)s is %(now)s now.") % words)
    return redirect("workspace:ticket", key=moved.key)


def _moved(request: HttpRequest, ticket: Ticket) -> Ticket:
    # The ticket's own desk too: the command refuses it with the reason.
    typed = request.POST.get("desk", "")
    desk = next((desk for desk in standing(request).desks if str(desk.pk) == typed), None)
    if desk is None:
        raise UnableTo(TicketRefusal.MOVED_ELSEWHERE)
    kind, status = chosen_of(ticket, desk, request.POST.get("request_type", ""), request.POST.get("status", ""))
    at, batch = timezone.now(), uuid4()
    actor = replace(actor_of(request), batch=batch, held_until=at + max(hold_time(desk), UNTOLD))
    shown = Shown(typed_id(request.POST["before"])) if "before" in request.POST else None
    moved = move_ticket(actor=actor, at=at, ticket=ticket, desk=desk, request_type=kind, status=status, shown=shown)
    offer(request, moved.ticket, _way_back(ticket, moved, batch))
    return moved.ticket


def _way_back(ticket: Ticket, moved: Moved, batch: UUID) -> TakeBack:
    now = moved.ticket
    state = {"ticket": now.pk, "version": now.version, "before": moved.before, "batch": str(batch)}
    return TakeBack(
        reverse("workspace:move_ticket", args=[now.key]),
        _("Moved by mistake? Mails about it wait for a minute."),
        _("Move it back to %(key)s") % {"key": ticket.key},
        {"stood": sign_data(state), "desk": str(moved.before["desk_id"])},
    )


def _taken_back(request: HttpRequest, ticket: Ticket) -> Ticket:
    state = verified_data(request.POST["stood"])
    if state["ticket"] != ticket.pk:
        raise UnableTo(TicketRefusal.FORMER_VALUE_GONE)
    actor, at, batch = actor_of(request), timezone.now(), UUID(state["batch"])
    before, version = state["before"], state["version"]
    return move_back(actor=actor, at=at, ticket=ticket, before=before, version=version, batch=batch)


def _chosen_desk(request: HttpRequest, ticket: Ticket, typed: str) -> Desk | None:
    """Return the agent's other desk with this id; the only other one if nothing is chosen; else None."""
    others = [desk for desk in standing(request).desks if desk.pk != ticket.desk_id]
    chosen = next((desk for desk in others if str(desk.pk) == typed), None)
    return others[0] if chosen is None and len(others) == 1 and not typed else chosen


def _page(request: HttpRequest, ticket: Ticket, typed: str, refusal: str = "") -> HttpResponse:
    params = request.POST if request.method == "POST" else request.GET
    desk = _chosen_desk(request, ticket, typed)
    plan = None
    if desk is not None:
        plan = move_plan(actor_of(request), ticket, desk, params.get("request_type", ""), params.get("status", ""))
    context = {
        "ticket": ticket,
        "desks": [desk for desk in standing(request).desks if desk.pk != ticket.desk_id],
        "plan": plan,
        "refusal": refusal,
    }
    if request.headers.get("HX-Request"):
        return fragment(TEMPLATE, "plan", {**context, "csrf_token": get_token(request)})
    return render(request, TEMPLATE, context, status=422 if refusal else 200)
