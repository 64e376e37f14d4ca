"""The key in a password-reset link: it is invalidated by a new password, address or login, and on demand."""

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.tokens import PasswordResetTokenGenerator

from otklik.people.models import Person


class ResetKeys(PasswordResetTokenGenerator):
    """Django's, over the person's addresses and `reset_epoch`, too: raising that voids every key under way (AB-29)."""

    def check_token(self, user: Any, token: str | None) -> bool:
        """Also False for whoever was deactivated after the mail went out."""
        return user is not None and user.is_active and super().check_token(user, token)

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        value = super()._make_hash_value(user, timestamp)
        emails = {user.email or "", *EmailAddress.objects.filter(user_id=user.pk).values_list("email", flat=True)}
        # The row's own: what a page loaded may be older than a link that was voided meanwhile.
        epoch = Person.objects.filter(pk=user.pk).values_list("reset_epoch", flat=True).first()
        return f"{value}{'|'.join(sorted(emails))}{epoch}"
