"""Forms for authenticator codes, recovery codes and passkeys: allauth's own, with our wording."""

from collections.abc import Callable
from typing import Any

from allauth.core import context
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings
from allauth.mfa.base import forms as base
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from otklik.people.models import Person
from otklik.portal.forms.account import CodeField
from otklik.portal.throttle_messages import check_guess


def used_first(person: Person, code: str) -> bool:
    """Record that the code was used; return whether this was its first use while it is valid.

    Valid are the codes of as many periods before and after as the tolerance says, and RFC 6238 section 5.2 requires
    that each is accepted once. allauth forgets a used code after one period.
    """
    seconds = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 2)
    return bool(cache.add(f"otklik.totp.used-{person.pk}-{normalize_user_code(code)}", "y", timeout=seconds))


class _Counted:
    """Limits how often codes of an authenticator app and recovery codes may be guessed."""

    user: Person

    def clean_code(self) -> str:
        """Raises ValidationError for a wrong or used code, and after too many attempts."""
        check: Callable[[], str] = super().clean_code  # type: ignore[misc]  # of allauth's form, mixed in behind

        def right() -> str:
            code = check()
            if not used_first(self.user, code):
                raise forms.ValidationError(_("This code is not right."))
            return code

        code: str = check_guess(context.request, "factor", self.user, right)
        return code


class ConfirmForm(_Counted, base.ReauthenticateForm):  # type: ignore[misc]  # allauth ships no types
    """A code that confirms the identity before a sensitive action."""


class FactorForm(_Counted, base.AuthenticateForm):  # type: ignore[misc]
    """The second step of a login."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["code"] = CodeField(label=_("Code from the app, or a recovery code"))


class ActivateForm(totp.ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new app, which proves that it was set up correctly."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["code"] = CodeField(label=_("Code that the app shows"))

    def clean_code(self) -> str:
        """Raises ValidationError for a wrong code. A right one cannot be used again."""
        code: str = super().clean_code()
        if not used_first(self.user, code):
            raise forms.ValidationError(_("This code is not right."))
        return code


class PasskeyForm(webauthn.AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey: the browser's response, and a name to tell it from others."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["name"] = forms.CharField(
            label=_("What to call it"),
            max_length=60,
            required=False,
            help_text=_("To tell it from others, for example: phone, office computer."),
        )
        self.fields["passwordless"].widget = forms.HiddenInput()
