"""«Активировать мой аккаунт»: activate an account by the link of the activation mail."""

from allauth.account.utils import perform_login
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from otklik.people.commands.account_activation import UnableToActivate, activate, person_to_activate
from otklik.portal.forms.account import NewPasswordForm
from otklik.portal.password_check import is_check, password_check_response
from otklik.portal.view_access import for_everybody
from otklik.portal.views.login_code import may_log_in_by_code
from otklik.portal.views.reset_password import gone

KEY = "activation"


@for_everybody("GET")
def link(request: HttpRequest, secret: str) -> HttpResponseBase:
    """Move the secret from the URL into the session (AB-33). Changes nothing, because scanners open links too."""
    try:
        person_to_activate(secret=secret, at=timezone.now())
    except UnableToActivate:
        return gone(request)
    request.session[KEY] = secret
    response = redirect("account_activate")
    response["Referrer-Policy"] = "no-referrer"
    return response


@for_everybody("GET")
def broken(request: HttpRequest) -> HttpResponse:
    """Answer a link without its secret."""
    return gone(request)


@sensitive_post_parameters("password1", "password2")
@for_everybody("GET", "POST")
def activation(request: HttpRequest) -> HttpResponseBase:
    """Set a password, or none (`no_password`), and activate the account; then log in."""
    secret = str(request.session.get(KEY, ""))
    try:
        person = person_to_activate(secret=secret, at=timezone.now())
        if is_check(request):
            return password_check_response(request, person)
        by_code = may_log_in_by_code(person)
        without = by_code and "no_password" in request.POST
        form = NewPasswordForm(request.POST if request.method == "POST" and not without else None, user=person)
        if not without and not form.is_valid():
            context = {"form": form, "person": person, "by_code": by_code}
            return render(request, "portal/activation.html", context, status=422 if form.is_bound else 200)
        password = None if without else form.cleaned_data["password1"]
        person = activate(secret=secret, password=password, at=timezone.now())
    except UnableToActivate:
        return gone(request)
    del request.session[KEY]
    response: HttpResponseBase = perform_login(request, person, redirect_url=reverse("portal:home"))
    messages.success(request, welcome(str(person.email), with_password=not without))
    return response


def welcome(address: str, *, with_password: bool) -> str:
    """Return the message after an activation."""
    if with_password:
        return _("Welcome! Your account is active. You log in with %(address)s.") % {"address": address}
    sentence = _("Welcome! Your account is active. To log in, have a code sent to %(address)s.")
    return sentence % {"address": address}
