"""Page data for «Вход и безопасность»: second factors, passkeys, sessions."""

import re
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.utils.translation import gettext as _

from otklik.people.commands.sessions import sessions_of
from otklik.people.models import Person

Kind = Authenticator.Type

# Specific names first, because most browsers also claim to be others.
_BROWSERS = (
    ("YaBrowser", "Яндекс Браузер"),
    ("Edg", "Microsoft Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chromium", "Chromium"),
    ("HeadlessChrome", "Chromium"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)
_PHONES = ("Android", "iPhone")


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey as the page lists it."""

    id: int
    name: str
    added_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class LoginWays:
    """Login methods other than the password. `codes_left`: unused recovery codes, None if there are none at all."""

    app_since: datetime | None
    passkeys: list[Passkey]
    codes_left: int | None


def login_ways(person: Person) -> LoginWays:
    """Return the person's login methods other than the password. One query."""
    rows = list(Authenticator.objects.filter(user=person).order_by("id"))
    apps = [authenticator.created_at for authenticator in rows if authenticator.type == Kind.TOTP]
    codes = [
        len(authenticator.wrap().get_unused_codes())
        for authenticator in rows
        if authenticator.type == Kind.RECOVERY_CODES
    ]
    keys = [
        Passkey(
            authenticator.pk, authenticator.data.get("name", ""), authenticator.created_at, authenticator.last_used_at
        )
        for authenticator in rows
        if authenticator.type == Kind.WEBAUTHN
    ]
    return LoginWays(apps[0] if apps else None, keys, codes[0] if codes else None)


@dataclass(frozen=True, slots=True)
class Device:
    """A browser session of the person."""

    id: int
    name: str
    icon: str
    address: str
    since: datetime
    seen: datetime
    is_this: bool


def sessions(person: Person, this: str, at: datetime) -> list[Device]:
    """Return the person's sessions, the one with the key `this` first."""
    rows = sessions_of(person, at)
    devices = [
        Device(
            id=session.pk,
            name=browser_name(session.browser),
            icon="device-mobile" if any(phone in session.browser for phone in _PHONES) else "device-desktop",
            address=session.address or "",
            since=session.created_at,
            seen=session.seen_at,
            is_this=session.session_key == this,
        )
        for session in rows
    ]
    return sorted(devices, key=lambda device: not device.is_this)


def browser_name(agent: str) -> str:
    """Return the browser and system of a User-Agent header, such as «Firefox, Windows»; unknown parts are left out."""
    browser = next((name for mark, name in _BROWSERS if re.search(rf"\b{mark}[\w]*/", agent)), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return ", ".join(word for word in (browser, system) if word) or _("Unknown device")
