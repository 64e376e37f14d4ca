"""Account forms: allauth's own, with our wording and limits."""

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.core import context, ratelimit
from allauth.core.internal.cryptokit import compare_user_code
from django import forms
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from otklik.core.unicode_nfc import composed
from otklik.notify.commands.passwords import change_password
from otklik.people.addresses import BadAddress, canonical
from otklik.people.commands.profile import reset_password
from otklik.people.login_attempts import forget_attempts
from otklik.people.login_names import is_login, person_named
from otklik.people.mailed_codes import is_code_live
from otklik.people.models import Person
from otklik.people.passwords import LONGEST, rules_in_words, troubles
from otklik.people.queries import person_by_address
from otklik.portal.throttle_messages import check_guess


class AddressField(forms.CharField):
    """A mail address, converted to the canonical form."""

    def __init__(self, **options: Any) -> None:
        widget = forms.EmailInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"})
        super().__init__(**{"max_length": 320, "widget": widget, "label": _("Mail address"), **options})

    def clean(self, value: Any) -> str:
        """Raises ValidationError for an invalid address."""
        try:
            return canonical(super().clean(value))
        except BadAddress:
            raise forms.ValidationError(_("This is not a mail address.")) from None


class PasswordField(forms.CharField):
    """A password of at most LONGEST characters, normalized so that it does not depend on the keyboard (AB-42)."""

    def __init__(self, *, label: Any, autocomplete: str, **options: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
        super().__init__(label=label, strip=False, max_length=LONGEST, widget=widget, **options)

    def clean(self, value: Any) -> str:
        """Reject a password that is too long before anything is computed with it."""
        return composed(super().clean(value))


class CodeField(forms.CharField):
    """A numeric code; phones show digits and offer codes from messages."""

    def __init__(self, **options: Any) -> None:
        attrs = {"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
        super().__init__(**{"max_length": 40, "widget": forms.TextInput(attrs=attrs), **options})


class LoginField(forms.CharField):
    """A mail address, or a login name."""

    def __init__(self, **options: Any) -> None:
        attrs = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "inputmode": "email"}
        widget = forms.TextInput(attrs=attrs)
        super().__init__(**{"max_length": 320, "widget": widget, "label": _("Mail address or login"), **options})

    def clean(self, value: Any) -> str:
        """Return the account's address; an unknown login is returned as typed and matches nobody.

        Raises ValidationError if it is neither an address nor a login.
        """
        typed = str(super().clean(value)).strip()
        try:
            if "@" in typed or not is_login(typed):
                return canonical(typed)
        except BadAddress:
            raise forms.ValidationError(_("This is not a mail address.")) from None
        person = person_named(typed)
        return (person.email if person else None) or typed


class LoginForm(allauth_forms.LoginForm):  # type: ignore[misc]  # allauth ships no types
    """Address or login, and password."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["login"] = LoginField()
        self.fields["password"] = PasswordField(label=_("Password"), autocomplete="current-password")


class SignUpForm(forms.Form):
    """Self-registration. The password is set after following the mailed link."""

    name = forms.CharField(label=_("Name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = AddressField()


class CodeRequestForm(forms.Form):
    """The address to mail a login code to. `owner`: its person, None if unknown."""

    email = AddressField(help_text=_("The address from which you write to the support."))
    owner: Person | None = None

    def clean_email(self) -> str:
        """Throttle by address, known or not. Raises ValidationError."""
        email: str = self.cleaned_data["email"]
        if not ratelimit.consume(context.request, action="request_login_code", key=email):
            raise forms.ValidationError(_("A code was asked for just now. Wait a minute, then try again."))
        person = person_by_address(email)
        self.owner = person if person is not None and person.is_active else None
        return email


class CodeForm(allauth_forms.ConfirmLoginCodeForm):  # type: ignore[misc]
    """The code from the mail."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["code"] = CodeField(label=_("Code from the mail"))

    def clean_code(self) -> str:
        """Raises ValidationError for a wrong code. Three attempts, even if concurrent."""
        stage = context.request._login_stage
        person = stage.login.user
        secret = f"{context.request.session.session_key} {stage.state.get('at')}"
        code: str = check_guess(context.request, "code", person, self._right_code, secret=secret)
        if person is not None:
            forget_attempts(context.request, person)
        return code

    def _right_code(self) -> str:
        code: str = self.cleaned_data["code"]
        person = context.request._login_stage.login.user
        right = compare_user_code(actual=code, expected=self.expected_code)
        if not right or person is None or not is_code_live(person=person, code=code, at=timezone.now()):
            raise forms.ValidationError(_("This code is not right."))
        return code


class ForgotForm(allauth_forms.ResetPasswordForm):  # type: ignore[misc]
    """The address to mail a password-reset link to."""

    email = AddressField(help_text=_("The address from which you write to the support."))


class _TwoPasswords(forms.Form):
    password1 = PasswordField(label=_("New password"), autocomplete="new-password")
    password2 = PasswordField(label=_("The same password again"), autocomplete="new-password")
    user: Any = None

    def __init__(self, *args: Any, user: Any = None, **options: Any) -> None:
        self.user = user
        super().__init__(*args, **options)
        rules = format_html_join("", '<li data-rule="{}">{}</li>', rules_in_words(user))
        tip = _("A few words that are easy to remember make a good password.")
        self.fields["password1"].help_text = format_html('<ul class="password-rules">{}</ul>{}', rules, tip)

    def clean_password1(self) -> str:
        """Raises ValidationError for the first rule that the password breaks."""
        password: str = self.cleaned_data["password1"]
        for code, message in troubles(password, self.user):
            raise forms.ValidationError(message, code=code)
        return password

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, second = cleaned.get("password1"), cleaned.get("password2")
        if first and second and first != second:
            self.add_error("password2", _("The two passwords differ."))
        return cleaned


class NewPasswordForm(_TwoPasswords):
    """A new password after following a mailed link, for activation and reset. allauth's view uses it for the latter."""

    def __init__(self, *args: Any, temp_key: str = "", **options: Any) -> None:
        super().__init__(*args, **options)

    def save(self) -> None:
        """Reset the password; called by allauth."""
        reset_password(person=self.user, at=timezone.now(), password=self.cleaned_data["password1"])


class FirstPasswordForm(_TwoPasswords):
    """A password for a logged-in person who has none: they use mailed codes, a passkey or single sign-on."""

    def save(self) -> None:
        """Set the person's password. The form must be valid."""
        change_password(person=self.user, at=timezone.now(), password=self.cleaned_data["password1"])


class ChangePasswordForm(_TwoPasswords):
    """A new password for whoever knows the old one (AB-35)."""

    oldpassword = PasswordField(label=_("Current password"), autocomplete="current-password")
    field_order = ("oldpassword", "password1", "password2")

    def clean_oldpassword(self) -> str:
        """Raises ValidationError for a wrong one."""
        old: str = self.cleaned_data["oldpassword"]
        check_guess(context.request, "password", self.user, lambda: self._require(old))
        return old

    def _require(self, old: str) -> None:
        if not self.user.check_password(old):
            raise forms.ValidationError(_("This is not your current password."))

    def save(self) -> None:
        """Change the person's password. The form must be valid."""
        change_password(person=self.user, at=timezone.now(), password=self.cleaned_data["password1"])
