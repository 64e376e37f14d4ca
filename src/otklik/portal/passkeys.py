"""Passkey requests to and responses from the browser (W3C Web Authentication)."""

import json
from ipaddress import ip_address
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from otklik.people.models import Person


def creation_options(person: Person) -> str:
    """Return JSON for navigator.credentials.create, requesting a discoverable key with user verification."""
    return json.dumps(auth.begin_registration(person, True))


def request_options(person: Person | None) -> str:
    """Return JSON for navigator.credentials.get: for the person's keys, or for any of this site if `person` is None."""
    return json.dumps(auth.begin_authentication(person))


def has_passkeys(person: Person) -> bool:
    """Return whether the person has a passkey."""
    return bool(Authenticator.objects.filter(user=person, type=Authenticator.Type.WEBAUTHN).exists())


def passkey_trouble(request: HttpRequest) -> str:
    """Return why passkeys cannot work at this page's address, "" if they can.

    Browsers require a domain name (WebAuthn, 5.1.2: a valid domain) and a secure context: https, or `localhost`.
    """
    host = urlsplit(f"//{request.get_host()}").hostname or ""
    if _is_number(host):
        message = _("Passkeys need an address with a name, and this page is open under a number: %(host)s.")
        return message % {"host": host}
    public = urlsplit(settings.PUBLIC_URL)
    is_secure = request.is_secure() or (public.scheme == "https" and public.hostname == host)
    if not is_secure and host != "localhost" and not host.endswith(".localhost"):
        return _("Passkeys need a secure connection (https), and this page has none.")
    return ""


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
