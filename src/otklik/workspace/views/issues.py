"""Tickets that a filter finds, at Jira's addresses of a search."""

from dataclasses import asdict
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.ids import typed_id
from otklik.core.statement_timeout import TookTooLong
from otklik.tickets.jql.asker import Asker
from otklik.tickets.jql.errors import BadJql
from otklik.tickets.jql.suggest import suggest
from otklik.workspace.back_links import remember_filter
from otklik.workspace.chips.editor import Editor
from otklik.workspace.desk_context import standing
from otklik.workspace.htmx_fragments import fragment, whole_page
from otklik.workspace.pages.issues import first_found, issues_page, list_address, listed_for, newest_found
from otklik.workspace.pages.list_columns import ListColumns
from otklik.workspace.pages.list_news import Changes, list_news, shown_in
from otklik.workspace.pages.queue import page_number
from otklik.workspace.queue_being_made import kept
from otklik.workspace.view_access import for_agents, person_of
from otklik.workspace.views.list_news import news_answer

TEMPLATE = "workspace/issues.html"

# Whether this browser shows the text only on request.
FOLDED_COOKIE = "otklik_filter_text"


@for_agents("GET")
def issues(request: HttpRequest) -> HttpResponse:
    """The box for the text, and what it finds; 422 for one that cannot be understood or takes too long."""
    if (queue := _queue_meant(request)) is not None:
        return queue
    return filter_page(request, None)


def filter_page(request: HttpRequest, editor: Editor | None) -> HttpResponse:
    """The page, with the form of a chip where one is open; htmx gets the list alone."""
    page = issues_page(standing(request), request.GET, timezone.now())
    if page.here:
        remember_filter(request, page.here)
    if request.headers.get("HX-Request") and (page.pages or editor is None):
        return fragment(TEMPLATE, "rows", {"page": page}) if page.pages else whole_page()
    folded = request.COOKIES.get(FOLDED_COOKIE) == "folded"
    made = kept(request, timezone.now())
    context = {
        "page": page,
        "editor": editor,
        "folded": folded and page.chips_suffice,
        "made": made,
        "made_url": made.form_url(jql=page.jql) if made else "",
    }
    wrong = page.mistake or (editor and editor.error)
    return render(request, TEMPLATE, context, status=422 if wrong else 200)


@for_agents("GET")
def news(request: HttpRequest) -> HttpResponse:
    """What changed in the list of a filter, as for a queue. 286, after which the page does not ask any more, where the
    filter takes too long to be asked again and again, or means nothing any more."""
    stands, at, jql = standing(request), timezone.now(), request.GET.get("jql", "").strip()

    def newest(since: datetime, most: int) -> Changes:
        return newest_found(stands, jql, at, since, most)

    def columns() -> ListColumns:
        return listed_for(stands, jql, at)

    def timed() -> Changes | None:
        return first_found(stands, jql, at) if page_number(request.GET.get("page", "")) == 1 else None

    try:
        happened = list_news(stands, shown_in(request.GET), newest, columns, timed)
    except BadJql:
        return HttpResponse(status=286)
    except TookTooLong:
        return HttpResponse(_("This list does not renew itself: the filter takes too long."), status=286)
    back = list_address(jql, page_number(request.GET.get("page", "")))
    path = reverse("workspace:issues")
    return news_answer(request, happened, back=back, path=path, title=_("Filter"))


@for_agents("GET")
def suggestions(request: HttpRequest) -> JsonResponse:
    """What may come at the cursor, `at`, in the text `jql`: {"begin", "options": [{"label", "insert"}]}."""
    at = request.GET.get("at", "")
    place = int(at) if at.isascii() and at.isdigit() and len(at) < 6 else 0
    found = suggest(request.GET.get("jql", ""), place, Asker(person_of(request), timezone.now(), at_work=True))
    return JsonResponse({"begin": found.begin, "options": [asdict(option) for option in found.options]})


def _queue_meant(request: HttpRequest) -> HttpResponse | None:
    """To the queue with the id `filter`, as Jira's saved filters are addressed."""
    stands, wanted = standing(request), typed_id(request.GET.get("filter", ""))
    queue = next((queue for queue in stands.queues if queue.id == wanted), None) if wanted else None
    return redirect(stands.queue_url(queue)) if queue is not None else None


@for_agents("GET")
def navigator(request: HttpRequest) -> HttpResponse:
    """The address of older Jiras, with its text under another name."""
    if (queue := _queue_meant(request)) is not None:
        return queue
    jql = request.GET.get("jqlQuery", request.GET.get("jql", ""))
    query = f"?{urlencode({'jql': jql})}" if jql else ""
    return redirect(reverse("workspace:issues") + query)
