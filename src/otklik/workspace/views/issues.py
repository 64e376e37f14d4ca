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
from otklik.tickets.jql.errors import BadJql
from otklik.tickets.jql.evaluation_context import Asker
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

# Whether this browser hides the text of filters.
FOLDED_COOKIE = "otklik_filter_text"


@for_agents("GET")
def issues(request: HttpRequest) -> HttpResponse:
    """Show the filter and its result. 422 if it is invalid or too slow."""
    if (queue := _queue_meant(request)) is not None:
        return queue
    return filter_page(request, None)


def filter_page(request: HttpRequest, editor: Editor | None) -> HttpResponse:
    """Render the page, with a chip's form if one is open; htmx gets only the list."""
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
    """Return what changed in a filter's list.

    286, which ends htmx polling, if the filter is too slow to be polled or no longer valid.
    """
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
    """Return completions for the text `jql` at the offset `at`: {"begin", "options": [{"label", "insert"}]}."""
    at = request.GET.get("at", "")
    place = int(at) if at.isascii() and at.isdigit() and len(at) < 6 else 0
    found = suggest(request.GET.get("jql", ""), place, Asker(person_of(request), timezone.now(), at_work=True))
    return JsonResponse({"begin": found.begin, "options": [asdict(option) for option in found.options]})


def _queue_meant(request: HttpRequest) -> HttpResponse | None:
    """Redirect to the queue with the id `filter`, as URLs of Jira's saved filters name it; None if there is none."""
    stands, wanted = standing(request), typed_id(request.GET.get("filter", ""))
    queue = next((queue for queue in stands.queues if queue.id == wanted), None) if wanted else None
    return redirect(stands.queue_url(queue)) if queue is not None else None


@for_agents("GET")
def navigator(request: HttpRequest) -> HttpResponse:
    """Redirect the URL of older Jira versions, which have the text in `jqlQuery`."""
    if (queue := _queue_meant(request)) is not None:
        return queue
    jql = request.GET.get("jqlQuery", request.GET.get("jql", ""))
    query = f"?{urlencode({'jql': jql})}" if jql else ""
    return redirect(reverse("workspace:issues") + query)
