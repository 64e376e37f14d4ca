"""A queue, and what is new in it."""

from datetime import datetime
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from otklik.desks.desk_snapshot import QueueLine
from otklik.desks.models import Desk
from otklik.desks.queries import asked_fields
from otklik.workspace.back_links import remember_queue
from otklik.workspace.counts import changed
from otklik.workspace.desk_context import Standing, standing
from otklik.workspace.entrance import for_desk
from otklik.workspace.forms.queue_filter import AnswersFilter
from otklik.workspace.fragments import fragment
from otklik.workspace.pages.list_news import Changes, list_news, shown_in
from otklik.workspace.pages.queue import Narrowing, allowed_order, narrowing, page_number, queue_page
from otklik.workspace.pages.rows import plain_columns
from otklik.workspace.queries import queue_tickets
from otklik.workspace.views.list_news import news_answer

TEMPLATE = "workspace/queue.html"


@for_desk("GET")
def queue(request: HttpRequest, desk: Desk, queue_id: int) -> HttpResponse:
    """The queue's tickets; for htmx the part of the page below the title."""
    stands = standing(request)
    chosen_queue = stands.queue(desk, queue_id)
    if chosen_queue is None:
        raise Http404
    page = queue_page(stands=stands, desk=desk, queue=chosen_queue, query=request.GET, at=timezone.now())
    remember_queue(request, chosen_queue, page.here)
    if request.headers.get("HX-Request"):
        return fragment(TEMPLATE, "rows", {"page": page})
    return render(request, TEMPLATE, {"page": page})


@for_desk("GET")
def news(request: HttpRequest, desk: Desk, queue_id: int) -> HttpResponse:
    """What changed in the queue's list; nothing moves until the agent asks for it. 204 while the page shows (`shows`)
    just these changes."""
    stands = standing(request)
    chosen_queue = stands.queue(desk, queue_id)
    if chosen_queue is None:
        raise Http404
    only = narrowing(desk, request.GET)

    def newest(since: datetime, most: int) -> Changes:
        return _newest(stands, desk, chosen_queue, only, since, most)

    happened = list_news(stands, shown_in(request.GET), newest)
    url = f"/projects/{desk.key}/queues/custom/{queue_id}"
    title = f"{chosen_queue.label} · {desk.key}"
    columns = plain_columns(chosen_queue.columns)
    return news_answer(request, happened, columns, back=_back(request, url, only), path=url, title=title)


def _newest(
    stands: Standing, desk: Desk, queue: QueueLine, only: Narrowing, since: datetime, most: int
) -> list[tuple[int, datetime]]:
    """The newest changes in what the page shows: ids of tickets and times."""
    if not only.criteria:
        return changed(stands.person, desk.pk, stands.parts[desk.pk], queue, since, most)
    narrowed = queue_tickets(stands, desk, queue, only.criteria).filter(updated_at__gt=since)
    return list(narrowed.order_by("-updated_at", "id").values_list("pk", "updated_at")[:most])


@for_desk("GET")
def answers_filter(request: HttpRequest, desk: Desk, queue_id: int) -> HttpResponse:
    """Which answers the queue's tickets shall have; sent, the queue with nothing but those, or 422."""
    chosen_queue = standing(request).queue(desk, queue_id)
    if chosen_queue is None:
        raise Http404
    form = AnswersFilter(asked_fields(desk), request.GET)
    criteria, url = form.criteria(), reverse("workspace:queue", args=[desk.key, queue_id])
    if "apply" in request.GET and not form.errors:
        return redirect(f"{url}?{urlencode(form.words(), doseq=True)}" if criteria else url)
    context = {"form": form, "desk": desk, "queue": chosen_queue, "url": url}
    return render(request, "workspace/queue_filter.html", context, status=422 if form.errors else 200)


def _back(request: HttpRequest, url: str, only: Narrowing) -> str:
    """The page that asks, rebuilt from its checked words."""
    sort, page = allowed_order(request.GET.get("sort", "")), page_number(request.GET.get("page", ""))
    words = {**({"sort": sort} if sort else {}), **only.words, **({"page": str(page)} if page > 1 else {})}
    return url + (f"?{urlencode(words, doseq=True)}" if words else "")
