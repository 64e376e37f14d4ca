"""The ticket page, and what is new on it."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.utils import timezone

from otklik.core.typed import typed_id
from otklik.tickets.access import ticket_at, ticket_for_customer
from otklik.tickets.answers.files import owner_of
from otklik.tickets.models import Ticket
from otklik.tickets.timeline import news_for, worded
from otklik.workspace.deliveries import refusing, with_deliveries
from otklik.workspace.entrance import for_ticket, login_first, person_of
from otklik.workspace.forms.message import MessageForm
from otklik.workspace.fragments import fragment
from otklik.workspace.pages.entries import event_entry
from otklik.workspace.pages.pending import pending_of
from otklik.workspace.pages.ticket import ticket_page
from otklik.workspace.standing import standing
from otklik.workspace.steps import way_back

TEMPLATE = "workspace/ticket.html"


def ticket(request: HttpRequest, key: str) -> HttpResponseBase:
    """Staff: the ticket page. A customer who may see it: the portal's card. Everybody else: 404 for every method."""
    if not request.user.is_authenticated:
        return login_first(request)
    worked = ticket_at(standing(request).desks, key)
    seen = worked or ticket_for_customer(request.user, key)
    if seen is None:
        raise Http404
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    if worked is None:
        return redirect(f"/servicedesk/customer/portal/{seen.desk_id}/{seen.key}")
    return show(request, worked)


def show(
    request: HttpRequest,
    ticket: Ticket,
    *,
    reply: MessageForm | None = None,
    note: MessageForm | None = None,
    status: int = 200,
    fresh_after: int | None = None,
) -> HttpResponse:
    """The page, with what was typed where a form could not be accepted, and marks on what came after `fresh_after`."""
    page, at = ticket_page(stands=standing(request), ticket=ticket, fresh_after=fresh_after), timezone.now()
    owner = owner_of(person_of(request))
    waiting = pending_of(person=person_of(request), ticket=ticket, draft=request.GET.get("draft", ""), at=at)
    page.entries[:] = with_deliveries(ticket, page.entries)
    context = {
        "page": page,
        "refusing": refusing(one.address for one in page.participants),
        "waiting": waiting,
        "reply": reply or MessageForm(auto_id="reply_%s", initial=waiting.initial, owner=owner),
        "note": note or MessageForm(auto_id="note_%s", owner=owner),
        "writing_note": note is not None,
        "conflict": fresh_after is not None,
        "read_aloud": request.GET.get("created") == "phone",
        "back": way_back(request, ticket.desk),
    }
    return render(request, TEMPLATE, context, status=status)


@for_ticket("GET")
def news(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """A quiet line: what others did since the event `seen`. One indexed query when nothing happened."""
    after = typed_id(request.GET.get("seen", ""))
    events = worded(ticket.desk, news_for(person_of(request), ticket, after).order_by("id")[:20])
    messages = [event for event in events if event.kind in {"ticket.commented", "ticket.held"}]
    lines = [line for line in (event_entry(event) for event in events) if line is not None]
    context = {"ticket": ticket, "messages_count": len(messages), "lines": lines, "any": bool(events)}
    return fragment(TEMPLATE, "news", context)
