"""allauth's account adapter. Its mails go through our outbox, so that a failing mail server does not reveal whether an
address is known (AB-31).
"""

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django import forms
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from otklik.core.ip_networks import address_of
from otklik.core.unicode_nfc import composed
from otklik.notify import account_texts
from otklik.notify.account_mails import is_too_often, notice_mail, reset_mail, worded_mail
from otklik.people.account_links import reset_url
from otklik.people.commands.persons import mark_proved
from otklik.people.login_attempts import Attempt, TooManyGuesses
from otklik.people.mailed_codes import note_code
from otklik.people.models import Person
from otklik.people.passwords import LONGEST
from otklik.people.queries import addresses_of, person_by_address

log = logging.getLogger("otklik.notify")
CODE = "login_code"
# The same for known and unknown addresses, and however long the wait is (section 3.5).
TOO_MANY = _(
    "There were too many wrong attempts. Wait a while, then try again; or log in by a code from a mail, or set a new "
    "password."
)
_RESET_PREFIX = "account/email/password_reset_key"
_CODE_PREFIX = "account/email/login_code"
# allauth's own notifications, in our words. Our commands notify of changed passwords and addresses.
_NOTICES = {
    "mfa/email/totp_activated": _("Codes from an app are asked for at login from now on."),
    "mfa/email/totp_deactivated": _("Codes from an app are no longer asked for at login."),
    "mfa/email/webauthn_added": _("A passkey was added."),
    "mfa/email/webauthn_removed": _("A passkey was removed."),
    "mfa/email/recovery_codes_generated": _("New recovery codes were made; the earlier ones are void."),
    "account/email/password_changed": _("The password was changed."),
    "account/email/password_reset": _("The password was set anew by a link from a mail."),
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Connects allauth to our mails, throttle and texts. Accounts come from first mails, invitations and our
    sign-up."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The address or the password does not fit."),
        "incorrect_password": _("This is not the right password."),
        "incorrect_code": _("This code is not right."),
        "too_many_login_attempts": TOO_MANY,
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that rate limits count; IPv4-mapped IPv6 as IPv4. allauth itself groups IPv6 by /64."""
        address = str(super().get_client_ip(request))
        return str(address_of(address) or address)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link for the reset mail."""
        return reset_url(key)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue the kinds of mail we know, only to stored addresses of persons (AB-16). Others are not sent."""
        person = context.get("user") or person_by_address(email)
        if not isinstance(person, Person):
            log.warning("allauth wanted to send %s to somebody unknown", template_prefix)
            return
        with transaction.atomic():
            self._queue(template_prefix, email, person, context)

    def _queue(self, prefix: str, email: str, person: Person, context: dict[str, Any]) -> None:
        now = timezone.now()
        if prefix == _RESET_PREFIX:
            reset_mail(person, str(context["password_reset_url"]), now)
        elif prefix == _CODE_PREFIX:
            code_mail(person, email, str(context["code"]))
        elif prefix in _NOTICES:
            notice_mail(person=person, recipients=[email], what=lambda: str(_NOTICES[prefix]), at=now)
        else:
            log.warning("allauth wanted to send %s, which is not ours", prefix)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Return the person with this address and password, or None.

        Raises ValidationError after too many wrong attempts (AB-38).
        """
        address = str(credentials.get("email", ""))
        password = composed(str(credentials.get("password", "")))
        if len(password) > LONGEST:  # costs hashing time and can be nobody's (AB-42)
            return None
        try:
            attempt = Attempt.begin(request, kind="password", person=person_by_address(address), address=address)
        except TooManyGuesses:
            raise forms.ValidationError(TOO_MANY, code="too_many_login_attempts") from None
        user = super().authenticate(request, **{**credentials, "password": password})
        attempt.settle(user is not None)
        return user

    def login(self, request: HttpRequest, user: Person) -> None:
        """Log in; a login by mailed code verifies the address, which activates the account."""
        super().login(request, user)
        if user.activated_at is None and addresses_of(user).filter(primary=True, verified=True).exists():
            mark_proved(person=user, at=timezone.now())

    def is_reauthentication_required(self, *, app: str, **options: Any) -> bool:
        """Return False: our pages ask for reauthentication themselves (portal.reauthentication)."""
        return False

    def add_message(self, *args: Any, **options: Any) -> None:
        """Do nothing: the portal's pages show their own messages."""


def code_mail(person: Person, recipient: str, code: str) -> None:
    """Queue a mail with a code for login or confirmation; nothing if the address got too many (AB-32)."""
    now = timezone.now()
    if is_too_often(recipient, CODE, now):
        return
    note_code(person=person, code=code, at=now)
    minutes = settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT // 60
    worded_mail(
        person=person, recipient=recipient, kind=CODE, words=lambda: account_texts.login_code(code, minutes), at=now
    )
