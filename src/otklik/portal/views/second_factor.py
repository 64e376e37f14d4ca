"""Set up and use the second factor: authenticator app and recovery codes."""

import base64
import json
from typing import Any, cast

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal import flows as recovery
from allauth.mfa.totp.internal import flows as totp
from allauth.mfa.webauthn.internal.auth import STATE_SESSION_KEY
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from otklik.people.models import Person
from otklik.portal.forms.second_factor import ActivateForm, FactorForm
from otklik.portal.other_sessions import log_others_out
from otklik.portal.pages.profile import tabs
from otklik.portal.reauthentication import needs_recent_login
from otklik.portal.throttle_messages import limits_guesses
from otklik.portal.view_access import for_everybody, for_persons, person_of

Kind = Authenticator.Type

_allauth_authenticate = AuthenticateView.as_view(form_class=FactorForm, template_name="portal/second_factor.html")


@for_everybody("GET", "POST")
@limits_guesses
def authenticate(request: HttpRequest) -> HttpResponseBase:
    """Ask for the second factor after password, mailed code or single sign-on (AB-39)."""
    try:
        response: Any = _allauth_authenticate(request)
    except (ValueError, TypeError, KeyError, AttributeError):  # malformed response
        request.session.pop(STATE_SESSION_KEY, None)
        return redirect("mfa_authenticate")
    if response.status_code == 200:
        asked = response.context_data["js_data"]["request_options"]
        with_keys = asked.get("publicKey", {}).get("allowCredentials")
        response.context_data["options"] = json.dumps(asked) if with_keys else ""
        response.status_code = 422 if request.method == "POST" else 200
    return cast(HttpResponseBase, response)


@for_persons("GET", "POST")
@needs_recent_login
def set_up(request: HttpRequest) -> HttpResponseBase:
    """GET: show the secret as QR code and text. POST: enable the app by its first code."""
    person = person_of(request)
    if _factor(person, Kind.TOTP) is not None:
        return redirect("portal:security")
    form = ActivateForm(request.POST if request.method == "POST" else None, user=person)
    if request.method != "POST" or not form.is_valid():
        return _set_up_page(request, person, form)
    _app, codes = totp.activate_totp(request, form)
    log_others_out(request)
    messages.success(request, _("The second factor is on. The app is asked for at each login from now on."))
    return redirect("portal:recovery_codes" if codes else "portal:security")


def _set_up_page(request: HttpRequest, person: Person, form: ActivateForm) -> HttpResponse:
    adapter = get_adapter()
    picture = adapter.build_totp_svg(adapter.build_totp_url(person, form.secret))
    context = {
        "person": person,
        "tabs": tabs("security"),
        "form": form,
        "picture": f"data:image/svg+xml;base64,{base64.b64encode(picture.encode()).decode()}",
        "secret": " ".join(form.secret[at : at + 4] for at in range(0, len(form.secret), 4)),
    }
    return render(request, "portal/second_factor_set_up.html", context, status=422 if form.errors else 200)


@for_persons("POST")
@needs_recent_login
def switch_off(request: HttpRequest) -> HttpResponseBase:
    """Disable the authenticator app."""
    app = _factor(person_of(request), Kind.TOTP)
    if app is None:
        raise Http404
    totp.deactivate_totp(request, app)
    log_others_out(request)
    messages.success(request, _("Codes from an app are no longer asked for at login."))
    return redirect("portal:security")


@for_persons("GET")
@needs_recent_login
def recovery_codes(request: HttpRequest) -> HttpResponseBase:
    """Show the unused recovery codes for printing."""
    factor = _factor(person_of(request), Kind.RECOVERY_CODES)
    if factor is None:
        raise Http404
    codes = factor.wrap().get_unused_codes()
    context = {"person": person_of(request), "tabs": tabs("security"), "codes": codes}
    return render(request, "portal/recovery_codes.html", context)


@for_persons("POST")
@needs_recent_login
def new_recovery_codes(request: HttpRequest) -> HttpResponseBase:
    """Generate ten new recovery codes; the former become invalid."""
    if not recovery.can_generate_recovery_codes(person_of(request)):
        raise Http404
    try:
        recovery.generate_recovery_codes(request)
    except ValidationError:
        raise Http404 from None
    messages.success(request, _("New recovery codes are made; the earlier ones are void."))
    return redirect("portal:recovery_codes")


def _factor(person: Person, kind: str) -> Any:
    return Authenticator.objects.filter(user=person, type=kind).first()
