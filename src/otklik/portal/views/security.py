"""«Вход и безопасность»: password, second factor, passkeys, sessions."""

from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters

from otklik.people.commands.api_tokens import revoke_token
from otklik.people.commands.sessions import end_sessions
from otklik.people.models import ApiToken
from otklik.portal.forms.account import ChangePasswordForm, FirstPasswordForm
from otklik.portal.other_sessions import log_others_out
from otklik.portal.pages.profile import tabs
from otklik.portal.pages.security import login_ways, sessions
from otklik.portal.passkeys import passkey_trouble
from otklik.portal.password_check import is_check, password_check_response
from otklik.portal.reauthentication import needs_recent_login, recently_confirmed
from otklik.portal.single_sign_on import is_linked, link_wanted
from otklik.portal.throttle_messages import limits_guesses
from otklik.portal.view_access import actor_of, for_persons, person_of


@for_persons("GET")
def security(request: HttpRequest) -> HttpResponseBase:
    """Show everything about the login."""
    return _page(request)


@sensitive_post_parameters("oldpassword", "password1", "password2")
@for_persons("POST")
@limits_guesses
def password(request: HttpRequest) -> HttpResponseBase:
    """Change the password, with the current one, or without one after a recent login. Other sessions end."""
    person = person_of(request)
    if is_check(request):
        return password_check_response(request, person)
    if not ratelimit.consume(request, action="change_password", user=person):
        return render(request, "429.html", status=429)
    form = _password_form(request)
    if not person.has_usable_password() and not recently_confirmed(request):
        return redirect("account_reauthenticate")
    if not form.is_valid():
        return _page(request, password=form, status=422)
    form.save()
    update_session_auth_hash(request, person)
    log_others_out(request)
    messages.success(request, _("Your password is changed. Other devices are logged out."))
    return redirect("portal:security")


@for_persons("POST")
def end_session(request: HttpRequest, session_id: int) -> HttpResponseBase:
    """End one of the reader's other sessions."""
    key = request.session.session_key or ""
    ended = end_sessions(
        actor=actor_of(request), at=timezone.now(), person=person_of(request), but=key, only=session_id
    )
    if not ended:
        raise Http404
    messages.success(request, _("That device is logged out."))
    return redirect("portal:security")


@for_persons("POST")
def end_other_sessions(request: HttpRequest) -> HttpResponseBase:
    """«Выйти везде»: end all of the reader's other sessions."""
    count = log_others_out(request)
    notice = ngettext("%(count)d device is logged out.", "%(count)d devices are logged out.", count)
    messages.success(request, notice % {"count": count})
    return redirect("portal:security")


@for_persons("POST")
@needs_recent_login
def revoke(request: HttpRequest, token_id: int) -> HttpResponseBase:
    """Revoke one of the reader's API tokens."""
    token = ApiToken.objects.filter(person=person_of(request), pk=token_id).first()
    if token is None:
        raise Http404
    revoke_token(actor=actor_of(request), at=timezone.now(), token=token)
    messages.success(request, _("The token is revoked."))
    return redirect("portal:security")


def _password_form(request: HttpRequest) -> ChangePasswordForm | FirstPasswordForm:
    person = person_of(request)
    posted = request.POST if request.method == "POST" else None
    return (ChangePasswordForm if person.has_usable_password() else FirstPasswordForm)(posted, user=person)


def _page(
    request: HttpRequest, *, password: ChangePasswordForm | FirstPasswordForm | None = None, status: int = 200
) -> HttpResponseBase:
    person = person_of(request)
    context = {
        "person": person,
        "tabs": tabs("security"),
        "password": password or _password_form(request),
        "ways": login_ways(person),
        "no_passkeys": passkey_trouble(request),
        "tokens": ApiToken.objects.filter(person=person).order_by("id"),
        "sso": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
        "sso_wanted": link_wanted(request),
        "sso_linked": is_linked(person) if settings.OIDC_ISSUER else False,
        "sessions": sessions(person, request.session.session_key or "", timezone.now()),
    }
    return render(request, "portal/security.html", context, status=status)
