"""allauth's MFA adapter, for second factors and passkeys."""

from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from otklik.core.encryption import seal, unseal


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """Secrets lie encrypted in the database (rule R12); names are the site's, not the request's Host."""

    error_messages: dict[str, Any] = {  # allauth reads it as an attribute of the class
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is not right."),
        "unverified_email": _("First confirm your mail address: log in once by a code that we mail to you."),
    }

    def encrypt(self, text: str) -> str:
        """The secret encrypted for storage."""
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """The secret again. Raises UnableToUnseal."""
        return unseal(encrypted_text)

    def _get_site_name(self) -> str:
        return str(settings.SITE_NAME)
