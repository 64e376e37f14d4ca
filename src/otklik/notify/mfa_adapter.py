"""allauth's MFA adapter, for second factors and passkeys."""

from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from otklik.core.encryption import seal, unseal


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """allauth's adapter with encrypted secrets (rule R12), and the site's name rather than the request's Host."""

    error_messages: dict[str, Any] = {  # allauth reads it as an attribute of the class
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is not right."),
        "unverified_email": _("First confirm your mail address: log in once by a code that we mail to you."),
    }

    def encrypt(self, text: str) -> str:
        """The secret encrypted for storage."""
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Decrypt a stored secret. Raises UnableToUnseal."""
        return unseal(encrypted_text)

    def _get_site_name(self) -> str:
        return str(settings.SITE_NAME)
