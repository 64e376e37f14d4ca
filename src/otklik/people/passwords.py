"""Password rules that Django does not bring."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

LONGEST = 1024


class MaximumLength:
    """Refuse what would only cost hashing time (AB-42); everything up to the limit counts, nothing is cut off."""

    def validate(self, password: str, user: object = None) -> None:
        """Raise ValidationError for more than LONGEST characters."""
        if len(password) > LONGEST:
            raise ValidationError(
                ngettext(
                    "The password may have at most %(count)d character.",
                    "The password may have at most %(count)d characters.",
                    LONGEST,
                )
                % {"count": LONGEST},
                code="password_too_long",
            )

    def get_help_text(self) -> str:
        return _("Any characters are allowed, spaces too.")
