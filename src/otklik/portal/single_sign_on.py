"""Single sign-on by OpenID Connect: match a provider's login to a person (AB-37).

The key is (issuer, subject). An address links an account once, on three conditions: the provider says that it is
verified, its domain is one the provider may speak for (OTKLIK_OIDC_DOMAINS), and its owner has no power at a desk.
Staff link their account themselves, logged in, on the profile.
"""

import hashlib
import logging
import time
from typing import Any, NoReturn

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.text_cleaning import entered
from otklik.desks.access import worked_desks
from otklik.journal.record import record
from otklik.people.actor import Actor
from otklik.people.addresses import BadAddress, canonical
from otklik.people.commands.persons import ensure_person, mark_proved
from otklik.people.events import SingleSignOnLinked
from otklik.people.models import Person
from otklik.people.queries import addresses_of, person_by_address
from otklik.portal.reauthentication import recently_confirmed

log = logging.getLogger("otklik.portal")
PROVIDER = "sso"
_WANTED, _WANTED_SECONDS = "sso_link_wanted", 600


class Provider(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth ships no types
    """allauth's client; subjects of different issuers are different accounts."""

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **options: Any) -> SocialLogin:
        """Return the login with the issuer in its key, so that another issuer in the settings cannot reuse accounts."""
        login = super().complete_login(request, app, token, **options)
        login.account.uid = f"{issuer_mark()}:{login.account.uid}"[:191]
        return login


class SingleSignOnAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Decides which person a provider's login belongs to."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Link the login to a person. Raises ImmediateHttpResponse if it is refused."""
        if isinstance(request.user, Person):
            _connect_own(request, request.user, sociallogin)
        if sociallogin.is_existing:
            return
        address = _verified_address(sociallogin)
        if not address:
            _refuse(request, _("The provider does not confirm your mail address, so the login is not possible."))
        with transaction.atomic():
            person = _person_of(request, address, sociallogin)
            sociallogin.connect(request, person)
            _tell(person)

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, extra_context: Any = None
    ) -> None:
        """Redirect to the login page with a message; log the error. Raises ImmediateHttpResponse."""
        log.warning("single sign-on failed: %s %.300s", error, exception)
        _refuse(request, _("The login with the organisation's account did not work. Try again or log in otherwise."))

    def send_notification_mail(self, *args: Any, **options: Any) -> None:
        """Do nothing: the journal records it."""


def want_link(request: HttpRequest) -> None:
    """Note in the session that the reader asked by our form to link the provider's account."""
    request.session[_WANTED] = time.time()


def link_wanted(request: HttpRequest) -> bool:
    """Return whether the reader asked to link it within the last ten minutes."""
    return time.time() - float(request.session.get(_WANTED, 0)) < _WANTED_SECONDS


def issuer_mark() -> str:
    """Return a short hash of the issuer, for keys of limited length."""
    return hashlib.sha256(settings.OIDC_ISSUER.encode()).hexdigest()[:16]


def is_linked(person: Person) -> bool:
    """Return whether the person can log in by single sign-on."""
    return bool(SocialAccount.objects.filter(user=person, uid__startswith=f"{issuer_mark()}:").exists())


def _verified_address(login: SocialLogin) -> str:
    """Return the canonical address that the provider verified, if it may speak for the domain; else ""."""
    verified = next(
        (address for address in login.email_addresses if address.verified is True or address.verified == "true"), None
    )
    try:
        address = canonical(verified.email) if verified is not None else ""
    except BadAddress:
        return ""
    domain = address.rpartition("@")[2]
    return address if not settings.OIDC_DOMAINS or domain in settings.OIDC_DOMAINS else ""


def _person_of(request: HttpRequest, address: str, login: SocialLogin) -> Person:
    person = person_by_address(address)
    if person is None:
        name = entered(str(login.account.extra_data.get("userinfo", {}).get("name", "") or ""))
        person, _new = ensure_person(address=address, name=name, at=timezone.now())
    elif person.is_admin or worked_desks(person).exists():
        _refuse(request, _("Staff link the organisation's account themselves: log in, then link it on the profile."))
    if person.activated_at is None and person.email == address:
        # A password set before the address was verified is discarded (AB-24).
        person.set_unusable_password()
        person.save(update_fields=["password"])
        mark_proved(person=person, at=timezone.now())
    if not addresses_of(person).filter(email=address, verified=True).exists():
        _refuse(request, _("This address waits for its confirmation. Use the link in our mail first."))
    return person


def _connect_own(request: HttpRequest, person: Person, login: SocialLogin) -> NoReturn:
    """Link the provider's account to the logged-in person. Always raises ImmediateHttpResponse."""
    if not link_wanted(request):
        messages.warning(request, _("Nothing was linked. Say on this page first that you want it."))
        raise ImmediateHttpResponse(redirect("portal:security"))
    if not recently_confirmed(request):
        raise ImmediateHttpResponse(redirect("account_reauthenticate"))
    del request.session[_WANTED]
    if login.is_existing and login.user.pk != person.pk:
        messages.warning(request, _("This account of the organisation belongs to another person here."))
    elif not login.is_existing:
        login.connect(request, person)
        _tell(person)
        messages.success(request, _("The organisation's account is linked. You can log in with it from now on."))
    raise ImmediateHttpResponse(redirect("portal:security"))


def _refuse(request: HttpRequest, message: str) -> NoReturn:
    messages.warning(request, message)
    raise ImmediateHttpResponse(redirect("account_login"))


def _tell(person: Person) -> None:
    record(SingleSignOnLinked(), about=person.pk, by=Actor(person, "portal"), at=timezone.now())
