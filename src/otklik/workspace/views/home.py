"""The agents' start page."""

from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect, render

from otklik.workspace.desk_context import standing
from otklik.workspace.pages.home import home_page
from otklik.workspace.view_access import login_first, person_of


def home(request: HttpRequest) -> HttpResponseBase:
    """What waits for the agent. Customers whom an old link led here go to the portal."""
    if not request.user.is_authenticated:
        return login_first(request)
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    if not standing(request).desks:
        return redirect("/servicedesk/customer/portals")
    return render(request, "workspace/home.html", {"page": home_page(person_of(request))})
