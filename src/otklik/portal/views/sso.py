"""Redirect to the single sign-on provider, and handle its callback."""

from typing import cast

import requests
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from otklik.portal.reauthentication import needs_recent_login
from otklik.portal.single_sign_on import PROVIDER, Provider, issuer_mark, link_wanted, want_link
from otklik.portal.view_access import for_everybody, for_persons, person_of


@for_everybody("GET")
def start(request: HttpRequest) -> HttpResponseBase:
    """Redirect to the provider, with PKCE and a state bound to this browser.

    A logged-in person must first have asked on the profile to link the account, so that a foreign link cannot start it.
    """
    if request.user.is_authenticated and not link_wanted(request):
        return redirect("portal:security")
    return _through(OAuth2LoginView, request)


@for_everybody("GET")
def callback(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Handle the provider's redirect; portal.single_sign_on decides who it is."""
    if provider_id != PROVIDER:
        raise Http404
    return _through(OAuth2CallbackView, request)


@for_persons("POST")
@needs_recent_login
def link(request: HttpRequest) -> HttpResponseBase:
    """Note that the reader wants to link the provider's account; the profile shows a link to it for ten minutes.

    Not a redirect, because our Content-Security-Policy (form-action) lets no form end on another site.
    """
    if not settings.OIDC_ISSUER:
        raise Http404
    want_link(request)
    return redirect("portal:security")


@for_persons("POST")
@needs_recent_login
def unlink(request: HttpRequest) -> HttpResponseBase:
    """Unlink the provider's account; password or mailed code remain."""
    SocialAccount.objects.filter(user=person_of(request), uid__startswith=f"{issuer_mark()}:").delete()
    messages.success(request, _("The organisation's account is no longer linked."))
    return redirect("portal:security")


def _through(view: type[OAuth2LoginView] | type[OAuth2CallbackView], request: HttpRequest) -> HttpResponseBase:
    if not settings.OIDC_ISSUER:
        raise Http404
    try:
        return cast(HttpResponseBase, view.adapter_view(Provider(request, PROVIDER))(request))
    except requests.RequestException:
        messages.warning(request, _("The organisation's login cannot be reached just now. Log in otherwise."))
        return redirect("account_login")
