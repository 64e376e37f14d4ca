"""The key in a password-reset link: it is invalidated by a new password, address or login, and on demand."""

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.tokens import PasswordResetTokenGenerator

from otklik.people.models import Person


class ResetKeys(PasswordResetTokenGenerator):
    """Django's generator, also covering the person's addresses and `reset_epoch`, whose increment voids all keys
    (AB-29)."""

    def check_token(self, user: Any, token: str | None) -> bool:
        """Like Django's; also False if the person was deactivated after the mail was sent."""
        return user is not None and user.is_active and super().check_token(user, token)

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        value = super()._make_hash_value(user, timestamp)
        emails = {user.email or "", *EmailAddress.objects.filter(user_id=user.pk).values_list("email", flat=True)}
        # Read afresh: the loaded object may predate a voided link.
        epoch = Person.objects.filter(pk=user.pk).values_list("reset_epoch", flat=True).first()
        return f"{value}{'|'.join(sorted(emails))}{epoch}"
