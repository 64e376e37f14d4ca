"""A queue, and what is new in it."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.core.statement_timeout import StatementTimedOut
from otklik.desks.desk_snapshot import QueueLine
from otklik.desks.models import Desk
from otklik.tickets.jql.moments import follows_clock
from otklik.tickets.jql.stored_form import parsed
from otklik.workspace.back_links import remember_queue
from otklik.workspace.desk_context import standing
from otklik.workspace.htmx_fragments import fragment, whole_page
from otklik.workspace.list_look import look_of
from otklik.workspace.pages.list_columns import ListColumns, list_columns
from otklik.workspace.pages.list_news import Changes, list_news, shown_in
from otklik.workspace.pages.queue import address, allowed_order, page_number, queue_page
from otklik.workspace.queue_counts import changed_since, first_shown
from otklik.workspace.queue_links import queue_url
from otklik.workspace.queue_texts import export_url, filter_url
from otklik.workspace.view_access import for_agents, for_desk
from otklik.workspace.views.list_news import news_answer
from otklik.workspace.views.queue_removal import deleted_queue

TEMPLATE = "workspace/queue.html"


@for_desk("GET")
def queue(request: HttpRequest, desk: Desk, queue_id: int) -> HttpResponse:
    """Show the desk's queue; htmx gets the part below the title."""
    return _queue(request, desk, queue_id)


@for_agents("GET")
def beside_queue(request: HttpRequest, queue_id: int) -> HttpResponse:
    """`queue` for a queue without a desk."""
    return _queue(request, None, queue_id)


@for_desk("GET")
def news(request: HttpRequest, desk: Desk, queue_id: int) -> HttpResponse:
    """Return what changed in the queue's list, without moving rows. 204 if the page shows it already (`shows`)."""
    return _news(request, desk, queue_id)


@for_agents("GET")
def beside_news(request: HttpRequest, queue_id: int) -> HttpResponse:
    """`news` for a queue without a desk."""
    return _news(request, None, queue_id)


@for_desk("GET")
def as_filter(request: HttpRequest, desk: Desk, queue_id: int) -> HttpResponse:
    """Redirect to the filter page with the queue's text; with `export`, to the page that exports it."""
    return _as_filter(request, desk, queue_id)


@for_agents("GET")
def beside_as_filter(request: HttpRequest, queue_id: int) -> HttpResponse:
    """`as_filter` for a queue without a desk."""
    return _as_filter(request, None, queue_id)


def _as_filter(request: HttpRequest, desk: Desk | None, queue_id: int) -> HttpResponse:
    stands, queue = standing(request), _chosen(request, desk, queue_id)
    # In the order in which the reader sees the list.
    order = allowed_order(request.GET.get("sort", "")) or allowed_order(look_of(stands.person, queue.id).sorting)
    if "export" in request.GET:
        return redirect(export_url(stands, desk, queue, request.GET["export"], timezone.now(), order))
    return redirect(filter_url(stands, desk, queue, request.GET, timezone.now(), order))


def _chosen(request: HttpRequest, desk: Desk | None, queue_id: int) -> QueueLine:
    queue = standing(request).queue(desk, queue_id)
    if queue is None:
        raise Http404
    return queue


def _queue(request: HttpRequest, desk: Desk | None, queue_id: int) -> HttpResponse:
    stands = standing(request)
    queue = stands.queue(desk, queue_id)
    if queue is None:
        return deleted_queue(request, desk, queue_id)
    if any(name.startswith("customfield_") for name in request.GET):
        # URLs from before the filter language narrowed queues by form answers.
        return redirect(filter_url(stands, desk, queue, request.GET, timezone.now()))
    page = queue_page(stands=stands, desk=desk, queue=queue, query=request.GET, at=timezone.now())
    remember_queue(request, queue, page.here)
    if request.headers.get("HX-Request"):
        return whole_page() if page.mistake else fragment(TEMPLATE, "rows", {"page": page})
    return render(request, TEMPLATE, {"page": page})


def _news(request: HttpRequest, desk: Desk | None, queue_id: int) -> HttpResponse:
    stands, queue = standing(request), _chosen(request, desk, queue_id)
    shown = shown_in(request.GET)

    def newest(since: datetime, most: int) -> Changes:
        return changed_since(stands.person, stands.read(queue), since, most, timezone.now())

    def columns() -> ListColumns:
        desks = [desk.pk] if desk else stands.desk_ids
        return list_columns(desks, look_of(stands.person, queue.id).columns or queue.columns)

    def timed() -> Changes | None:
        if page_number(request.GET.get("page", "")) > 1 or not follows_clock(parsed(queue.jql)):
            return None
        order = allowed_order(request.GET.get("sort", "")) or allowed_order(look_of(stands.person, queue.id).sorting)
        return first_shown(stands.person, stands.read(queue), order, timezone.now())

    try:
        happened = list_news(stands, shown, newest, columns, timed)
    except StatementTimedOut:
        # 286 ends the polling, because it is too slow to be repeated.
        return HttpResponse(_("This list does not renew itself: the filter takes too long."), status=286)
    except UnableTo:
        return HttpResponse(status=204)
    key = desk.key if desk else ""
    title = f"{queue.label} · {key}" if key else queue.label
    back, url = _back(request, queue, key), queue_url(queue, key)
    return news_answer(request, happened, shown, back=back, path=url, title=title)


def _back(request: HttpRequest, queue: QueueLine, desk_key: str) -> str:
    """Rebuild the page's URL from validated parameters."""
    sort, page = allowed_order(request.GET.get("sort", "")), page_number(request.GET.get("page", ""))
    params = {**({"sort": sort} if sort else {}), **({"page": str(page)} if page > 1 else {})}
    return address(queue_url(queue, desk_key), params)
