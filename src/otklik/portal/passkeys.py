"""What the browser is told about passkeys (W3C Web Authentication), and what it answers."""

import json

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth

from otklik.people.models import Person


def creation_options(person: Person) -> str:
    """JSON for navigator.credentials.create: a key that the device keeps and guards by finger, face or PIN."""
    return json.dumps(auth.begin_registration(person, True))


def request_options(person: Person | None) -> str:
    """JSON for navigator.credentials.get: the person's keys; any key of this site where nobody is named."""
    return json.dumps(auth.begin_authentication(person))


def has_passkeys(person: Person) -> bool:
    """Whether the person can log in by passkey."""
    return bool(Authenticator.objects.filter(user=person, type=Authenticator.Type.WEBAUTHN).exists())
