"""Register passkeys, and log in with one."""

from typing import Any, cast

from allauth.account.models import Login
from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import LoginWebAuthnForm
from allauth.mfa.webauthn.internal import flows
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from otklik.portal.forms.second_factor import PasskeyForm
from otklik.portal.other_sessions import log_others_out
from otklik.portal.pages.profile import tabs
from otklik.portal.passkeys import creation_options, passkey_trouble, request_options
from otklik.portal.reauthentication import needs_recent_login
from otklik.portal.view_access import for_everybody, for_persons, person_of
from otklik.portal.views.login import goal_of


@for_everybody("GET", "POST")
def login_by_passkey(request: HttpRequest) -> HttpResponseBase:
    """GET: options for the browser as JSON. POST: log in by the authenticator's response."""
    if not ratelimit.consume(request, action="login"):
        return render(request, "429.html", status=429)
    if request.method != "POST":
        return HttpResponse(request_options(None), content_type="application/json")
    form = LoginWebAuthnForm(data=request.POST)
    if not _is_right(form):
        messages.warning(request, _("This passkey does not fit. Log in in another way."))
        return redirect("account_login")
    credential = form.cleaned_data["credential"]
    login = Login(user=credential.user, redirect_url=goal_of(request) or None)
    return cast(HttpResponseBase, flows.perform_passwordless_login(request, credential, login))


@for_persons("GET", "POST")
@needs_recent_login
def add_passkey(request: HttpRequest) -> HttpResponseBase:
    """GET: the page with options for the browser. POST: save the key. Needs JavaScript, as WebAuthn does."""
    person = person_of(request)
    trouble = passkey_trouble(request)
    if trouble:
        messages.warning(request, trouble)
        return redirect("portal:security")
    form = PasskeyForm(request.POST if request.method == "POST" else None, user=person)
    if request.method != "POST" or not _is_right(form):
        context = {"person": person, "tabs": tabs("security"), "form": form, "options": creation_options(person)}
        return render(request, "portal/passkey.html", context, status=422 if form.errors else 200)
    name = form.cleaned_data["name"] or _("Passkey")
    _key, codes = flows.add_authenticator(request, name=name, credential=form.cleaned_data["credential"])
    log_others_out(request)
    messages.success(request, _("The passkey is saved. You can log in with it from now on."))
    return redirect("portal:recovery_codes" if codes else "portal:security")


@for_persons("POST")
@needs_recent_login
def remove_passkey(request: HttpRequest, passkey_id: int) -> HttpResponseBase:
    """Remove one of the reader's passkeys and end their other sessions."""
    keys = Authenticator.objects.filter(user=person_of(request), type=Authenticator.Type.WEBAUTHN)
    key = keys.filter(pk=passkey_id).first()
    if key is None:
        raise Http404
    flows.remove_authenticator(request, key)
    log_others_out(request)
    messages.success(request, _("The passkey is removed."))
    return redirect("portal:security")


def _is_right(form: Any) -> bool:
    """Validate allauth's form; a response that its parser cannot read is invalid."""
    try:
        return bool(form.is_valid())
    except (ValueError, TypeError, KeyError, AttributeError, ValidationError):
        return False
