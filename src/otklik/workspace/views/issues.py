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
from otklik.core.statement_timeout import StatementTimedOut
from otklik.desks.models import Desk
from otklik.tickets.jql.errors import BadJql
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.suggest import suggest
from otklik.workspace.back_links import remember_filter
from otklik.workspace.chips.editor import Editor
from otklik.workspace.desk_context import standing
from otklik.workspace.htmx_fragments import fragment, whole_page
from otklik.workspace.jira_filters import OPEN, built_in, number_of
from otklik.workspace.new_queue_session import stored_form
from otklik.workspace.pages.issues import first_found, issues_page, list_address, listed_for, newest_found
from otklik.workspace.pages.list_columns import ListColumns
from otklik.workspace.pages.list_news import Changes, list_news, shown_in
from otklik.workspace.pages.queue import page_number
from otklik.workspace.view_access import for_agents, for_desk, person_of
from otklik.workspace.views.list_news import news_answer

TEMPLATE = "workspace/issues.html"

# Whether this browser hides the text of filters.
FOLDED_COOKIE = "otklik_filter_text"


@for_agents("GET")
def issues(request: HttpRequest) -> HttpResponse:
    """Show the filter and its result. 422 if it is invalid or too slow."""
    if not request.GET.get("jql") and "filter" in request.GET:
        return _saved(request, request.GET["filter"])
    return filter_page(request, None)


@for_desk("GET")
def desk_issues(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Redirect Jira's page of a project's issues to the list of its filter, without one to the desk's open tickets."""
    if jql := request.GET.get("jql"):
        return redirect(list_address(jql, 1))
    return _saved(request, request.GET.get("filter") or OPEN, desk)


@for_agents("GET")
def beside_list(request: HttpRequest, key: str, desk_key: str = "") -> HttpResponse:
    """Redirect Jira's URL of an issue beside a list to the ticket."""
    return redirect("workspace:ticket", key=key)


def filter_page(request: HttpRequest, editor: Editor | None, *, missing: str = "") -> HttpResponse:
    """Render the page, with a chip's form if one is open; htmx gets only the list.

    `missing`: the number of a filter that does not exist; the page says so, with 404.
    """
    page = issues_page(standing(request), request.GET, timezone.now())
    if page.here:
        remember_filter(request, page.here)
    if request.headers.get("HX-Request") and (page.pages or editor is None):
        return fragment(TEMPLATE, "rows", {"page": page}) if page.pages else whole_page()
    folded = request.COOKIES.get(FOLDED_COOKIE) == "folded"
    unfinished = stored_form(request, timezone.now())
    context = {
        "page": page,
        "editor": editor,
        "folded": folded and page.chips_suffice,
        "made": unfinished,
        "made_url": unfinished.form_url(jql=page.jql) if unfinished else "",
        "missing": missing,
    }
    mistake = page.mistake or (editor and editor.error)
    return render(request, TEMPLATE, context, status=404 if missing else 422 if mistake else 200)


@for_agents("GET")
def news(request: HttpRequest) -> HttpResponse:
    """Return what changed in a filter's list.

    286, which ends htmx polling, if the filter is too slow to be polled or no longer valid.
    """
    stands, at, jql = standing(request), timezone.now(), request.GET.get("jql", "").strip()
    shown = shown_in(request.GET)

    def newest(since: datetime, most: int) -> Changes:
        return newest_found(stands, jql, at, since, most)

    def columns() -> ListColumns:
        return listed_for(stands, jql, at)

    def timed() -> Changes | None:
        return first_found(stands, jql, at) if page_number(request.GET.get("page", "")) == 1 else None

    try:
        happened = list_news(stands, shown, newest, columns, timed)
    except BadJql:
        return HttpResponse(status=286)
    except StatementTimedOut:
        return HttpResponse(_("This list does not renew itself: the filter takes too long."), status=286)
    back = list_address(jql, page_number(request.GET.get("page", "")))
    path = reverse("workspace:issues")
    return news_answer(request, happened, shown, back=back, path=path, title=_("Filter"))


@for_agents("GET")
def suggestions(request: HttpRequest) -> JsonResponse:
    """Return completions for the text `jql` at the offset `at`: {"begin", "options": [{"label", "insert"}]}."""
    at = request.GET.get("at", "")
    place = int(at) if at.isascii() and at.isdigit() and len(at) < 6 else 0
    completions = suggest(request.GET.get("jql", ""), place, Asker(person_of(request), timezone.now(), at_work=True))
    return JsonResponse({"begin": completions.begin, "options": [asdict(option) for option in completions.options]})


def _saved(request: HttpRequest, name: str, desk: Desk | None = None) -> HttpResponse:
    """Redirect to the queue with this id, as URLs of Jira's saved filters name it, or to a built-in filter of Jira."""
    stands, number = standing(request), number_of(name)
    wanted = typed_id(number)
    queue = next((queue for queue in stands.queues if queue.id == wanted), None) if wanted else None
    if queue is not None:
        return redirect(stands.queue_url(queue))
    text = built_in(number, desk.key if desk else "")
    return redirect(list_address(text, 1)) if text else filter_page(request, None, missing=number[:20])


@for_agents("GET")
def navigator(request: HttpRequest) -> HttpResponse:
    """Redirect the URL of older Jira versions, which have the text in `jqlQuery`."""
    jql = request.GET.get("jqlQuery", request.GET.get("jql", ""))
    if not jql and "filter" in request.GET:
        return _saved(request, request.GET["filter"])
    query = f"?{urlencode({'jql': jql})}" if jql else ""
    return redirect(reverse("workspace:issues") + query)
