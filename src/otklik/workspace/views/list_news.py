"""The answer to an open list that asks what is new."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from otklik.workspace.desk_context import Standing, standing
from otklik.workspace.htmx_fragments import fragment
from otklik.workspace.pages.list_news import ListNews, Shown, is_minute
from otklik.workspace.sidebar import clock_digest, sidebar, unassigned_total

TEMPLATE = "workspace/_list.html"


def news_answer(
    request: HttpRequest, news: ListNews, shown: Shown, *, back: str, path: str, title: str
) -> HttpResponse:
    """Answer the poll of an open list: 204 if nothing changed, otherwise the bar, changed rows and the sidebar.

    `back`: the list's own URL; `path`: the page's. If only time has changed counts, the sidebar alone is sent, checked
    once a minute.
    """
    stands = standing(request)
    if shown.marker == news.marker:
        return _side_numbers(stands, shown, path)
    context = {"news": news, "back": back, "title": title, "frame": {}}
    if news:
        desks = sidebar(stands, path)
        context["clock"] = clock_digest(stands)
        context["frame"] = {"desks": desks, "waiting": unassigned_total(desks), "site_name": settings.SITE_NAME}
    return fragment(TEMPLATE, "news", context)


def _side_numbers(stands: Standing, shown: Shown, path: str) -> HttpResponse:
    """Return the sidebar alone if its counts differ from those on the page; otherwise 204."""
    # Pages without queues that depend on the time send no digest.
    if not shown.side or not is_minute(shown) or (clock := clock_digest(stands)) == shown.side:
        return HttpResponse(status=204)
    context = {"frame": {"desks": sidebar(stands, path)}, "clock": clock}
    return HttpResponse(render_to_string("workspace/_side_numbers.html", context), headers={"HX-Reswap": "none"})
