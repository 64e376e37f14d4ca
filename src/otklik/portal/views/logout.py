"""Log out. GET only asks for confirmation."""

from allauth.account.internal.flows.logout import logout as end_session
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from otklik.portal.view_access import for_everybody


@for_everybody("GET", "POST")
def logout(request: HttpRequest) -> HttpResponseBase:
    """GET: ask for confirmation. POST: end the session and clear the browser's cache and storage (AB-63)."""
    if request.method != "POST":
        return render(request, "portal/logout.html")
    end_session(request, show_message=False)
    messages.success(request, _("You are logged out."))
    response: HttpResponse = redirect("portal:home")
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response
