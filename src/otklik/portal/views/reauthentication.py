"""«Подтвердите, что это вы»: the page that asks for a proof before sensitive acts (portal.reauthentication)."""

import time
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.reauthentication import resume_request
from allauth.core import ratelimit
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import ReauthenticateWebAuthnForm
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from otklik.notify.account_adapter import code_mail
from otklik.people.login_attempts import Attempt, TooManyGuesses
from otklik.people.mailed_codes import is_code_live
from otklik.people.models import Person
from otklik.portal.forms.second_factor import ConfirmForm
from otklik.portal.passkeys import has_passkeys, passkey_trouble, request_options
from otklik.portal.throttle_messages import limits_guesses
from otklik.portal.view_access import for_persons, person_of
from otklik.portal.views.login import goal_of

KEY = "confirm_code"
TRIES = 3


@sensitive_post_parameters("password", "code")
@for_persons("GET", "POST")
@limits_guesses
def confirm(request: HttpRequest) -> HttpResponseBase:
    """Confirm one's identity by password, authenticator code or passkey; by a mailed code only without any of these."""
    person = person_of(request)
    if request.method != "POST":
        return _page(request, person)
    if not ratelimit.consume(request, action="reauthenticate", user=person):
        return render(request, "429.html", status=429)
    if "send" in request.POST:
        return _send_code(request, person)
    method = _proof(request, person)
    if not method:
        return _page(request, person, is_wrong=True)
    record_authentication(request, person, method=method, reauthenticated=True)
    resumed: HttpResponseBase | None = resume_request(request)
    return resumed or redirect("portal:security")


def _proof(request: HttpRequest, person: Person) -> str:
    """Return the method by which the person authenticated; "" if it failed."""
    posted = request.POST
    if posted.get("password"):
        return "password" if _is_password(person, posted["password"]) else ""
    if posted.get("mailed"):
        return "code" if _needs_mail(person) and _is_mailed_code(request, posted["mailed"]) else ""
    form: Any = ConfirmForm if "code" in posted else ReauthenticateWebAuthnForm
    try:
        return "mfa" if form(posted, user=person).is_valid() else ""
    except (ValueError, TypeError, KeyError, AttributeError):  # malformed response
        return ""


def _is_password(person: Person, typed: str) -> bool:
    try:
        return person.has_usable_password() and bool(get_adapter().reauthenticate(person, typed))
    except ValidationError:  # too many attempts
        return False


def _send_code(request: HttpRequest, person: Person) -> HttpResponseBase:
    if _needs_mail(person) and person.email:
        code = get_adapter().generate_login_code()
        request.session[KEY] = {"code": code, "at": time.time(), "tries": 0}
        with transaction.atomic():
            code_mail(person, person.email, code)
        messages.success(request, _("A code is on its way to %(address)s.") % {"address": person.email})
    return _page(request, person)


def _is_mailed_code(request: HttpRequest, typed: str) -> bool:
    known = request.session.get(KEY)
    if not known or time.time() - known["at"] > settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT or known["tries"] >= TRIES:
        return False
    request.session[KEY] = {**known, "tries": known["tries"] + 1}
    secret = f"confirm {request.session.session_key} {known['at']}"
    try:
        attempt = Attempt.begin(request, kind="code", person=person_of(request), secret=secret)
    except TooManyGuesses:
        return False
    person = person_of(request)
    right = bool(compare_user_code(actual=typed, expected=known["code"]))
    right = right and is_code_live(person=person, code=known["code"], at=timezone.now())
    attempt.settle(right)
    if right:
        del request.session[KEY]
    return right


def _needs_mail(person: Person) -> bool:
    """Return whether there is neither password nor second factor, because the person uses single sign-on or mailed
    codes."""
    return not person.has_usable_password() and not Authenticator.objects.filter(user=person).exists()


def _page(request: HttpRequest, person: Person, *, is_wrong: bool = False) -> HttpResponseBase:
    apps = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP)
    context = {
        "person": person,
        "goal": goal_of(request),
        "by_password": person.has_usable_password(),
        "by_app": apps.exists(),
        "options": request_options(person) if has_passkeys(person) and not passkey_trouble(request) else "",
        "by_mail": _needs_mail(person),
        "code_sent": KEY in request.session,
        "wrong": is_wrong,
    }
    return render(request, "portal/confirm.html", context, status=422 if is_wrong else 200)
