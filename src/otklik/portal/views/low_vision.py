"""Switch the low-vision version on and off, and change its settings."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from otklik.core.low_vision import OPTIONS, Sight
from otklik.people.commands.profile import choose_sight
from otklik.people.low_vision import remember, sight_of
from otklik.people.models import Person
from otklik.portal.view_access import for_everybody

HERE = "/servicedesk/customer/user/sight"


@for_everybody("GET", "POST")
def sight(request: HttpRequest) -> HttpResponse:
    """GET: the page with all settings. POST: change one of them, and redirect to `next`.

    A script that sends X-Sight gets the new classes of <html> as text.
    """
    if request.method != "POST":
        return render(request, "portal/sight.html", {})
    chosen = _chosen(request, sight_of(request))
    response = HttpResponse(chosen.css, content_type="text/plain") if request.headers.get("X-Sight") else _back(request)
    if isinstance(request.user, Person):
        choose_sight(person=request.user, at=timezone.now(), sight=chosen.packed)
    return remember(request, response, chosen)


def _chosen(request: HttpRequest, before: Sight) -> Sight:
    match request.POST.get("sight"):
        case "off":
            return Sight(False, *(before.value(name) for name in OPTIONS))
        case "on":
            return Sight(True, *(before.value(name) for name in OPTIONS))
        case "reset":
            return Sight(True)
    for name in OPTIONS:
        before = before.changed(name, request.POST.get(name, ""))
    return before


def _back(request: HttpRequest) -> HttpResponse:
    goal = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(goal, allowed_hosts=None) and goal.startswith("/")
    response: HttpResponse = redirect(goal if safe else HERE)
    return response
