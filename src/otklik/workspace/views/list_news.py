"""The answer to an open list that asks what is new."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from otklik.workspace.desk_context import standing
from otklik.workspace.fragments import fragment
from otklik.workspace.pages.list_news import ListNews
from otklik.workspace.sidebar import sidebar, unassigned_total

TEMPLATE = "workspace/_list.html"


def news_answer(request: HttpRequest, news: ListNews, *, back: str, path: str, title: str) -> HttpResponse:
    """204 where the page shows (`shows`) these very news; else the bar, the rows that changed and, with the numbers in
    the side bar, what else of the page is another now. `back`: the list's own address; `path`: the page's."""
    if request.GET.get("shows", "") == news.marker:
        return HttpResponse(status=204)
    context = {"news": news, "back": back, "title": title, "frame": {}}
    if news:
        desks = sidebar(standing(request), path)
        context["frame"] = {"desks": desks, "waiting": unassigned_total(desks), "site_name": settings.SITE_NAME}
    return fragment(TEMPLATE, "news", context)
