"""«Активировать мой аккаунт»: the button of the first mail."""

from allauth.account.utils import perform_login
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from otklik.people.commands.activation import UnableToActivate, activate, person_to_activate
from otklik.portal.entrance import for_everybody
from otklik.portal.forms.account import NewPasswordForm
from otklik.portal.views.reset import gone

KEY = "activation"


@for_everybody("GET")
def link(request: HttpRequest, secret: str) -> HttpResponseBase:
    """The secret moves into the session and out of the address (AB-33). Changes nothing: scanners open links too."""
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
    """A link without its secret."""
    return gone(request)


@sensitive_post_parameters("password1", "password2")
@for_everybody("GET", "POST")
def activation(request: HttpRequest) -> HttpResponseBase:
    """Asks for a password twice; then the account is active and the portal open."""
    secret = str(request.session.get(KEY, ""))
    try:
        person = person_to_activate(secret=secret, at=timezone.now())
        form = NewPasswordForm(request.POST or None, user=person)
        if request.method != "POST":
            return render(request, "portal/activation.html", {"form": form, "person": person})
        if not form.is_valid():
            return render(request, "portal/activation.html", {"form": form, "person": person}, status=422)
        person = activate(secret=secret, password=form.cleaned_data["password1"], at=timezone.now())
    except UnableToActivate:
        return gone(request)
    del request.session[KEY]
    response: HttpResponseBase = perform_login(request, person, redirect_url=reverse("portal:home"))
    messages.success(
        request, _("Welcome! Your account is active. You log in with %(address)s.") % {"address": person.email}
    )
    return response
