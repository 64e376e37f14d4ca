"""Set a new password by the link of the reset mail."""

from typing import Any, cast

from allauth.account.forms import UserTokenForm
from allauth.account.views import INTERNAL_RESET_SESSION_KEY, PasswordResetFromKeyView
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from otklik.portal.forms.account import NewPasswordForm
from otklik.portal.password_check import is_check, password_check_response
from otklik.portal.view_access import for_everybody

_allauth_reset = PasswordResetFromKeyView.as_view(
    form_class=NewPasswordForm, template_name="portal/reset.html", success_url=reverse_lazy("portal:home")
)


@sensitive_post_parameters("password1", "password2")
@for_everybody("GET", "POST")
def reset(request: HttpRequest, uidb36: str, key: str) -> HttpResponseBase:
    """Move the key from the URL into the session (AB-33), set a password, then log in. 404 for invalid links."""
    if is_check(request):
        return _check(request, uidb36)
    response: Any = _allauth_reset(request, uidb36=uidb36, key=key)
    if response.status_code == 200 and response.context_data.get("token_fail"):
        return gone(request)
    if response.status_code == 200 and request.method == "POST":
        response.status_code = 422
    elif response.status_code == 302 and request.method == "POST":
        messages.success(request, _("Your new password is set, and you are logged in."))
    elif response.status_code == 302:
        response["Referrer-Policy"] = "no-referrer"
    return cast(HttpResponseBase, response)


def _check(request: HttpRequest, uidb36: str) -> HttpResponseBase:
    link = UserTokenForm(data={"uidb36": uidb36, "key": request.session.get(INTERNAL_RESET_SESSION_KEY, "")})
    return password_check_response(request, link.reset_user) if link.is_valid() else gone(request)


@for_everybody("GET", "POST")
def broken(request: HttpRequest, broken: str) -> HttpResponse:
    """Answer an incomplete link."""
    return gone(request)


def gone(request: HttpRequest) -> HttpResponse:
    """Show the page for all invalid links: expired, used or never issued. 404."""
    return render(request, "portal/link_gone.html", status=404)
