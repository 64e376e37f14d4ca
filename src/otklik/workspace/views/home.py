"""The agents' start page."""

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from otklik.core.url_datetimes import typed_moment
from otklik.workspace.desk_context import standing
from otklik.workspace.htmx_fragments import fragment
from otklik.workspace.pages.home import home_page
from otklik.workspace.pages.list_news import newest_change
from otklik.workspace.sidebar import sidebar, unassigned_total
from otklik.workspace.view_access import for_agents, login_first, person_of

TEMPLATE = "workspace/home.html"


def home(request: HttpRequest) -> HttpResponseBase:
    """Show the agent's work. People who are not agents are redirected to the portal."""
    if not request.user.is_authenticated:
        return login_first(request)
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    if not standing(request).desks:
        return redirect("/servicedesk/customer/portals")
    since, page = timezone.now(), home_page(person_of(request))
    parameters = urlencode({"since": since.isoformat(), "was": page.digest})
    return render(request, TEMPLATE, {"page": page, "news_url": f"{reverse('workspace:home_news')}?{parameters}"})


@for_agents("GET")
def news(request: HttpRequest) -> HttpResponse:
    """Return whether the start page made at `since` with the digest `was` would differ now, and the sidebar's counts.

    204 with one statement if nothing happened at the agent's desks since then, or since the news it showed last
    (`shows`).
    """
    stands, since = standing(request), typed_moment(request.GET.get("since", "")) or timezone.now()
    newest = newest_change(stands, since)
    if newest == request.GET.get("shows", ""):
        return HttpResponse(status=204)
    desks = sidebar(stands, reverse("workspace:home"))
    context = {
        "newest": newest,
        "changed": home_page(stands.person).digest != request.GET.get("was", ""),
        "frame": {"desks": desks, "waiting": unassigned_total(desks), "site_name": settings.SITE_NAME},
    }
    return fragment(TEMPLATE, "news", context)
