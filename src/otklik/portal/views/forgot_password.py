"""Request a password-reset or activation link by mail."""

import time

from allauth.account.views import PasswordResetView
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from otklik.portal.forms.account import ForgotForm
from otklik.portal.view_access import for_everybody

TEMPLATE = "portal/forgot.html"

# Every answer takes at least this many seconds, so that timing does not reveal known addresses (AB-31).
SECONDS = 0.3

_allauth_reset = PasswordResetView.as_view(form_class=ForgotForm, template_name=TEMPLATE)


@for_everybody("GET", "POST")
def forgot(request: HttpRequest) -> HttpResponseBase:
    """Mail a reset link; the page is the same for known, unknown and rate-limited addresses (AB-31, AB-32)."""
    if request.method != "POST":
        typed = request.GET.get("username") or request.GET.get("email", "")
        return render(request, TEMPLATE, {"form": ForgotForm(initial={"email": typed[:320]})})
    if "email" not in request.POST and "username" in request.POST:
        posted = request.POST.copy()
        posted["email"] = str(posted["username"])
        request.POST = posted  # type: ignore[assignment]  # read-only by type only
    begun = time.monotonic()
    response: HttpResponseBase = _allauth_reset(request)
    if response.status_code == 200:
        response.status_code = 422
        return response
    time.sleep(max(0.0, begun + SECONDS - time.monotonic()))
    return redirect("account_reset_password_done")


@for_everybody("GET")
def sent(request: HttpRequest) -> HttpResponse:
    """Say that a mail was sent: the same page whether or not there is an account."""
    return render(request, "portal/forgot_sent.html")


def old_link(request: HttpRequest) -> HttpResponse:
    """Redirect a link mailed by Jira before the move to the form: its token is unknown, but its address is not."""
    name = request.GET.get("os_username", "")
    query = request.GET.copy()
    query.clear()
    query["username"] = name
    return redirect(f"{reverse('account_reset_password')}?{query.urlencode()}")
